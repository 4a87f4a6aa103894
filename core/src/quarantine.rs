//! Quarantine: work that the server took but did not apply, with its reason, until a person decides. Nothing of it is lost.

use crate::Core;
use crate::error::Error;
use crate::names;
use crate::store::{profile, records};
use crate::views::{DecisionView, Page, QuarantineView};
use rusqlite::{Connection, params};
use uuid::Uuid;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::stamp::Stamp;
use zoufang_domain::wire::pull::SettledHow;
use zoufang_domain::wire::push::Outcome;

impl Core {
    /// This phone's operations that the server keeps in quarantine, the latest first; for 30 days also those that a person decided on.
    ///
    /// # Errors
    /// When the store fails.
    pub fn quarantined(&self, page: Page) -> Result<Vec<QuarantineView>, Error> {
        self.read(|c| {
            profile::get(c)?;
            // Merged operations have a row too; they are told apart by the name that starts the JSON.
            let mut found = c.prepare_cached(
                "SELECT o.counter, o.kind, o.subject, o.body, o.at, v.outcome, v.at_ms, s.how, s.answer, s.at_ms FROM verdict v
                 JOIN operation o ON o.counter = v.counter LEFT JOIN settled s ON s.counter = v.counter WHERE v.outcome ->> '$.quarantined' IS NOT NULL
                 ORDER BY v.counter DESC LIMIT ? OFFSET ?",
            )?;
            let rows = found.query_map(params![page.limit(), page.offset()], |row| {
                Ok(Held {
                    counter: row.get::<_, i64>(0)? as u64,
                    kind: row.get(1)?,
                    record: Uuid::from_bytes(row.get(2)?),
                    operation_json: row.get(3)?,
                    at: Stamp(row.get::<_, i64>(4)? as u64),
                    outcome: row.get(5)?,
                    judged_ms: row.get(6)?,
                    settled: match row.get::<_, Option<String>>(7)? {
                        Some(how) => Some((how, row.get(8)?, row.get(9)?)),
                        None => None,
                    },
                })
            })?;
            let mut views = Vec::new();
            for row in rows {
                views.extend(view(c, row?)?);
            }
            Ok(views)
        })
    }
}

struct Held {
    counter: u64,
    kind: i64,
    record: Uuid,
    operation_json: String,
    at: Stamp,
    outcome: String,
    judged_ms: i64,
    settled: Option<(String, Option<String>, i64)>,
}

fn view(c: &Connection, held: Held) -> Result<Option<QuarantineView>, Error> {
    let Some(kind) = Kind::from_number(held.kind) else { return Ok(None) };
    // A reason that a newer server gives is still shown, as one that this version does not know.
    let reason = match serde_json::from_str(&held.outcome) {
        Ok(Outcome::Quarantined { reason }) => reason,
        _ => Refusal::Unknown,
    };
    let known = records::find(c, kind, held.record)?;
    let (title, household) = known.map(|stored| names::of_record(c, &stored.record)).transpose()?.unwrap_or_default();
    let field = match &reason {
        Refusal::Invalid { field } | Refusal::FactIsFixed { field } => Some(field.clone()),
        _ => None,
    };
    Ok(Some(QuarantineView {
        counter: held.counter,
        kind,
        record: held.record,
        household,
        title,
        reason_message_id: reason.message_id().to_owned(),
        field,
        operation_json: held.operation_json,
        made_ms: held.at.wall_ms(),
        judged_ms: held.judged_ms,
        decision: held.settled.map(|(how, answer, at_ms)| DecisionView {
            is_rehomed: how == SettledHow::Rehomed.name(),
            answer,
            at_ms,
        }),
    }))
}
