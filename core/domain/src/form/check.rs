//! What a definition must keep to before it is published: everything is looked at, so that its author mends all of it at once.

use super::expression::{Expression, ExpressionError};
use super::{FormDefinition, FormField, Wording, is_id};
use crate::order;
use crate::validate::NAME_MAX_CHARS;
use std::collections::{BTreeMap, BTreeSet};

/// Longest id of a form, field or choice, in characters.
pub const ID_MAX_CHARS: usize = 32;
/// Most fields of a form.
pub const FORM_FIELDS_MAX_COUNT: usize = 100;
/// Most choices of a field.
pub const CHOICES_MAX_COUNT: usize = 100;
/// Longest question, hint, choice, message or purpose, in characters.
pub const WORDING_MAX_CHARS: usize = 200;
/// Longest time for which an answer is kept, in days: no longer than its visit.
pub const RETENTION_MAX_DAYS: u16 = 730;
/// Largest definition as JSON, in bytes. What the phone keeps beside it must still fit into one operation.
pub const DEFINITION_MAX_BYTES: usize = 48 * 1024;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which field, from 0 in order; `None` for the form itself.
    pub field: Option<usize>,
    /// Which choice of the field, from 0 in order.
    pub choice: Option<usize>,
    /// Which part of it.
    pub part: Part,
    /// What is wrong.
    pub what: Wrong,
}

/// The parts of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The id of the form, a field or a choice.
    Id,
    /// The version.
    Version,
    /// The name of the form.
    Name,
    /// All fields together.
    Fields,
    /// The question or what a choice is called.
    Label,
    /// The hint.
    Hint,
    /// The choices.
    Choices,
    /// Whether it is required.
    Required,
    /// Whether only whole numbers count.
    Whole,
    /// The condition.
    ShownWhen,
    /// The limits.
    Limits,
    /// What is said over the limits.
    LimitsMessage,
    /// The purpose.
    Purpose,
    /// How long the answer is kept.
    Retention,
    /// The last day.
    To,
}

impl Part {
    /// Its name in the record.
    pub fn name(self) -> &'static str {
        match self {
            Part::Id => "id",
            Part::Version => "version",
            Part::Name => "name",
            Part::Fields => "fields",
            Part::Label => "label",
            Part::Hint => "hint",
            Part::Choices => "choices",
            Part::Required => "required",
            Part::Whole => "whole",
            Part::ShownWhen => "shown_when",
            Part::Limits => "limits",
            Part::LimitsMessage => "limits_message",
            Part::Purpose => "purpose",
            Part::Retention => "retention_days",
            Part::To => "to",
        }
    }
}

/// What is wrong with a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is empty or missing.
    Missing,
    /// Over so many characters, bytes, entries or days.
    TooMuch(usize),
    /// No id ([`is_id`]).
    NoId,
    /// The id stands twice.
    Twice,
    /// It means nothing for this type of field.
    NotForType,
    /// The expression does not read.
    Expression(ExpressionError),
    /// The expression asks for a field that the form does not have.
    UnknownField(String),
    /// The expression asks for a choice that the field does not have.
    UnknownChoice(String),
    /// The condition asks for its own answer.
    OwnAnswer,
    /// The conditions of these fields wait for each other.
    Circular,
}

/// Everything that is wrong with a definition, fields in order; empty when it may be published.
pub fn problems(definition: &FormDefinition) -> Vec<Problem> {
    let mut found = Found { definition, problems: Vec::new() };
    found.form();
    let mut seen = BTreeSet::new();
    for (at, field) in definition.fields.iter().enumerate() {
        if !seen.insert(field.id.as_str()) {
            found.add(Some(at), None, Part::Id, Wrong::Twice);
        }
        found.field(at, field);
    }
    for at in circular(definition) {
        found.add(Some(at), None, Part::ShownWhen, Wrong::Circular);
    }
    found.problems
}

struct Found<'d> {
    definition: &'d FormDefinition,
    problems: Vec<Problem>,
}

impl Found<'_> {
    fn add(&mut self, field: Option<usize>, choice: Option<usize>, part: Part, what: Wrong) {
        self.problems.push(Problem { field, choice, part, what });
    }
    fn form(&mut self) {
        let definition = self.definition;
        self.id(None, None, &definition.form);
        self.text(None, None, Part::Name, &definition.name, NAME_MAX_CHARS);
        if definition.version == 0 {
            self.add(None, None, Part::Version, Wrong::Missing);
        }
        match definition.fields.len() {
            0 => self.add(None, None, Part::Fields, Wrong::Missing),
            count if count > FORM_FIELDS_MAX_COUNT => {
                self.add(None, None, Part::Fields, Wrong::TooMuch(FORM_FIELDS_MAX_COUNT));
            }
            _ => {}
        }
        let size_bytes = serde_json::to_string(definition).map_or(usize::MAX, |text| text.len());
        if size_bytes > DEFINITION_MAX_BYTES {
            self.add(None, None, Part::Fields, Wrong::TooMuch(DEFINITION_MAX_BYTES));
        }
    }
    fn field(&mut self, at: usize, field: &FormField) {
        let here = Some(at);
        self.id(here, None, &field.id);
        self.wording(here, None, Part::Label, Some(&field.label));
        self.wording(here, None, Part::Hint, field.hint.as_ref());
        self.wording(here, None, Part::LimitsMessage, field.limits_message.as_ref());
        self.choices(at, field);
        let asks = field.kind != super::FieldType::Note;
        if asks {
            self.text(here, None, Part::Purpose, &field.purpose, WORDING_MAX_CHARS);
        } else {
            let idle = [(field.required, Part::Required), (field.limits.is_some(), Part::Limits)];
            idle.iter().filter(|(is, _)| *is).for_each(|(_, part)| self.add(here, None, *part, Wrong::NotForType));
        }
        if field.whole && field.kind != super::FieldType::Number {
            self.add(here, None, Part::Whole, Wrong::NotForType);
        }
        if field.retention_days.is_some_and(|days| days == 0 || days > RETENTION_MAX_DAYS) {
            self.add(here, None, Part::Retention, Wrong::TooMuch(usize::from(RETENTION_MAX_DAYS)));
        }
        if let Some(text) = &field.shown_when {
            self.expression(at, field, Part::ShownWhen, text);
        }
        if let Some(text) = field.limits.as_ref().filter(|_| asks) {
            self.expression(at, field, Part::Limits, text);
        }
    }
    fn choices(&mut self, at: usize, field: &FormField) {
        let here = Some(at);
        match (field.kind.chooses(), field.choices.len()) {
            (false, 0) => {}
            (false, _) => self.add(here, None, Part::Choices, Wrong::NotForType),
            (true, 0) => self.add(here, None, Part::Choices, Wrong::Missing),
            (true, count) if count > CHOICES_MAX_COUNT => {
                self.add(here, None, Part::Choices, Wrong::TooMuch(CHOICES_MAX_COUNT));
            }
            (true, _) => {}
        }
        let mut seen = BTreeSet::new();
        for (number, choice) in field.choices.iter().enumerate() {
            self.id(here, Some(number), &choice.id);
            if !seen.insert(choice.id.as_str()) {
                self.add(here, Some(number), Part::Id, Wrong::Twice);
            }
            self.wording(here, Some(number), Part::Label, Some(&choice.label));
        }
    }
    fn id(&mut self, field: Option<usize>, choice: Option<usize>, id: &str) {
        if !is_id(id) {
            let what = if id.is_empty() { Wrong::Missing } else { Wrong::NoId };
            self.add(field, choice, Part::Id, what);
        }
    }
    fn wording(&mut self, field: Option<usize>, choice: Option<usize>, part: Part, wording: Option<&Wording>) {
        let Some(wording) = wording else { return };
        self.text(field, choice, part, &wording.zh, WORDING_MAX_CHARS);
        if let Some(en) = &wording.en {
            self.text(field, choice, part, en, WORDING_MAX_CHARS);
        }
    }
    fn text(&mut self, field: Option<usize>, choice: Option<usize>, part: Part, text: &str, chars_max: usize) {
        if text.trim().is_empty() {
            self.add(field, choice, part, Wrong::Missing);
        } else if text.len() > chars_max && text.chars().count() > chars_max {
            self.add(field, choice, part, Wrong::TooMuch(chars_max));
        }
    }
    fn expression(&mut self, at: usize, field: &FormField, part: Part, text: &str) {
        let here = Some(at);
        let expression = match Expression::parse(text) {
            Ok(expression) => expression,
            Err(error) => return self.add(here, None, part, Wrong::Expression(error)),
        };
        for name in expression.fields() {
            if self.definition.field(name).is_none() {
                self.add(here, None, part, Wrong::UnknownField(name.to_owned()));
            }
        }
        for (name, choice) in expression.choices() {
            let of = name.map_or(Some(field), |name| self.definition.field(name));
            if of.is_some_and(|of| of.kind.chooses() && !of.choices.iter().any(|known| known.id == choice)) {
                self.add(here, None, part, Wrong::UnknownChoice(choice.to_owned()));
            }
        }
        if part == Part::ShownWhen && expression.asks_for_own() {
            self.add(here, None, part, Wrong::OwnAnswer);
        }
    }
}

/// The fields whose conditions wait for each other, in order.
fn circular(definition: &FormDefinition) -> Vec<usize> {
    let places: BTreeMap<&str, usize> =
        order::gather(definition.fields.iter().enumerate().map(|(at, field)| (field.id.as_str(), at)));
    let mut waits: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (at, field) in definition.fields.iter().enumerate() {
        let Some(Ok(condition)) = field.shown_when.as_ref().map(|text| Expression::parse(text)) else { continue };
        waits.insert(at, order::gather(condition.fields().filter_map(|name| places.get(name).copied())));
    }
    // A field that waits for nobody, or that nobody waits for, is in no circle; what is left is.
    loop {
        let awaited: BTreeSet<usize> = order::gather(waits.values().flatten().copied());
        let before = waits.len();
        let left: BTreeSet<usize> = order::gather(waits.keys().copied());
        waits.retain(|at, on| awaited.contains(at) && on.iter().any(|other| left.contains(other)));
        if waits.len() == before {
            return waits.into_keys().collect();
        }
    }
}
