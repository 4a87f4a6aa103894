//! Forms on the phone: which are offered, and what a visit's draft answers. A draft names the form and the version that it was begun with;
//! a version that comes down later changes nothing for it.

use crate::Core;
use crate::changes::ChangeSet;
use crate::drafts::{self, NO_DRAFT};
use crate::error::Error;
use crate::store::draft::{self, StoredDraft};
use crate::store::{profile, records};
use crate::views::{DraftFormView, DraftId};
use chrono::NaiveDate;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use zoufang_domain::calendar::Moment;
use zoufang_domain::form::answers::{self, ANSWERS_MAX_COUNT, AnswerProblem, FilledForm};
use zoufang_domain::form::{FormDefinition, definition_id, is_id};
use zoufang_domain::order;
use zoufang_domain::schema::Kind;
use zoufang_domain::visit::Outcome;

/// The field of a visit and of its draft that holds the filled form.
const FORM: &str = "form";

impl Core {
    /// The forms that are offered today, each in its latest version, by name.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`] before enrolment; otherwise when the store fails.
    pub fn forms(&self) -> Result<Vec<FormDefinition>, Error> {
        let today = Moment::from_ms(self.ports().clock.now_ms()).day();
        self.read(|c| {
            profile::get(c)?;
            offered(c, today)
        })
    }
    /// One version of a form, also one that is offered no longer.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not on this phone.
    pub fn form(&self, form: &str, version: u32) -> Result<FormDefinition, Error> {
        self.read(|c| find(c, form, version)?.ok_or(NO_FORM))
    }
    /// Puts the latest version of a form into a visit's draft, durable when it returns; without a form takes the form and its answers out.
    /// A draft that has the form already keeps the version that it was begun with.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the draft or the form; [`Error::Invalid`] with field `form` for a draft of another kind, or while answers
    /// to another form stand in it.
    pub fn set_draft_form(&self, id: DraftId, form: Option<&str>) -> Result<(), Error> {
        let now_ms = self.ports().clock.now_ms();
        self.write(|tx| {
            let mut known = of_visit(tx, id)?;
            let filled = filled(&known)?;
            match (form, filled) {
                (Some(form), Some(filled)) if filled.form == form => return Ok(((), ChangeSet::default())),
                (Some(_), Some(filled)) if !filled.answers.is_empty() => return Err(invalid(FORM)),
                (None, None) => return Ok(((), ChangeSet::default())),
                (None, Some(_)) => drop(known.fields.remove(FORM)),
                (Some(form), _) => {
                    let today = Moment::from_ms(now_ms).day();
                    let chosen = offered(tx, today)?.into_iter().find(|known| known.form == form).ok_or(NO_FORM)?;
                    known.fields.insert(FORM.to_owned(), json!({"form": chosen.form, "version": chosen.version}));
                }
            }
            drafts::store(tx, &known, FORM, now_ms)
        })
    }
    /// Saves one answer into a visit's draft, durable when it returns; `null` clears it. The shape is checked, limits are not: what is half
    /// written may be over them. An answer to a version that is not on this phone is kept as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the draft; [`Error::Invalid`] with field `form` when it has no form; [`Error::Answers`] for a field that
    /// the form does not have or an answer of another shape; [`Error::Invalid`] when the draft grew too large.
    pub fn save_draft_answer(&self, id: DraftId, field: &str, answer: Value) -> Result<(), Error> {
        let now_ms = self.ports().clock.now_ms();
        self.write(|tx| {
            let mut known = of_visit(tx, id)?;
            let mut filled = filled(&known)?.ok_or_else(|| invalid(FORM))?;
            match find(tx, &filled.form, filled.version)? {
                Some(definition) => {
                    let asked = definition.field(field).ok_or_else(|| invalid(field))?;
                    let problem = |what| Error::Answers { problems: vec![AnswerProblem { field: field.into(), what }] };
                    answers::check_shape(asked, &answer).map_err(problem)?;
                }
                None if is_id(field) => {}
                None => return Err(invalid(field)),
            }
            match answer {
                Value::Null => filled.answers.remove(field),
                answer => filled.answers.insert(field.to_owned(), answer),
            };
            if filled.answers.len() > ANSWERS_MAX_COUNT {
                return Err(invalid(field));
            }
            known.fields.insert(FORM.to_owned(), json!(filled));
            drafts::store(tx, &known, field, now_ms)
        })
    }
    /// The form of a visit's draft: what it asks, what is answered, what is shown, and what is still wrong with it. `None` without a form.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the draft.
    pub fn draft_form(&self, id: DraftId) -> Result<Option<DraftFormView>, Error> {
        self.read(|c| {
            let known = of_visit(c, id)?;
            let Some(filled) = filled(&known)? else { return Ok(None) };
            let outcome = known.fields.get("outcome").and_then(|outcome| Outcome::deserialize(outcome).ok());
            let Some(definition) = find(c, &filled.form, filled.version)? else {
                return Ok(Some(DraftFormView { filled, definition: None, shown: Vec::new(), problems: Vec::new() }));
            };
            let judged = answers::judge(&definition, &filled.answers, asks_all(outcome.unwrap_or(Outcome::Done)));
            let (shown, problems) = (judged.shown, judged.problems);
            Ok(Some(DraftFormView { filled, definition: Some(definition), shown, problems }))
        })
    }
}

/// A form as a visit takes it over: its answers are checked against the version that they were given to, and answers to questions that
/// are not asked stay behind. Answers to a version that is not on this phone are kept as they are: nothing that was written is lost.
pub(crate) fn taken_over(c: &Connection, filled: &FilledForm, outcome: Outcome) -> Result<FilledForm, Error> {
    if !is_id(&filled.form) || filled.answers.len() > ANSWERS_MAX_COUNT {
        return Err(invalid(FORM));
    }
    let Some(definition) = find(c, &filled.form, filled.version)? else { return Ok(filled.clone()) };
    let judged = answers::judge(&definition, &filled.answers, asks_all(outcome));
    if !judged.problems.is_empty() {
        return Err(Error::Answers { problems: judged.problems });
    }
    Ok(FilledForm { answers: answers::kept(&definition, &filled.answers, &judged.shown), ..filled.clone() })
}

/// An attempt at which nobody answered has nothing to answer with.
fn asks_all(outcome: Outcome) -> bool {
    outcome == Outcome::Done
}

const NO_FORM: Error = Error::NotFound { what: "form" };

fn invalid(field: &str) -> Error {
    Error::Invalid { field: field.to_owned() }
}

fn find(c: &Connection, form: &str, version: u32) -> Result<Option<FormDefinition>, Error> {
    let stored = records::find(c, Kind::FormDefinition, definition_id(form, version))?;
    Ok(stored.and_then(|stored| records::readable(&stored.record)))
}

fn offered(c: &Connection, today: NaiveDate) -> Result<Vec<FormDefinition>, Error> {
    let mut latest: BTreeMap<String, FormDefinition> = BTreeMap::new();
    for record in records::of_kind(c, Kind::FormDefinition)? {
        let Some(definition) = records::readable::<FormDefinition>(&record) else { continue };
        let known = latest.get(&definition.form).map_or(0, |known| known.version);
        if definition.version > known {
            latest.insert(definition.form.clone(), definition);
        }
    }
    let holds = |definition: &FormDefinition| definition.to.is_none_or(|to| today <= to);
    let mut offered: Vec<FormDefinition> = latest.into_values().filter(holds).collect();
    order::sort_by(&mut offered, |a, b| (&a.name, &a.form).cmp(&(&b.name, &b.form)));
    Ok(offered)
}

fn of_visit(c: &Connection, id: DraftId) -> Result<StoredDraft, Error> {
    let known = draft::find(c, id.0)?.ok_or(NO_DRAFT)?;
    if known.kind == Kind::Visit { Ok(known) } else { Err(invalid(FORM)) }
}

fn filled(known: &StoredDraft) -> Result<Option<FilledForm>, Error> {
    let read = |value: &Value| FilledForm::deserialize(value).map_err(|_| invalid(FORM));
    known.fields.get(FORM).map(read).transpose()
}
