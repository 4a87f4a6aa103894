//! What a visit says to a form: answers by field id, which of the fields are shown, and what is wrong with an answer.

use super::expression::{Expression, TEN_THOUSANDTHS, Value as Operand};
use super::{FieldType, FormDefinition, FormField};
use crate::operation::Fields;
use crate::order;
use crate::validate::TEXT_MAX_CHARS;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Most pictures of one field.
pub const PHOTOS_MAX_COUNT: usize = 9;
/// Most answers that a draft or visit keeps, those of fields that this phone does not know included.
pub const ANSWERS_MAX_COUNT: usize = 200;

/// A form as it was filled in: the field `form` of a visit and of its draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilledForm {
    /// The form's id.
    pub form: String,
    /// The version that was filled in. A later one changes nothing here.
    pub version: u32,
    /// Answers by field id. Shapes: text and one_of a string, number a number, yes_no a boolean, many_of a list of choices, date
    /// `2026-01-31`, photo a list of ids.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: Fields,
    /// What a newer version wrote, kept as it is.
    #[serde(flatten)]
    pub rest: Fields,
}

/// What is wrong with the answer to one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerProblem {
    /// The field's id.
    pub field: String,
    /// What is wrong.
    pub what: AnswerFault,
}

/// What can be wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnswerFault {
    /// It is required and shown, and was not answered.
    Missing,
    /// It has another shape than its type has, or a number out of bounds.
    Shape,
    /// It names a choice that there is not.
    Choice,
    /// It is too long.
    TooLong,
    /// It does not keep to the field's limits.
    Limits,
}

impl AnswerFault {
    /// All of them.
    pub const ALL: [AnswerFault; 5] =
        [AnswerFault::Missing, AnswerFault::Shape, AnswerFault::Choice, AnswerFault::TooLong, AnswerFault::Limits];
    /// The id of the message that people read.
    pub fn message_id(self) -> &'static str {
        match self {
            AnswerFault::Missing => "form.answer_missing",
            AnswerFault::Shape => "form.answer_shape",
            AnswerFault::Choice => "form.answer_choice",
            AnswerFault::TooLong => "form.answer_too_long",
            AnswerFault::Limits => "form.answer_limits",
        }
    }
}

/// Whether the answer has the shape of its field: what is asked when one answer is saved into a draft. Says nothing of limits.
///
/// # Errors
/// [`AnswerFault::Shape`], [`AnswerFault::Choice`] or [`AnswerFault::TooLong`].
pub fn check_shape(field: &FormField, answer: &Value) -> Result<(), AnswerFault> {
    operand(field, answer).map(drop)
}

/// A form's answers, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Ids of the fields that are shown, in order.
    pub shown: Vec<String>,
    /// What is wrong with fields that are shown, in order.
    pub problems: Vec<AnswerProblem>,
}

/// Says which fields are shown and what is wrong with them. `complete` asks for required answers too: an attempt at which nobody answered
/// has none. Comes to an end for every definition, also for one that was never checked.
pub fn judge(definition: &FormDefinition, answers: &Fields, complete: bool) -> Judged {
    let mut operands = BTreeMap::new();
    let mut faults = BTreeMap::new();
    for field in &definition.fields {
        match answers.get(&field.id).map_or(Ok(Operand::Empty), |answer| operand(field, answer)) {
            Ok(value) => drop(operands.insert(field.id.as_str(), value)),
            Err(fault) => drop(faults.insert(field.id.as_str(), fault)),
        }
    }
    let shown = shown(definition, &operands);
    let find = |name: &str| operands.get(name).filter(|_| shown.contains(name));
    let problem = |field: &FormField| {
        let own = operands.get(field.id.as_str()).unwrap_or(&Operand::Empty);
        let what = match faults.get(field.id.as_str()) {
            Some(fault) => *fault,
            None if is_empty(own) && field.kind != FieldType::Note => {
                return (complete && field.required).then(|| problem(field, AnswerFault::Missing));
            }
            None => match field.limits.as_ref().map(|text| Expression::parse(text)) {
                // Limits that do not read were never published by this version: they bind nobody.
                Some(Ok(limits)) if !is_empty(own) && !limits.holds(own, &find) => AnswerFault::Limits,
                _ => return None,
            },
        };
        Some(problem(field, what))
    };
    let fields = || definition.fields.iter().filter(|field| shown.contains(field.id.as_str()));
    Judged { problems: fields().filter_map(problem).collect(), shown: fields().map(|field| field.id.clone()).collect() }
}

fn problem(field: &FormField, what: AnswerFault) -> AnswerProblem {
    AnswerProblem { field: field.id.clone(), what }
}

/// Which fields are shown. The answer to a field that is not shown counts as none, so one field that goes may take others with it: as
/// many rounds as there are fields settle that, and a circle is left after them.
fn shown<'d>(definition: &'d FormDefinition, operands: &BTreeMap<&str, Operand>) -> BTreeSet<&'d str> {
    let conditions: Vec<(&str, Option<Expression>)> = definition
        .fields
        .iter()
        .map(|field| (field.id.as_str(), field.shown_when.as_ref().and_then(|text| Expression::parse(text).ok())))
        .collect();
    let mut shown: BTreeSet<&str> = order::gather(conditions.iter().map(|(id, _)| *id));
    for _ in 0..=conditions.len() {
        let find = |name: &str| operands.get(name).filter(|_| shown.contains(name));
        let holds = |condition: &Expression| condition.holds(&Operand::Empty, &find);
        let held = conditions.iter().filter(|(_, condition)| condition.as_ref().is_none_or(holds));
        let next = order::gather(held.map(|(id, _)| *id));
        if next == shown {
            break;
        }
        shown = next;
    }
    shown
}

/// The answers that a visit takes over: those of fields that are not shown stay behind, since they were given to a question that is not
/// asked; those of fields that the definition does not have are kept as they are.
pub fn kept(definition: &FormDefinition, answers: &Fields, shown: &[String]) -> Fields {
    let stays = |name: &str| definition.field(name).is_none() || shown.iter().any(|id| id == name);
    order::gather(answers.iter().filter(|(name, _)| stays(name)).map(|(name, value)| (name.clone(), value.clone())))
}

fn is_empty(operand: &Operand) -> bool {
    match operand {
        Operand::Empty => true,
        Operand::Text(text) => text.trim().is_empty(),
        Operand::Many(chosen) => chosen.is_empty(),
        Operand::Bool(_) | Operand::Number(_) => false,
    }
}

/// An answer as an expression sees it.
fn operand(field: &FormField, answer: &Value) -> Result<Operand, AnswerFault> {
    let text = || answer.as_str().ok_or(AnswerFault::Shape);
    if answer.is_null() {
        return Ok(Operand::Empty);
    }
    match field.kind {
        FieldType::Text => {
            let text = text()?;
            let fits = text.len() <= TEXT_MAX_CHARS || text.chars().count() <= TEXT_MAX_CHARS;
            if fits { Ok(Operand::Text(text.to_owned())) } else { Err(AnswerFault::TooLong) }
        }
        FieldType::Number => match answer {
            Value::Number(number) => {
                let fits = |number: &Operand| {
                    !field.whole || matches!(number, Operand::Number(number) if number % TEN_THOUSANDTHS == 0)
                };
                Operand::from_number(number).filter(fits).ok_or(AnswerFault::Shape)
            }
            _ => Err(AnswerFault::Shape),
        },
        FieldType::YesNo => answer.as_bool().map(Operand::Bool).ok_or(AnswerFault::Shape),
        FieldType::OneOf => {
            let choice = text()?;
            chosen(field, choice)?;
            Ok(Operand::Text(choice.to_owned()))
        }
        FieldType::ManyOf => {
            let choices = texts(answer)?;
            choices.iter().try_for_each(|choice| chosen(field, choice))?;
            Ok(Operand::Many(choices))
        }
        FieldType::Date => {
            let text = text()?;
            // Written one way only, so that equal days are equal texts.
            let day: NaiveDate = text.parse().map_err(|_| AnswerFault::Shape)?;
            if day.to_string() == text { Ok(Operand::Text(text.to_owned())) } else { Err(AnswerFault::Shape) }
        }
        FieldType::Photo => {
            let ids = texts(answer)?;
            if ids.len() > PHOTOS_MAX_COUNT {
                return Err(AnswerFault::TooLong);
            }
            let all_read = ids.iter().all(|id| Uuid::parse_str(id).is_ok());
            if all_read { Ok(Operand::Many(ids)) } else { Err(AnswerFault::Shape) }
        }
        FieldType::Note => Err(AnswerFault::Shape),
    }
}

/// A list of texts, each once.
fn texts(answer: &Value) -> Result<Vec<String>, AnswerFault> {
    let items = answer.as_array().ok_or(AnswerFault::Shape)?;
    let texts: Vec<String> =
        items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>().ok_or(AnswerFault::Shape)?;
    let distinct: BTreeSet<&String> = order::gather(&texts);
    if distinct.len() == texts.len() { Ok(texts) } else { Err(AnswerFault::Shape) }
}

fn chosen(field: &FormField, choice: &str) -> Result<(), AnswerFault> {
    if field.choices.iter().any(|known| known.id == choice) { Ok(()) } else { Err(AnswerFault::Choice) }
}
