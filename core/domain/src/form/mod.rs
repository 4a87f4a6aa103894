//! Forms 表单: what a visit asks beside its own fields, as data of the unit that sets it. A definition is one version of one form and never
//! changes: drafts and visits name form and version, and what was asked stays readable as it was asked.
//!
//! Reading order: [`FormDefinition`]; [`check`] (what may be published); [`expression`] (conditions); [`answers`] (what a visit says).

pub mod answers;
pub mod check;
pub mod expression;
mod syntax;

use crate::message::Language;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One version of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormDefinition {
    /// The form's id, the same in all its versions and the only one of that id in a deployment.
    pub form: String,
    /// Which version, from 1.
    pub version: u32,
    /// What people call it.
    pub name: String,
    /// What it asks, in the order in which it is asked.
    pub fields: Vec<FormField>,
    /// Last day on which it is offered, once it was withdrawn. Drafts and visits that name it stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
}

/// One thing that a form asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormField {
    /// Stable id: answers are kept under it, and a later version that asks the same uses it again.
    pub id: String,
    /// What kind of answer it takes.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// The question.
    pub label: Wording,
    /// What to know when asking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Wording>,
    /// What may be chosen; of `one_of` and `many_of` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Whether a visit that took place cannot be saved without it, while it is shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether only whole numbers are answers; of `number` only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// When it is asked ([`expression`]); always if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_when: Option<String>,
    /// What an answer must keep to ([`expression`], the answer itself is `.`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<String>,
    /// What is said when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits_message: Option<Wording>,
    /// What the answer is for: nothing is asked without it. Empty for a `note`, which asks nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// Days for which the answer is kept; as long as the visit if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u16>,
}

/// The kinds of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// 文字: words.
    Text,
    /// 数字: a number, of at most [`expression::NUMBER_MAX`], four decimals counting.
    Number,
    /// 是否: yes or no.
    YesNo,
    /// 单选: one of the choices.
    OneOf,
    /// 多选: any of the choices.
    ManyOf,
    /// 日期: a day.
    Date,
    /// 照片: ids of pictures taken with the visit.
    Photo,
    /// 说明: a text that is shown and asks nothing.
    Note,
}

impl FieldType {
    /// All kinds.
    pub const ALL: [FieldType; 8] = [
        FieldType::Text,
        FieldType::Number,
        FieldType::YesNo,
        FieldType::OneOf,
        FieldType::ManyOf,
        FieldType::Date,
        FieldType::Photo,
        FieldType::Note,
    ];
    /// Whether it takes its answer from choices.
    pub fn chooses(self) -> bool {
        matches!(self, FieldType::OneOf | FieldType::ManyOf)
    }
}

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Stable id: what an answer says.
    pub id: String,
    /// What people read.
    pub label: Wording,
}

/// A text for people in Chinese and, where it was written, in English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// Chinese.
    pub zh: String,
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Wording {
    /// The text in a language; the Chinese where there is no other.
    pub fn text(&self, language: Language) -> &str {
        match (language, &self.en) {
            (Language::En, Some(en)) => en,
            _ => &self.zh,
        }
    }
}

impl FormDefinition {
    /// The field with that id.
    pub fn field(&self, id: &str) -> Option<&FormField> {
        self.fields.iter().find(|field| field.id == id)
    }
}

/// The record of one version of a form, the same on every phone and on the server. The unit is not in it: a form's id belongs to one unit.
pub fn definition_id(form: &str, version: u32) -> Uuid {
    crate::ids::derived(&["form_definition", form, &version.to_string()])
}

/// Whether a text can be an id of a form, a field or a choice: at most [`check::ID_MAX_CHARS`] of `A`–`Z`, `a`–`z`, `0`–`9`, `_`, and `-`
/// after the first.
pub fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= check::ID_MAX_CHARS
        && text.bytes().next().is_some_and(plain)
        && text.bytes().all(|byte| plain(byte) || byte == b'-')
}
