//! From the names in a header row to the fields that an import wants.
//!
//! A name is compared without blanks, line breaks, marks such as `*` and remarks in brackets, and in small letters, so that
//! `*联系 电话（必填）` is `联系电话`. Columns that no field asks for are named in the report and never read.

use super::limits::HEADER_MAX_CHARS;
use super::messages::{Message, MessageId};
use super::report::{Column, IgnoredColumn, RowError};

/// A field and the headers that mean it.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The headers as [`header_key`] forms them, best first: when two columns mean the same, the better name is used.
    pub headers: &'static [&'static str],
    /// Whether a header row must have it.
    pub required: bool,
}

/// Which column holds which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The row of the header, from 1.
    pub header_row: u32,
    /// For each field its column, from 0, and the column's name.
    pub columns: Vec<Option<(usize, Column)>>,
    /// Columns that hold no field, or that must not be read.
    pub ignored: Vec<IgnoredColumn>,
}

impl Layout {
    /// An error in `field` of `row`.
    pub fn error(&self, row: u32, field: usize, message: impl Into<Message>) -> RowError {
        let column = self.columns.get(field).cloned().flatten().map(|(_, column)| column);
        RowError { row, column, message: message.into() }
    }

    /// For each of the `width` columns of the header the field it holds.
    pub(super) fn field_of_column(&self, width: usize) -> Vec<Option<usize>> {
        let mut fields = vec![None; width];
        for (field, column) in self.columns.iter().enumerate() {
            if let Some((index, _)) = column {
                fields[*index] = Some(field);
            }
        }
        fields
    }
}

/// Reads a row as a header.
///
/// # Errors
///
/// The indices of the required fields that it lacks.
pub fn match_header(row: u32, names: &[String], fields: &[Field]) -> Result<Layout, Vec<usize>> {
    let keys: Vec<String> = names.iter().map(|name| header_key(name)).collect();
    let mut matches: Vec<Option<(usize, usize)>> = vec![None; fields.len()];
    let mut meanings: Vec<Option<usize>> = vec![None; names.len()];
    for (index, key) in keys.iter().enumerate() {
        if key.is_empty() || sensitive(&names[index]).is_some() {
            continue;
        }
        let rank_in = |field: &Field| field.headers.iter().position(|header| header == key);
        let Some((field, rank)) = fields.iter().enumerate().find_map(|(at, field)| Some((at, rank_in(field)?))) else {
            continue;
        };
        meanings[index] = Some(field);
        if matches[field].is_none_or(|(_, best)| rank < best) {
            matches[field] = Some((index, rank));
        }
    }
    let missing: Vec<usize> = (0..fields.len()).filter(|at| fields[*at].required && matches[*at].is_none()).collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let column = |index: usize| Column { letter: column_letter(index), name: header_name(&names[index]) };
    let used = |index: usize| matches.iter().flatten().any(|(at, _)| *at == index);
    let mut ignored = Vec::new();
    for index in (0..names.len()).filter(|index| !keys[*index].is_empty() && !used(*index)) {
        let message = match (sensitive(&names[index]), meanings[index].and_then(|field| matches[field])) {
            (Some(id), _) => id.into(),
            (None, Some((best, _))) => Message::new(MessageId::ColumnRepeated).with("used", header_name(&names[best])),
            (None, None) => MessageId::ColumnUnknown.into(),
        };
        ignored.push(IgnoredColumn { column: column(index), message });
    }
    let columns = matches.iter().map(|found| found.map(|(index, _)| (index, column(index)))).collect();
    Ok(Layout { header_row: row, columns, ignored })
}

/// The names of `fields`, for a message: alternatives between slashes, fields between semicolons.
pub fn describe_fields<'f>(fields: impl Iterator<Item = &'f Field>) -> String {
    fields.map(|field| field.headers.join(" / ")).collect::<Vec<_>>().join("; ")
}

/// The letters above a column: 0 is `A`, 25 `Z`, 26 `AA`.
pub fn column_letter(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// The form in which headers are compared.
pub fn header_key(name: &str) -> String {
    let bare = name.trim_start_matches(is_mark);
    let cut = bare.find(['(', '（', '[', '［', '【', '〔']).filter(|at| *at > 0).unwrap_or(bare.len());
    bare[..cut].chars().filter(|letter| !is_mark(*letter)).flat_map(char::to_lowercase).collect()
}

fn is_mark(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '*' | '＊' | '★' | ':' | '：' | '_' | '-' | '\u{200B}' | '\u{FEFF}')
}

/// A header as a report repeats it.
fn header_name(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(HEADER_MAX_CHARS).collect()
}

/// Whether a column may not be collected, and what is said about it. The whole name counts, with the remark in brackets.
pub(super) fn sensitive(name: &str) -> Option<MessageId> {
    /// Words that are telling wherever they stand.
    const WORDS: [(MessageId, &[&str]); 4] = [
        (MessageId::ColumnCitizenId, &["身份证", "身份号", "公民身份", "证件号", "证件编号"]),
        (MessageId::ColumnReligion, &["宗教", "信仰", "religion"]),
        (MessageId::ColumnPolitics, &["政治", "党派", "党员", "politic"]),
        (MessageId::ColumnBiometrics, &["指纹", "人脸", "虹膜", "声纹", "fingerprint", "biometric"]),
    ];
    /// Names that are telling as a whole only: `gridnumber` holds `idnumber`.
    const CITIZEN_ID: [&str; 8] =
        ["idcard", "idcardno", "idcardnumber", "idnumber", "idno", "citizenid", "citizennumber", "identitynumber"];
    let whole: String = name.chars().filter(|letter| !is_mark(*letter)).flat_map(char::to_lowercase).collect();
    if CITIZEN_ID.contains(&whole.as_str()) {
        return Some(MessageId::ColumnCitizenId);
    }
    WORDS.into_iter().find(|(_, words)| words.iter().any(|word| whole.contains(word))).map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [Field; 3] = [
        Field { headers: &["室", "室号", "门牌"], required: true },
        Field { headers: &["电话", "手机"], required: false },
        Field { headers: &["microgrid", "gridnumber"], required: true },
    ];

    fn names(row: &[&str]) -> Vec<String> {
        row.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn letters_as_in_a_spreadsheet() {
        let letters = [0, 25, 26, 51, 52, 255, 701, 702].map(column_letter);
        assert_eq!(letters, ["A", "Z", "AA", "AZ", "BA", "IV", "ZZ", "AAA"]);
    }

    #[test]
    fn compares_names_without_decoration() {
        assert_eq!(header_key(" *联系\n电话：（必填）"), "联系电话");
        assert_eq!(header_key("Micro_Grid [code]"), "microgrid");
        assert_eq!(header_key("（备注）"), "（备注）");
        assert_eq!(header_key(""), "");
    }

    #[test]
    fn takes_the_better_of_two_names_and_names_the_rest() {
        let row = names(&["门牌", "Grid Number", "手机", "室", "备注", "", "户主身份证号", "电话", "手机"]);
        let layout = match_header(3, &row, &FIELDS).unwrap();
        let used: Vec<usize> = layout.columns.iter().flatten().map(|(index, _)| *index).collect();
        assert_eq!(used, [3, 7, 1]);
        let ignored: Vec<_> = layout.ignored.iter().map(|it| (it.column.letter.as_str(), it.message.id)).collect();
        use MessageId::{ColumnCitizenId, ColumnRepeated, ColumnUnknown};
        assert_eq!(
            ignored,
            [
                ("A", ColumnRepeated),
                ("C", ColumnRepeated),
                ("E", ColumnUnknown),
                ("G", ColumnCitizenId),
                ("I", ColumnRepeated)
            ]
        );
        assert_eq!(layout.ignored.iter().filter(|it| it.is_refused()).count(), 1);
    }

    #[test]
    fn says_which_fields_a_header_lacks() {
        assert_eq!(match_header(1, &names(&["楼栋", "手机"]), &FIELDS), Err(vec![0, 2]));
        assert_eq!(describe_fields(FIELDS[..2].iter()), "室 / 室号 / 门牌; 电话 / 手机");
    }

    #[test]
    fn a_name_that_must_not_be_collected_is_never_a_field() {
        for (name, id) in [
            ("证件号码", MessageId::ColumnCitizenId),
            ("ID Card No", MessageId::ColumnCitizenId),
            ("联系人（身份证姓名）", MessageId::ColumnCitizenId),
            ("宗教信仰", MessageId::ColumnReligion),
            ("政治 面貌", MessageId::ColumnPolitics),
            ("是否党员", MessageId::ColumnPolitics),
            ("人脸照片", MessageId::ColumnBiometrics),
        ] {
            assert_eq!(sensitive(name), Some(id), "{name}");
        }
        assert_eq!(sensitive("Grid Number"), None);
    }
}
