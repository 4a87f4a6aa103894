//! Forms as workbooks, as lists of their parts. What is promised: a form or errors with their cells, never both, and what is read may be
//! published.

use super::roster::{PART_ENDS, PARTS, packed};
use super::{Seen, roughly, seen};
use crate::workbook;
use std::io::Cursor;
use zoufang_domain::form::check::problems;
use zoufang_sync_server::import::form::{self, SHEETS};
use zoufang_sync_server::import::limits::ERRORS_KEPT_MAX_COUNT;

pub(super) const WORDS: &[&str] = &[
    "select_one kinds",
    "select_multiple kinds",
    "integer",
    "yes_no",
    "note",
    "begin group",
    "label::English (en)",
    "relevant",
    "constraint",
    "purpose",
    "retention_days",
    "appearance",
    "list_name",
    "form_id",
    "${a} = 1",
    "selected(${a}, &apos;x&apos;)",
    "身份证号",
    "<row r=\"9\">",
    "t=\"inlineStr\"",
    "<is><t>",
    "<mergeCell ref=\"A1:A9\"/>",
    "&#x10FFFF;",
    "survey",
    "choices",
    "settings",
];

pub(super) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let parts = parts();
    vec![("xlsx", packed(&parts).expect("the parts pack")), ("xlsx-parts", parts)]
}

fn parts() -> Vec<u8> {
    let settings: &[&[&str]] = &[&["form_id", "form_title"], &["safety", "测试安全检查"]];
    let survey: &[&[&str]] = &[
        &[
            "type",
            "name",
            "label",
            "label::English (en)",
            "required",
            "relevant",
            "constraint",
            "purpose",
            "retention_days",
        ],
        &["yes_no", "gas", "有燃气吗", "Gas?", "yes", "", "", "测试", ""],
        &["select_one kinds", "which", "哪一种", "", "", "${gas} = true()", "", "测试", "30"],
        &["integer", "people", "几人", "", "", "selected(${which}, 'a')", ". &gt;= 0 and . &lt; 20", "测试", ""],
    ];
    let choices: &[&[&str]] = &[&["list_name", "name", "label"], &["kinds", "a", "瓶装"], &["kinds", "b", "管道"]];
    let [first, second, third] = SHEETS;
    let mut bytes = PARTS.to_vec();
    for (name, content) in workbook::parts(&[(first, settings), (second, survey), (third, choices)]) {
        bytes.extend_from_slice(format!("{name}\n{content}").as_bytes());
        bytes.extend_from_slice(PART_ENDS);
    }
    bytes
}

pub(super) fn run(input: &[u8]) -> Seen {
    let workbook = packed(input);
    match form::read(Cursor::new(workbook.as_deref().unwrap_or(input))) {
        Err(error) => seen(error.id().to_string()),
        Ok(read) => {
            assert_eq!(read.form.is_some(), read.errors_count == 0, "a form or errors");
            assert!(read.errors.len() == read.errors_count.min(ERRORS_KEPT_MAX_COUNT));
            if let Some(wanted) = &read.form {
                assert_eq!(problems(&wanted.clone().as_version(1)), [], "what is read may be published");
                return seen(("form", roughly(wanted.fields.len())));
            }
            let told: Vec<_> = read.errors.iter().take(4).map(|error| (error.sheet, error.error.message.id)).collect();
            seen((told, roughly(read.errors_count)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_inputs_are_forms() {
        for (name, bytes) in seeds() {
            let workbook = packed(&bytes).unwrap_or(bytes);
            let read = form::read(Cursor::new(workbook)).expect("a workbook");
            assert!(read.form.is_some(), "{name}: {:?}", read.errors);
        }
    }
}
