//! Conditions of forms: a small part of the expressions of XLSForm, with an evaluator that always comes to an end. An expression is read
//! once into a bounded list of steps; evaluating runs over the list once and has an answer for every combination of values.
//!
//! | what | how |
//! |---|---|
//! | another field's answer | `${field}` |
//! | the answer itself, in limits | `.` |
//! | literals | `12`, `0.5`, `'text'`, `"text"`, `true()`, `false()` |
//! | comparison | `=` `!=` `<` `<=` `>` `>=` |
//! | joining | `and` `or` `not(…)` `(…)` |
//! | numbers | `+` `-` |
//! | choices | `selected(${field}, 'choice')` |
//!
//! A field that was not answered, or is not shown, reads as an empty text. Texts that are numbers compare as numbers where a number stands
//! on either side; days compare as days; any other order of texts is false. `yes_no` reads as `true()` or `false()`, and equals `'yes'` or
//! `'no'`.

use super::syntax;
pub use super::syntax::{EXPRESSION_MAX_CHARS, OPEN_MAX_COUNT, STEPS_MAX_COUNT};
use chrono::NaiveDate;
use std::cmp::Ordering;

/// Largest number, either way of nought.
pub const NUMBER_MAX: i64 = 1_000_000_000;
/// Numbers are kept in ten-thousandths, so that they add up as people reckon.
pub const TEN_THOUSANDTHS: i64 = 10_000;

/// An expression that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    steps: Vec<Step>,
}

/// Why an expression does not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what:?} at character {at}")]
pub struct ExpressionError {
    /// At which character, from 1.
    pub at: usize,
    /// What is wrong there.
    pub what: ErrorKind,
}

/// What is wrong with an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Over [`EXPRESSION_MAX_CHARS`] or [`STEPS_MAX_COUNT`].
    TooLong,
    /// Over [`OPEN_MAX_COUNT`] open operators and parentheses.
    TooDeep,
    /// A character, word or function that is not supported.
    Unknown,
    /// A text without its closing quote.
    TextNotClosed,
    /// A number over [`NUMBER_MAX`] or with more than four decimals.
    NumberShape,
    /// A value is missing: the expression begins, ends or goes on without one.
    ValueExpected,
    /// An operator is missing, or a closing parenthesis stands alone.
    OperatorExpected,
    /// A parenthesis is not closed.
    ParenthesisNotClosed,
}

/// What an answer is while it is reckoned with.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Not answered, or not shown.
    Empty,
    /// Yes or no.
    Bool(bool),
    /// A number, in ten-thousandths.
    Number(i64),
    /// Words, a choice, or a day as 2026-01-31.
    Text(String),
    /// Choices.
    Many(Vec<String>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Number(i64),
    Text(String),
    Bool(bool),
    Field(String),
    Own,
    /// Whether a field (none: the answer itself) has chosen that.
    Selected(Option<String>, String),
    Not,
    Negate,
    Add,
    Subtract,
    Compare(Test),
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Test {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong, and at which character.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        syntax::parse(text).map(|steps| Expression { steps })
    }
    /// The fields that it asks for, each time that it does.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match step {
            Step::Field(name) | Step::Selected(Some(name), _) => Some(name.as_str()),
            _ => None,
        })
    }
    /// The choices that it asks for by name: field (none for the answer itself) and choice.
    pub fn choices(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        self.steps.iter().filter_map(|step| match step {
            Step::Selected(field, choice) => Some((field.as_deref(), choice.as_str())),
            _ => None,
        })
    }
    /// Whether it asks for the answer itself (`.`), as only limits can.
    pub fn asks_for_own(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Own | Step::Selected(None, _)))
    }
    /// Whether it holds, given the answer itself and how to find the others. Always comes to an end: one turn for each step.
    pub fn holds<'v>(&self, own: &Value, find: &dyn Fn(&str) -> Option<&'v Value>) -> bool {
        let mut stack: Vec<Value> = Vec::with_capacity(8);
        for step in &self.steps {
            let value = match step {
                Step::Number(number) => Value::Number(*number),
                Step::Text(text) => Value::Text(text.clone()),
                Step::Bool(bool) => Value::Bool(*bool),
                Step::Field(name) => find(name).cloned().unwrap_or(Value::Empty),
                Step::Own => own.clone(),
                Step::Selected(field, choice) => {
                    let of = field.as_ref().map_or(Some(own), |name| find(name));
                    Value::Bool(of.is_some_and(|of| of.has_chosen(choice)))
                }
                Step::Not => Value::Bool(!pop(&mut stack).is_true()),
                Step::Negate => sum(Some(0), pop(&mut stack).number().and_then(i64::checked_neg)),
                Step::Add | Step::Subtract => {
                    let right = pop(&mut stack).number();
                    let right = if *step == Step::Subtract { right.and_then(i64::checked_neg) } else { right };
                    sum(pop(&mut stack).number(), right)
                }
                Step::Compare(test) => {
                    let right = pop(&mut stack);
                    Value::Bool(test.holds(&pop(&mut stack), &right))
                }
                Step::And => {
                    let right = pop(&mut stack).is_true();
                    Value::Bool(pop(&mut stack).is_true() && right)
                }
                Step::Or => {
                    let right = pop(&mut stack).is_true();
                    Value::Bool(pop(&mut stack).is_true() || right)
                }
            };
            stack.push(value);
        }
        pop(&mut stack).is_true()
    }
}

/// The parser leaves two values before each step that takes two; an empty stack would still be an answer.
fn pop(stack: &mut Vec<Value>) -> Value {
    stack.pop().unwrap_or(Value::Empty)
}

/// A sum with something that is no number is none, and neither is one that no answer could have.
fn sum(left: Option<i64>, right: Option<i64>) -> Value {
    let sum = left.zip(right).and_then(|(left, right)| left.checked_add(right));
    sum.map_or(Value::Empty, Value::Number)
}

impl Value {
    /// A number in ten-thousandths, from an answer; `None` over [`NUMBER_MAX`]. Decimals after the fourth are rounded.
    pub fn from_number(number: &serde_json::Number) -> Option<Self> {
        if let Some(whole) = number.as_i64() {
            let fits = (-NUMBER_MAX..=NUMBER_MAX).contains(&whole);
            return fits.then(|| Value::Number(whole * TEN_THOUSANDTHS));
        }
        let number = number.as_f64().filter(|number| number.abs() <= NUMBER_MAX as f64)?;
        Some(Value::Number((number * TEN_THOUSANDTHS as f64).round() as i64))
    }
    fn is_true(&self) -> bool {
        match self {
            Value::Empty => false,
            Value::Bool(bool) => *bool,
            Value::Number(number) => *number != 0,
            Value::Text(text) => !text.is_empty(),
            Value::Many(chosen) => !chosen.is_empty(),
        }
    }
    fn number(&self) -> Option<i64> {
        match self {
            Value::Number(number) => Some(*number),
            Value::Text(text) => match text.strip_prefix('-') {
                Some(rest) => syntax::decimal(rest).map(|number| -number),
                None => syntax::decimal(text),
            },
            Value::Empty | Value::Bool(_) | Value::Many(_) => None,
        }
    }
    fn has_chosen(&self, choice: &str) -> bool {
        match self {
            Value::Many(chosen) => chosen.iter().any(|one| one == choice),
            Value::Text(text) => text == choice,
            Value::Bool(bool) => yes_no(*bool) == choice,
            Value::Empty | Value::Number(_) => false,
        }
    }
    /// As words, to be equal to others; several choices stand beside each other as in XLSForm.
    fn words(&self) -> String {
        match self {
            Value::Empty => String::new(),
            Value::Bool(bool) => yes_no(*bool).to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Text(text) => text.clone(),
            Value::Many(chosen) => chosen.join(" "),
        }
    }
}

fn yes_no(bool: bool) -> &'static str {
    if bool { "yes" } else { "no" }
}

impl Test {
    fn holds(self, left: &Value, right: &Value) -> bool {
        match self {
            Test::Equal => equal(left, right),
            Test::NotEqual => !equal(left, right),
            Test::Less => order(left, right) == Some(Ordering::Less),
            Test::Greater => order(left, right) == Some(Ordering::Greater),
            Test::AtMost => matches!(order(left, right), Some(Ordering::Less | Ordering::Equal)),
            Test::AtLeast => matches!(order(left, right), Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(_), _) | (_, Value::Number(_)) => left.number().is_some() && left.number() == right.number(),
        _ => left.words() == right.words(),
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    if let (Some(left), Some(right)) = (left.number(), right.number()) {
        return Some(left.cmp(&right));
    }
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(day(left)?.cmp(&day(right)?)),
        _ => None,
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}
