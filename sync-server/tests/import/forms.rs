//! Forms as workbooks in a part of XLSForm.

use std::io::Cursor;

use rust_xlsxwriter::Workbook;
use zoufang_domain::form::check::problems;
use zoufang_domain::form::{FieldType, Wording};
use zoufang_sync_server::import::form::{self, FormFile};
use zoufang_sync_server::import::messages::Language;
use zoufang_sync_server::import::report::ImportError;

use super::write_rows;

type Sheet<'a> = (&'a str, &'a [&'a [&'a str]]);

const SETTINGS: Sheet<'_> = ("settings", &[&["form_id", "form_title"], &["safety", "测试安全检查"]]);
const SURVEY: Sheet<'_> = (
    "survey",
    &[
        &[
            "type",
            "name",
            "label",
            "label::English (en)",
            "required",
            "relevant",
            "constraint",
            "constraint_message",
            "purpose",
            "retention_days",
            "appearance",
        ],
        &["note", "intro", "请逐项查看", "Look at each", "", "", "", "", "", "", ""],
        &["yes_no", "gas", "有燃气吗", "Is there gas?", "yes", "", "", "", "消防检查", "", ""],
        &["select_one kinds", "which", "哪一种", "", "true()", "${gas} = true()", "", "", "消防检查", "", ""],
        &["integer", "people", "几人", "", "", "", ". >= 0 and . <= 20", "0 到 20 人", "消防检查", "90", ""],
        &["select_multiple kinds", "seen", "看过", "", "no", "selected(${which}, '1')", "", "", "消防检查", "", ""],
        &["date", "since", "何时起", "", "", "", ". >= ‘2000-01-01’", "", "消防检查", "", ""],
        &["image", "photo", "照片", "", "", "", "", "", "消防检查", "", ""],
    ],
);
const CHOICES: Sheet<'_> = (
    "choices",
    &[
        &["list_name", "name", "label", "label::English (en)"],
        &["kinds", "1", "瓶装", "Bottle"],
        &["kinds", "2", "管道", ""],
    ],
);

fn workbook(sheets: &[Sheet<'_>]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, rows) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        write_rows(sheet, rows);
    }
    workbook.save_to_buffer().unwrap()
}

fn read(sheets: &[Sheet<'_>]) -> Result<FormFile, ImportError> {
    form::read(Cursor::new(workbook(sheets)))
}

/// Sheet, row, column letter and id of all errors.
fn told(read: &FormFile) -> Vec<(&str, u32, String, &str)> {
    assert!(read.form.is_none() || read.errors.is_empty(), "nothing is imported when anything is wrong");
    let column = |error: &form::CellError| error.error.column.as_ref().map(|it| it.letter.clone()).unwrap_or_default();
    let tell = |error| {
        let error: &form::CellError = error;
        let id = error.error.message.id.as_str().strip_prefix("import.").unwrap();
        (error.sheet, error.error.row, column(error), id)
    };
    read.errors.iter().map(tell).collect()
}

#[test]
fn a_form_is_read_with_its_choices_and_conditions() {
    let file = read(&[SURVEY, CHOICES, SETTINGS]).unwrap();
    assert_eq!(told(&file), []);
    let form = file.form.unwrap();
    assert_eq!((form.form.as_str(), form.name.as_str(), form.fields.len()), ("safety", "测试安全检查", 7));
    let [intro, gas, which, people, seen, since, photo] = &form.fields[..] else { panic!("seven") };
    assert_eq!((intro.kind, intro.purpose.as_str()), (FieldType::Note, ""));
    assert_eq!(gas.label, Wording { zh: "有燃气吗".into(), en: Some("Is there gas?".into()) });
    assert_eq!((gas.required, which.required, seen.required), (true, true, false));
    assert_eq!((which.kind, seen.kind, photo.kind), (FieldType::OneOf, FieldType::ManyOf, FieldType::Photo));
    let choices: Vec<_> = which.choices.iter().map(|it| (it.id.as_str(), it.label.en.as_deref())).collect();
    assert_eq!(choices, [("1", Some("Bottle")), ("2", None)]);
    assert_eq!(which.shown_when.as_deref(), Some("${gas} = true()"));
    assert_eq!((people.whole, people.retention_days, people.kind), (true, Some(90), FieldType::Number));
    assert_eq!(people.limits_message.as_ref().map(|it| it.zh.as_str()), Some("0 到 20 人"));
    assert_eq!(since.limits.as_deref(), Some(". >= ‘2000-01-01’"), "a spreadsheet's quotes");
    assert_eq!(problems(&form.as_version(1)), []);
}

#[test]
fn every_cell_that_is_wrong_is_named_with_what_to_do() {
    let survey: Sheet<'_> = (
        "survey",
        &[
            &[
                "type",
                "name",
                "label",
                "required",
                "relevant",
                "constraint",
                "purpose",
                "retention_days",
                "appearance",
                "bind::x",
            ],
            &["begin group", "g", "组", "", "", "", "测试", "", "", ""],
            &["text", "a b", "问题", "maybe", "${nobody} = 1", "", "", "", "", ""],
            &["select_one nowhere", "c", "", "", "", ". <", "测试", "0", "minimal", ""],
            &["select_one kinds", "d", "您的宗教信仰", "", "${e} = 'x", "", "测试", "", "", ""],
            &["text", "c", "问题", "", "selected(${d}, '3')", "", "测试", "", "", ""],
            &["text", "p", "问题", "", "${q} = 1", "", "测试", "", "", ""],
            &["text", "q", "问题", "", "${p} = 1", "", "测试", "", "", ""],
            &["note", "n", "说明", "yes", "", "", "", "", "", ""],
        ],
    );
    let choices: Sheet<'_> =
        ("choices", &[&["list_name", "name", "label"], &["kinds", "1", "一"], &["kinds", "1", ""], &["", "x", "无"]]);
    let settings: Sheet<'_> =
        ("settings", &[&["form_id", "form_title", "version"], &["安全", "", "3"], &["other", "另一个", ""]]);
    let file = read(&[survey, choices, settings]).unwrap();
    let expected = [
        ("settings", 2, "A", "form_id"),
        ("settings", 2, "B", "value_missing"),
        ("settings", 2, "C", "form_unsupported"),
        ("settings", 3, "A", "form_settings"),
        ("survey", 1, "J", "form_column"),
        ("survey", 2, "A", "form_type"),
        ("survey", 3, "B", "form_id"),
        ("survey", 3, "D", "form_required"),
        ("survey", 3, "E", "form_unknown_field"),
        ("survey", 3, "G", "form_purpose"),
        ("survey", 4, "A", "form_list"),
        ("survey", 4, "C", "value_missing"),
        ("survey", 4, "F", "form_expression_value"),
        ("survey", 4, "H", "form_retention"),
        ("survey", 4, "I", "form_unsupported"),
        ("survey", 5, "C", "form_sensitive"),
        ("survey", 5, "E", "form_expression_quote"),
        ("survey", 6, "B", "form_twice"),
        ("survey", 6, "E", "form_unknown_choice"),
        ("survey", 7, "E", "form_circular"),
        ("survey", 8, "E", "form_circular"),
        ("survey", 9, "D", "form_not_for_type"),
        ("choices", 3, "B", "form_twice"),
        ("choices", 3, "C", "value_missing"),
        ("choices", 4, "A", "value_missing"),
    ];
    assert_eq!(told(&file), expected.map(|(sheet, row, column, id)| (sheet, row, column.to_owned(), id)));
    assert_eq!(file.errors_count, expected.len());
    let zh = file.errors[16].render(Language::Chinese);
    assert_eq!(zh, "工作表 survey 第 5 行 E 列（relevant）：第 8 个字符的引号没有闭合");
    let en = file.errors[4].render(Language::English);
    assert!(en.starts_with("sheet survey, row 1, column J \"bind::x\": forms do not support"), "{en}");
}

#[test]
fn a_workbook_that_is_no_form_says_what_is_missing() {
    let id = |read: Result<FormFile, ImportError>| read.unwrap_err().id().as_str();
    assert_eq!(id(form::read(Cursor::new(b"type,name,label\ntext,a,b\n".to_vec()))), "import.form_workbook");
    assert_eq!(id(form::read(Cursor::new(Vec::new()))), "import.form_workbook");
    assert_eq!(id(form::read(Cursor::new(b"PK\x03\x04".to_vec()))), "import.xlsx_damaged");
    assert_eq!(id(read(&[SURVEY, CHOICES])), "import.sheet_missing");
    assert_eq!(id(read(&[SETTINGS, CHOICES])), "import.sheet_missing");
    assert_eq!(id(read(&[SETTINGS, SURVEY])), "import.sheet_missing", "choices are asked for");
    assert_eq!(id(read(&[SETTINGS, ("survey", &[&["type", "name"], &["text", "a"]])])), "import.headers_missing");
    let no_row = read(&[SETTINGS, ("survey", &[&["type", "name", "label"]])]).unwrap();
    assert_eq!(told(&no_row), [("survey", 1, String::new(), "form_empty")]);
    let without_choices: Sheet<'_> =
        ("survey", &[&["type", "name", "label", "purpose"], &["text", "a", "问题", "测试"]]);
    assert!(read(&[SETTINGS, without_choices]).unwrap().form.is_some());
}

#[test]
fn a_form_is_no_way_around_what_is_never_stored() {
    for label in ["请填身份证号码", "宗教信仰", "是否党员", "人脸照片", "家庭月收入", "Monthly income", "风险等级"]
    {
        let rows: &[&[&str]] = &[&["type", "name", "label", "purpose"], &["text", "a", label, "测试"]];
        assert_eq!(
            told(&read(&[SETTINGS, ("survey", rows)]).unwrap()),
            [("survey", 2, "C".to_owned(), "form_sensitive")]
        );
    }
    for label in ["收件地址", "出入口是否畅通"] {
        let rows: &[&[&str]] = &[&["type", "name", "label", "purpose"], &["text", "a", label, "测试"]];
        assert!(read(&[SETTINGS, ("survey", rows)]).unwrap().form.is_some(), "{label}");
    }
}
