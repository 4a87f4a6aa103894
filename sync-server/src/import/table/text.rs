//! Cell texts as people type them: full-width digits, ideographic blanks, invisible characters.

/// Brings `raw` into the form that is compared and stored: no blanks at the ends, one blank between words, digits and Latin
/// letters of half width. The result replaces what `out` holds.
pub(super) fn normalise(raw: &str, out: &mut String) {
    out.clear();
    let mut blank = false;
    for letter in raw.trim_matches(|letter: char| letter.is_whitespace() || is_invisible(letter)).chars() {
        if letter.is_whitespace() && !letter.is_control() {
            blank = true;
            continue;
        }
        if std::mem::take(&mut blank) {
            out.push(' ');
        }
        out.push(half_width(letter));
    }
}

/// Whether a text holds a character that nobody typed on purpose: controls and line breaks, invisible and direction marks
/// (a name can be made to look like another with them), and the mark of text that was decoded wrongly.
pub(super) fn holds_control(text: &str) -> bool {
    text.chars().any(|letter| letter.is_control() || is_invisible(letter) || letter == '\u{FFFD}')
}

fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// `０`–`９`, `Ａ`–`Ｚ` and `ａ`–`ｚ` in half width; everything else as it is, because full-width brackets and commas are right in
/// Chinese names.
fn half_width(letter: char) -> char {
    match letter {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(letter as u32 - 0xFEE0).unwrap_or(letter),
        _ => letter,
    }
}

/// A number as text: `13.0` is `13`. None when it has more digits than a spreadsheet keeps (15), so that its last ones are wrong.
pub(super) fn number_text(number: f64) -> Option<String> {
    const EXACT_BELOW: f64 = 1e15;
    if !number.is_finite() || number.abs() >= EXACT_BELOW {
        return None;
    }
    Some(if number.fract() == 0.0 { format!("{}", number as i64) } else { format!("{number}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(raw: &str) -> String {
        let mut out = "before".to_owned();
        normalise(raw, &mut out);
        out
    }

    #[test]
    fn full_width_becomes_half_width() {
        assert_eq!(normal("　Ａ座１２　 号\u{A0}楼（东） \r\n"), "A座12 号 楼（东）");
        assert_eq!(normal("\u{FEFF}１３８００００００００\u{200B}"), "13800000000");
        assert_eq!(normal(" \u{3000}\t"), "");
    }

    #[test]
    fn keeps_and_finds_what_hides_inside() {
        for raw in ["测试\n甲", "测试\u{202E}甲", "测试\u{200B}甲", "测\u{FFFD}甲", "测试\t甲", "测\u{0}试"]
        {
            assert!(holds_control(&normal(raw)), "{raw:?}");
        }
        assert!(!holds_control(&normal("测试甲 (乙)·ａ")));
    }

    #[test]
    fn numbers_are_whole_or_refused() {
        assert_eq!(number_text(13_800_000_000.0).as_deref(), Some("13800000000"));
        assert_eq!(number_text(140_303_007_006.0).as_deref(), Some("140303007006"));
        assert_eq!(number_text(-1.0).as_deref(), Some("-1"));
        assert_eq!(number_text(2.5).as_deref(), Some("2.5"));
        assert_eq!(number_text(1e15), None);
        assert_eq!(number_text(f64::NAN), None);
    }
}
