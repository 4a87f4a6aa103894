//! Forms as they cross: typed answers, so that no app writes JSON. Conditions and limits do not cross; the core says what is shown.

use crate::error::CoreError;
use crate::label::Label;
use crate::message::Message;
use crate::types::Day;
use crate::words::FormFieldType;
use serde_json::Value;
use zoufang_core::views;
use zoufang_domain::form::answers::{AnswerFault, AnswerProblem, FilledForm};
use zoufang_domain::form::{Choice, FormDefinition, FormField as DomainField, Wording};
use zoufang_domain::operation::Fields;

/// One version of a form 表单. It never changes.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct FormView {
    /// The form's id, the same in all its versions.
    pub form: String,
    /// Which version, from 1.
    pub version: u32,
    /// What people call it.
    pub name: String,
    /// What it asks, in order.
    pub fields: Vec<FormField>,
    /// Last day on which it is offered, once it was withdrawn.
    pub to: Option<Day>,
}

/// One thing that a form asks.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct FormField {
    /// Stable id.
    pub id: String,
    /// What kind of answer it takes.
    pub kind: FormFieldType,
    /// The question.
    pub label: Label,
    /// What to know when asking.
    pub hint: Option<Label>,
    /// What may be chosen.
    pub choices: Vec<FormChoice>,
    /// Whether it must be answered while it is shown.
    pub required: bool,
    /// Whether only whole numbers are answers.
    pub whole: bool,
    /// What is said when the answer is out of its limits.
    pub limits_message: Option<Label>,
    /// What the answer is for, to be told to the resident who asks.
    pub purpose: String,
    /// Days for which the answer is kept; as long as the visit if not said.
    pub retention_days: Option<u32>,
}

/// One choice.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct FormChoice {
    /// What an answer says.
    pub id: String,
    /// What people read.
    pub label: Label,
}

/// A form as it was filled in.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct FormAnswers {
    /// The form's id.
    pub form: String,
    /// The version that was filled in.
    pub version: u32,
    /// The answers, by the ids of their fields.
    pub answers: Vec<FormAnswer>,
}

/// The answer to one field.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct FormAnswer {
    /// The field's id.
    pub field: String,
    /// The answer.
    pub value: AnswerValue,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum AnswerValue {
    /// Words, the id of the one choice, or a day as `2026-11-05`.
    Words {
        /// The text.
        text: String,
    },
    /// A number, at most 1,000,000,000 either way of nought.
    Amount {
        /// The number.
        number: f64,
    },
    /// Yes or no.
    YesNo {
        /// Yes.
        is: bool,
    },
    /// The ids of choices or of photos, each once.
    Several {
        /// The ids.
        ids: Vec<String>,
    },
    /// What a newer app wrote, to be kept as it is.
    Other {
        /// Its JSON.
        json: String,
    },
}

/// The form of a visit's draft.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct DraftForm {
    /// Form, version and the answers so far.
    pub filled: FormAnswers,
    /// What that version asks; nothing when it is not on this phone: the answers are then kept as they are.
    pub asked: Option<FormView>,
    /// Ids of the fields that are shown, in order.
    pub shown: Vec<String>,
    /// What stands in the way of saving, in order.
    pub problems: Vec<FormProblem>,
}

/// What is wrong with the answer to one field.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct FormProblem {
    /// The field's id.
    pub field: String,
    /// What is wrong.
    pub what: FormFault,
    /// What to say, unless the field has a `limits_message` of its own for answers out of its limits.
    pub text: Message,
}

pub use zoufang_domain::form::answers::AnswerFault as FormFault;

/// What can be wrong with an answer.
#[uniffi::remote(Enum)]
pub enum FormFault {
    /// It is required and shown, and was not answered.
    Missing,
    /// It has another shape than its field takes.
    Shape,
    /// It names a choice that there is not.
    Choice,
    /// It is too long.
    TooLong,
    /// It does not keep to the field's limits.
    Limits,
}

uniffi::custom_type!(
    /// A form as it was filled in.
    FilledForm, FormAnswers, { remote, lower: |filled| filled.into(), try_lift: |answers| Ok(filled(answers)?) }
);

fn filled(crossed: FormAnswers) -> Result<FilledForm, CoreError> {
    Ok(FilledForm {
        form: crossed.form,
        version: crossed.version,
        answers: answers_of(crossed.answers)?,
        rest: Fields::new(),
    })
}

/// Answers as the core keeps them.
pub(crate) fn answers_of(answers: Vec<FormAnswer>) -> Result<Fields, CoreError> {
    answers.into_iter().map(|answer| Ok((answer.field, answer.value.json()?))).collect()
}

impl AnswerValue {
    /// As the core keeps it.
    pub(crate) fn json(self) -> Result<Value, CoreError> {
        Ok(match self {
            AnswerValue::Words { text } => text.into(),
            // A whole number is written as one, so that the same answer is the same text on every phone.
            AnswerValue::Amount { number } if number.fract() == 0.0 && number.abs() <= 1e15 => (number as i64).into(),
            AnswerValue::Amount { number } => {
                serde_json::Number::from_f64(number).map(Value::Number).ok_or_else(|| CoreError::mend("number"))?
            }
            AnswerValue::YesNo { is } => is.into(),
            AnswerValue::Several { ids } => ids.into(),
            AnswerValue::Other { json } => serde_json::from_str(&json).map_err(|_| CoreError::mend("json"))?,
        })
    }
}

impl From<&Value> for AnswerValue {
    fn from(value: &Value) -> Self {
        let ids = |items: &Vec<Value>| -> Option<Vec<String>> {
            items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
        };
        let known = match value {
            Value::String(text) => Some(AnswerValue::Words { text: text.clone() }),
            Value::Bool(is) => Some(AnswerValue::YesNo { is: *is }),
            Value::Number(number) => number.as_f64().map(|number| AnswerValue::Amount { number }),
            Value::Array(items) => ids(items).map(|ids| AnswerValue::Several { ids }),
            Value::Null | Value::Object(_) => None,
        };
        known.unwrap_or_else(|| AnswerValue::Other { json: value.to_string() })
    }
}

impl From<FilledForm> for FormAnswers {
    fn from(filled: FilledForm) -> Self {
        let answer = |(field, value): (&String, &Value)| FormAnswer { field: field.clone(), value: value.into() };
        FormAnswers { answers: filled.answers.iter().map(answer).collect(), form: filled.form, version: filled.version }
    }
}

impl From<FormDefinition> for FormView {
    fn from(form: FormDefinition) -> Self {
        let fields = form.fields.into_iter().map(FormField::from).collect();
        FormView { form: form.form, version: form.version, name: form.name, fields, to: form.to }
    }
}

impl From<DomainField> for FormField {
    fn from(field: DomainField) -> Self {
        FormField {
            id: field.id,
            kind: field.kind,
            label: label(field.label),
            hint: field.hint.map(label),
            choices: field.choices.into_iter().map(FormChoice::from).collect(),
            required: field.required,
            whole: field.whole,
            limits_message: field.limits_message.map(label),
            purpose: field.purpose,
            retention_days: field.retention_days.map(u32::from),
        }
    }
}

impl From<Choice> for FormChoice {
    fn from(choice: Choice) -> Self {
        FormChoice { id: choice.id, label: label(choice.label) }
    }
}

/// Where nobody wrote English, the Chinese.
fn label(wording: Wording) -> Label {
    let en = wording.en.unwrap_or_else(|| wording.zh.clone());
    Label { zh: wording.zh, en }
}

impl From<views::DraftFormView> for DraftForm {
    fn from(view: views::DraftFormView) -> Self {
        DraftForm {
            filled: view.filled.into(),
            asked: view.definition.map(FormView::from),
            shown: view.shown,
            problems: view.problems.into_iter().map(FormProblem::from).collect(),
        }
    }
}

impl From<AnswerProblem> for FormProblem {
    fn from(problem: AnswerProblem) -> Self {
        let what: AnswerFault = problem.what;
        FormProblem { field: problem.field, what, text: Message::of(what.message_id()) }
    }
}
