//! The values of a roster's fields: one function a kind of field, each from a cell to a value or a message.

use super::super::FORMULA_MARKS;
use super::super::messages::{Message, MessageId};
use super::super::table::Cell;
use super::{DwellingUse, PEOPLE_MAX_COUNT};

/// The digits of a community's code.
const COMMUNITY_CODE_DIGITS: usize = 12;

/// The words for each use, the one that messages propose first.
const USES: [(DwellingUse, &[&str]); 5] = [
    (DwellingUse::Own, &["自住", "自有", "自有住房", "自有自住", "自住房", "own"]),
    (DwellingUse::Rented, &["出租", "租住", "租赁", "承租", "租房", "出租房", "rented"]),
    (DwellingUse::Vacant, &["空置", "空房", "闲置", "空置房", "vacant"]),
    (DwellingUse::Shop, &["商铺", "商用", "商业", "店铺", "门面", "门市", "shop"]),
    (DwellingUse::Other, &["其他", "其它", "other"]),
];

/// A text of at most `max` characters; empty when the cell is.
pub(super) fn parse_text(cell: &Cell, max: usize) -> Result<String, Message> {
    usable(cell)?;
    let text = &cell.text;
    if text.chars().count() > max {
        return Err(Message::new(MessageId::TextTooLong).with("max", max));
    }
    // Basements are numbered `-1` or `-102`, and such a number does nothing in a spreadsheet.
    let number =
        text.strip_prefix('-').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|it| it.is_ascii_digit()));
    if text.starts_with(FORMULA_MARKS) && !number {
        return Err(MessageId::CellFormula.into());
    }
    if holds_citizen_id(text) {
        return Err(MessageId::CellCitizenId.into());
    }
    Ok(text.clone())
}

/// A text that may not be empty.
pub(super) fn parse_required(cell: &Cell, max: usize) -> Result<String, Message> {
    let text = parse_text(cell, max)?;
    if text.is_empty() { Err(MessageId::ValueMissing.into()) } else { Ok(text) }
}

/// A person's name, if there is one. No sign of a formula is right in it, not even before digits.
pub(super) fn parse_name(cell: &Cell, max: usize) -> Result<Option<String>, Message> {
    let name = parse_text(cell, max)?;
    if name.starts_with(FORMULA_MARKS) {
        return Err(MessageId::CellFormula.into());
    }
    Ok(Some(name).filter(|name| !name.is_empty()))
}

/// A community by name, or by a code of 12 digits.
pub(super) fn parse_community(cell: &Cell, max: usize) -> Result<Option<String>, Message> {
    let community = parse_text(cell, max)?;
    if community.is_empty() {
        return Ok(None);
    }
    let is_code = community.bytes().all(|byte| byte.is_ascii_digit());
    if is_code && community.len() != COMMUNITY_CODE_DIGITS {
        return Err(MessageId::CommunityCode.into());
    }
    Ok(Some(community))
}

/// A phone number, if there is one, as bare digits: a mobile number, or a landline with its area code.
pub(super) fn parse_phone(cell: &Cell) -> Result<Option<String>, Message> {
    usable(cell)?;
    if cell.text.is_empty() {
        return Ok(None);
    }
    if holds_citizen_id(&cell.text) {
        return Err(MessageId::CellCitizenId.into());
    }
    let bare = strip_fraction(&cell.text).chars().filter(|letter| !is_phone_mark(*letter)).collect::<String>();
    let national = ["+86", "＋86", "0086"].iter().find_map(|code| bare.strip_prefix(code)).unwrap_or(&bare);
    let national = national.strip_prefix("86").filter(|rest| is_mobile(rest)).unwrap_or(national);
    if is_mobile(national) || is_landline(national) {
        return Ok(Some(national.to_owned()));
    }
    Err(MessageId::PhoneShape.into())
}

/// What people write between the digits of a phone number.
fn is_phone_mark(letter: char) -> bool {
    matches!(letter, ' ' | '-' | '－' | '–' | '—' | '‐' | '‑' | '(' | ')' | '（' | '）')
}

fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// `010` and `02x` are followed by eight digits, the other area codes (four digits) by seven or eight.
fn is_landline(digits: &str) -> bool {
    let short_area = digits.starts_with("010") || digits.starts_with("02");
    let lengths = if short_area { 11..=11 } else { 11..=12 };
    let area = digits.as_bytes().get(1).is_some_and(|byte| (b'1'..=b'9').contains(byte));
    area && digits.starts_with('0') && lengths.contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit())
}

/// How many people live in a home, if it is said.
pub(super) fn parse_people(cell: &Cell) -> Result<Option<u16>, Message> {
    usable(cell)?;
    if cell.text.is_empty() {
        return Ok(None);
    }
    if cell.filled {
        return Err(MessageId::MergedCount.into());
    }
    let bare = strip_fraction(cell.text.trim_end_matches(['人', '口']).trim_end());
    let count = Some(bare).filter(|bare| bare.bytes().all(|byte| byte.is_ascii_digit()));
    let count = count.and_then(|bare| bare.parse().ok()).filter(|count| *count <= PEOPLE_MAX_COUNT);
    count.map(Some).ok_or_else(|| Message::new(MessageId::PeopleShape).with("max", PEOPLE_MAX_COUNT))
}

/// The use of a dwelling; `other` when nothing is said.
pub(super) fn parse_use(cell: &Cell) -> Result<DwellingUse, Message> {
    usable(cell)?;
    if cell.text.is_empty() {
        return Ok(DwellingUse::Other);
    }
    let word = cell.text.to_lowercase();
    let found = USES.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(found, _)| *found);
    found.ok_or_else(|| {
        let allowed: Vec<&str> = USES.iter().map(|(_, words)| words[0]).collect();
        Message::new(MessageId::DwellingUse).with("allowed", allowed.join("、"))
    })
}

fn usable(cell: &Cell) -> Result<(), Message> {
    cell.problem.clone().map_or(Ok(()), Err)
}

/// `3.0` is `3`: programs that take a column with gaps for measurements write whole numbers so.
fn strip_fraction(text: &str) -> &str {
    text.strip_suffix(".0").unwrap_or(text)
}

/// Whether a text holds 17 digits and a check character with a birthday in the middle: the shape of a citizen number.
fn holds_citizen_id(text: &str) -> bool {
    const LENGTH: usize = 18;
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let shaped = |id: &[u8]| {
        let year = id[6..8] == *b"19" || id[6..8] == *b"20";
        let month = matches!(&id[10..12], [b'0', b'1'..=b'9'] | [b'1', b'0'..=b'2']);
        let day = matches!(&id[12..14], [b'0', b'1'..=b'9'] | [b'1' | b'2', _] | [b'3', b'0' | b'1']);
        id[..17].iter().all(is_digit)
            && (id[17].is_ascii_digit() || matches!(id[17], b'x' | b'X'))
            && year
            && month
            && day
    };
    let bytes = text.as_bytes();
    bytes.windows(LENGTH).enumerate().any(|(at, id)| {
        let apart = (at == 0 || !is_digit(&bytes[at - 1])) && bytes.get(at + LENGTH).is_none_or(|byte| !is_digit(byte));
        apart && shaped(id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> Cell {
        Cell { text: text.to_owned(), ..Cell::default() }
    }

    #[test]
    fn phones_in_the_forms_people_write() {
        for (written, digits) in [
            ("13800000000", "13800000000"),
            ("138 0000 0000", "13800000000"),
            ("138-0000-0000", "13800000000"),
            ("+86 138 0000 0000", "13800000000"),
            ("0086-13800000000", "13800000000"),
            ("8613800000000", "13800000000"),
            ("13800000000.0", "13800000000"),
            ("0353-2000000", "03532000000"),
            ("（0353）2000000", "03532000000"),
            ("+86 0353 2000000", "03532000000"),
            ("010-60000000", "01060000000"),
            ("0571 80000000", "057180000000"),
        ] {
            assert_eq!(parse_phone(&cell(written)).unwrap().as_deref(), Some(digits), "{written}");
        }
        assert_eq!(parse_phone(&cell("")), Ok(None));
    }

    #[test]
    fn what_is_no_phone() {
        for written in [
            "1380000000",
            "138000000000",
            "23800000000",
            "2000000",
            "010-6000000",
            "0053-2000000",
            "3532000000",
            "13800000000/13900000000",
            "1380000000x",
            "无",
            "0353-2000000-801",
            "=13800000000",
        ] {
            assert_eq!(parse_phone(&cell(written)).unwrap_err().id, MessageId::PhoneShape, "{written}");
        }
    }

    #[test]
    fn people_are_a_small_whole_number() {
        for (written, count) in
            [("0", Some(0)), ("30", Some(30)), ("3人", Some(3)), ("4 口", Some(4)), ("2.0", Some(2))]
        {
            assert_eq!(parse_people(&cell(written)), Ok(count), "{written}");
        }
        assert_eq!(parse_people(&cell("")), Ok(None));
        for written in ["31", "-1", "+1", "2.5", "三", "99999999999999999999", "人", "1 2"] {
            assert_eq!(parse_people(&cell(written)).unwrap_err().id, MessageId::PeopleShape, "{written}");
        }
        let filled = Cell { filled: true, ..cell("3") };
        assert_eq!(parse_people(&filled).unwrap_err().id, MessageId::MergedCount);
    }

    #[test]
    fn every_word_for_a_use_is_known_once() {
        for (meant, words) in USES {
            words.iter().for_each(|word| assert_eq!(parse_use(&cell(word)), Ok(meant), "{word}"));
        }
        assert_eq!(parse_use(&cell("")), Ok(DwellingUse::Other));
        let error = parse_use(&cell("仓库")).unwrap_err();
        assert_eq!(error.value("allowed"), Some("自住、出租、空置、商铺、其他"));
    }

    #[test]
    fn formulas_are_refused_and_basements_are_not() {
        for text in ["=1+1", "+1", "@SUM(A1)", "-1+1", "-A1", "-", "＝1", "＠甲"] {
            assert_eq!(parse_text(&cell(text), 32).unwrap_err().id, MessageId::CellFormula, "{text}");
        }
        assert_eq!(parse_text(&cell("-102"), 32).as_deref(), Ok("-102"));
        assert_eq!(parse_name(&cell("-102"), 32).unwrap_err().id, MessageId::CellFormula);
    }

    #[test]
    fn a_citizen_number_is_refused_wherever_it_stands() {
        // Not a person's: no such place as 999999.
        for text in ["999999190001010000", "测试甲99999919000101000X", "(999999200012310000)"] {
            assert_eq!(parse_text(&cell(text), 64).unwrap_err().id, MessageId::CellCitizenId, "{text}");
            assert_eq!(parse_phone(&cell(text)).unwrap_err().id, MessageId::CellCitizenId, "{text}");
        }
        // A micro-grid's code has as many digits, but no birthday in it; a longer number is something else.
        for text in ["140303007006001001", "1999999190001010000", "99999919001301000X"] {
            assert!(parse_text(&cell(text), 64).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_community_is_a_name_or_a_whole_code() {
        assert_eq!(parse_community(&cell("140303007006"), 64).unwrap().as_deref(), Some("140303007006"));
        assert_eq!(parse_community(&cell("段南沟社区"), 64).unwrap().as_deref(), Some("段南沟社区"));
        assert_eq!(parse_community(&cell("140303007"), 64).unwrap_err().id, MessageId::CommunityCode);
        assert_eq!(parse_community(&cell(""), 64), Ok(None));
    }
}
