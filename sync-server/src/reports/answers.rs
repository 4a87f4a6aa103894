//! What visits answered to a form: one row a visit, for a unit inside the asker's scope. Void visits are left out, corrections count.

use super::{Asked, Head, PARTS, ReportError, units};
use crate::store::StoreError;
use crate::store::scope::Scope;
use rusqlite::{Connection, named_params};
use serde_json::Value;
use std::collections::btree_map::{BTreeMap, Entry};
use zoufang_domain::calendar::Moment;
use zoufang_domain::form::answers::FilledForm;
use zoufang_domain::ids::{HouseholdId, UnitId, VisitId};
use zoufang_domain::message::Language;
use zoufang_domain::operation::Fields;
use zoufang_domain::record::Record;
use zoufang_domain::visit::{Outcome, Visit};

/// Most rows of one export: a city asks district by district.
pub const ROWS_MAX_COUNT: usize = 200_000;

/// The export.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    /// Unit, period, time.
    pub head: Head,
    /// Ids of the fields, in the order of the latest version, then those of earlier ones, then those that no version here has.
    pub fields: Vec<String>,
    /// A row a visit, oldest first.
    pub rows: Vec<AnswerRow>,
    /// Whether there were more than [`ROWS_MAX_COUNT`].
    pub is_cut: bool,
}

/// The answers of one visit.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerRow {
    /// The visit.
    pub visit: VisitId,
    /// Name of its micro-grid.
    pub micro_grid: String,
    /// The home, by id: no name and no address go with answers.
    pub household: HouseholdId,
    /// Start, by the phone's clock.
    pub started_at: Moment,
    /// What came of the visit.
    pub outcome: Outcome,
    /// The version that was answered.
    pub version: u32,
    /// The answers by field.
    pub answers: Fields,
}

/// Reads the answers to a form.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope; what the store says.
pub fn answers(c: &Connection, scope: &Scope, asked: &Asked, form: &str) -> Result<Answers, ReportError> {
    let head = super::head(c, scope, asked)?;
    let (from, after) = asked.bounds();
    // Only rows that name the form are parsed: a record's JSON is canonical, so its name stands there in one way only.
    let sql = format!(
        "{PARTS} SELECT record.area, record.body FROM part CROSS JOIN record ON record.area = part.area AND record.kind = 8
         WHERE record.sort >= :from AND record.sort < :after AND record.status <> 'voided' AND instr(record.body, :form) > 0
         ORDER BY record.sort, record.id LIMIT :limit"
    );
    let named = format!("\"form\":{}", Value::from(form));
    let mut statement = c.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! { ":unit": asked.unit.as_bytes(), ":from": from, ":after": after,
    ":form": named, ":limit": ROWS_MAX_COUNT as i64 + 1 })?;
    let (mut found, mut names, mut is_cut) = (Vec::new(), BTreeMap::<UnitId, String>::new(), false);
    while let Some(row) = rows.next()? {
        let area: UnitId = units::id_at(row, 0)?;
        let body = row.get_ref(1)?.as_str().map_err(|_| StoreError::Damaged { what: "visit" })?;
        let Some((visit, filled, id)) = filled(body)?.filter(|(_, filled, _)| filled.form == form) else { continue };
        if found.len() == ROWS_MAX_COUNT {
            is_cut = true;
            break;
        }
        let micro_grid = match names.entry(area) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(new) => new.insert(units::named(c, scope, area)?.name).clone(),
        };
        found.push(AnswerRow {
            visit: id,
            micro_grid,
            household: visit.household,
            started_at: visit.started_at,
            outcome: visit.outcome,
            version: filled.version,
            answers: filled.answers,
        });
    }
    Ok(Answers { head, fields: fields(c, form, &found)?, rows: found, is_cut })
}

/// A visit with its form, corrections laid over it; `None` without a form that reads.
fn filled(body: &str) -> Result<Option<(Visit, FilledForm, VisitId)>, StoreError> {
    let record: Record = serde_json::from_str(body).map_err(|_| StoreError::Damaged { what: "visit" })?;
    let Ok(visit) = record.read::<Visit>() else { return Ok(None) };
    let form = visit.form.clone().map(|form| Value::Object(form.into_iter().collect()));
    let filled = form.and_then(|form| serde_json::from_value::<FilledForm>(form).ok());
    Ok(filled.map(|filled| (visit, filled, VisitId(record.id))))
}

fn fields(c: &Connection, form: &str, rows: &[AnswerRow]) -> Result<Vec<String>, StoreError> {
    let mut versions = crate::forms::definitions(c)?;
    versions.retain(|known| known.noun.form == form);
    versions.sort_by_key(|known| std::cmp::Reverse(known.noun.version));
    let asked = versions.iter().flat_map(|known| known.noun.fields.iter());
    let asked = asked.filter(|field| field.kind != zoufang_domain::form::FieldType::Note).map(|field| &field.id);
    let mut fields: Vec<String> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for id in asked.chain(rows.iter().flat_map(|row| row.answers.keys())) {
        if seen.insert(id.clone()) {
            fields.push(id.clone());
        }
    }
    Ok(fields)
}

impl Answers {
    /// As CSV. Headings of the first columns come in the reader's language, those of answers are the fields' ids; several choices stand
    /// beside each other with a blank between.
    pub fn to_csv(&self, language: Language) -> String {
        let first = match language {
            Language::Zh => ["走访编号", "微网格", "户编号", "开始时间", "结果", "表单版本"],
            Language::En => ["visit", "micro-grid", "household", "started at", "outcome", "form version"],
        };
        let columns = first.iter().map(|name| (*name).to_owned()).chain(self.fields.clone()).collect();
        let row = |row: &AnswerRow| {
            let cells = [
                row.visit.to_string(),
                row.micro_grid.clone(),
                row.household.to_string(),
                super::labels::time(row.started_at),
                super::labels::label(language, "outcome", row.outcome.name()).to_owned(),
                row.version.to_string(),
            ];
            let answer = |field: &String| row.answers.get(field).map(text).unwrap_or_default();
            cells.into_iter().chain(self.fields.iter().map(answer)).collect()
        };
        super::text::csv_of(columns, self.rows.iter().map(row).collect())
    }
}

fn text(answer: &Value) -> String {
    match answer {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(" "),
        Value::Number(_) | Value::Object(_) => answer.to_string(),
    }
}
