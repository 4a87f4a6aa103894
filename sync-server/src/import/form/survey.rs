//! The sheet `survey`: one question a row.

use super::super::columns::{Field, Layout};
use super::super::messages::{Message, MessageId};
use super::super::report::ImportError;
use super::{Cells, Errors, SURVEY, bare, sheet};
use std::io::{Read, Seek};
use zoufang_domain::form::check::RETENTION_MAX_DAYS;
use zoufang_domain::form::{FieldType, FormField, is_id};

/// Headers of Chinese texts, best first.
pub(super) const ZH: &[&str] = &["labelchinese", "label中文", "labelzh", "label"];
/// Headers of English texts.
pub(super) const EN: &[&str] = &["labelenglish", "labelen"];

pub(super) const TYPE: usize = 0;
pub(super) const NAME: usize = 1;
pub(super) const LABEL: usize = 2;
const LABEL_EN: usize = 3;
pub(super) const HINT: usize = 4;
const HINT_EN: usize = 5;
pub(super) const REQUIRED: usize = 6;
pub(super) const RELEVANT: usize = 7;
pub(super) const CONSTRAINT: usize = 8;
pub(super) const CONSTRAINT_MESSAGE: usize = 9;
const CONSTRAINT_MESSAGE_EN: usize = 10;
pub(super) const PURPOSE: usize = 11;
pub(super) const RETENTION: usize = 12;
const SUPPORTED_COUNT: usize = 13;

const fn optional(headers: &'static [&'static str]) -> Field {
    Field { headers, required: false }
}

/// What can be read, then what XLSForm has beside it and must be empty here.
const FIELDS: [Field; 28] = [
    Field { headers: &["type"], required: true },
    Field { headers: &["name"], required: true },
    Field { headers: ZH, required: true },
    optional(EN),
    optional(&["hintchinese", "hint中文", "hintzh", "hint"]),
    optional(&["hintenglish", "hinten"]),
    optional(&["required"]),
    optional(&["relevant"]),
    optional(&["constraint"]),
    optional(&["constraintmessagechinese", "constraintmessage中文", "constraintmessagezh", "constraintmessage"]),
    optional(&["constraintmessageenglish", "constraintmessageen"]),
    optional(&["purpose", "收集目的"]),
    optional(&["retentiondays", "保存天数"]),
    optional(&["appearance"]),
    optional(&["calculation"]),
    optional(&["default"]),
    optional(&["choicefilter"]),
    optional(&["repeatcount"]),
    optional(&["readonly"]),
    optional(&["parameters"]),
    optional(&["trigger"]),
    optional(&["requiredmessage"]),
    optional(&["guidancehint"]),
    optional(&["image", "mediaimage"]),
    optional(&["audio", "mediaaudio"]),
    optional(&["video", "mediavideo"]),
    optional(&["autoplay"]),
    optional(&["note", "notes", "comment"]),
];

/// A question with its place.
pub(super) struct Question {
    pub(super) row: u32,
    pub(super) field: FormField,
    /// Its list of choices.
    pub(super) list: Option<String>,
}

pub(super) fn read(
    reader: &mut (impl Read + Seek),
    errors: &mut Errors,
) -> Result<(Vec<Question>, Layout), ImportError> {
    let mut questions = Vec::new();
    let layout = sheet(reader, SURVEY, &FIELDS, errors, &mut |cells| questions.push(question(cells)))?;
    Ok((questions, layout))
}

fn question(cells: &mut Cells<'_>) -> Question {
    cells.nothing_in(SUPPORTED_COUNT..FIELDS.len());
    let (kind, whole, list) = kind(cells);
    let id = cells.text(NAME).unwrap_or_default();
    let mut field = bare(id, kind);
    field.whole = whole;
    if let Some(label) = cells.wording(LABEL, LABEL_EN) {
        field.label = label;
    }
    field.hint = cells.wording(HINT, HINT_EN);
    field.limits_message = cells.wording(CONSTRAINT_MESSAGE, CONSTRAINT_MESSAGE_EN);
    field.required = required(cells);
    field.shown_when = cells.text(RELEVANT);
    field.limits = cells.text(CONSTRAINT);
    field.purpose = cells.text(PURPOSE).unwrap_or_default();
    field.retention_days = retention(cells);
    Question { row: cells.row.number, field, list }
}

/// The types by their names in XLSForm. `yes_no` is our own.
const TYPES: [(&str, FieldType, bool); 7] = [
    ("text", FieldType::Text, false),
    ("integer", FieldType::Number, true),
    ("decimal", FieldType::Number, false),
    ("yes_no", FieldType::YesNo, false),
    ("date", FieldType::Date, false),
    ("image", FieldType::Photo, false),
    ("note", FieldType::Note, false),
];
const CHOOSE_ONE: &str = "select_one";
const CHOOSE_MANY: &str = "select_multiple";

/// The kind of answer, whether only whole numbers count, and the list of choices.
fn kind(cells: &mut Cells<'_>) -> (FieldType, bool, Option<String>) {
    let text = cells.text(TYPE).unwrap_or_default();
    if let Some((_, kind, whole)) = TYPES.iter().find(|(name, ..)| *name == text) {
        return (*kind, *whole, None);
    }
    let words: Vec<&str> = text.split(' ').collect();
    match words[..] {
        [CHOOSE_ONE, list] if is_id(list) => return (FieldType::OneOf, false, Some(list.to_owned())),
        [CHOOSE_MANY, list] if is_id(list) => return (FieldType::ManyOf, false, Some(list.to_owned())),
        _ => {}
    }
    let mut allowed: Vec<String> = TYPES.iter().map(|(name, ..)| (*name).to_owned()).collect();
    allowed.extend([CHOOSE_ONE, CHOOSE_MANY].map(|name| format!("{name} LIST")));
    cells.refuse(TYPE, Message::new(MessageId::FormType).with("allowed", allowed.join(" / ")));
    // Whatever it was meant to be: the row is looked at as far as it goes.
    (FieldType::Text, false, None)
}

fn required(cells: &mut Cells<'_>) -> bool {
    match cells.text(REQUIRED).unwrap_or_default().to_lowercase().as_str() {
        "yes" | "true" | "true()" | "1" | "是" => true,
        "" | "no" | "false" | "false()" | "0" | "否" => false,
        _ => {
            cells.refuse(REQUIRED, MessageId::FormRequired);
            false
        }
    }
}

fn retention(cells: &mut Cells<'_>) -> Option<u16> {
    let text = cells.text(RETENTION)?;
    match text.parse::<u16>() {
        Ok(days) if (1..=RETENTION_MAX_DAYS).contains(&days) => Some(days),
        _ => {
            cells.refuse(RETENTION, Message::new(MessageId::FormRetention).with("max", RETENTION_MAX_DAYS));
            None
        }
    }
}
