//! Every matter gets an answer 事事有回音: the ledger of answers, a simple matter settled in one step, and the facts of an old one.

use super::{happens, saved, texts};
use crate::Core;
use crate::error::Error;
use crate::names;
use crate::store::profile;
use crate::store::records;
use crate::views::{AnswerLineView, AnswerView, MatterView, Page};
use rusqlite::Connection;
use serde_json::Value;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::MatterId;
use zoufang_domain::matter::{self, EventKind, Matter};
use zoufang_domain::operation::{Entry, List};

/// The facts of an old matter 事实还原.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactFile {
    /// What happened.
    pub facts: String,
    /// Since when; may be empty.
    pub since: String,
    /// Who is concerned; may be empty.
    pub parties: String,
    /// What was tried before; may be empty.
    pub tried: String,
}

impl Core {
    /// Says what was done about a simple matter on the spot and, in the same step, who was told, how, and their words. Both or neither.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `state` when the matter is not a simple one that was only reported, or `done`, `told` or `how` without
    /// a text.
    pub fn handle_and_answer(
        &self,
        id: MatterId,
        done: &str,
        told: &str,
        how: &str,
        words: &str,
    ) -> Result<MatterView, Error> {
        self.work(|work| {
            happens(work, id, EventKind::SelfHandle, texts(&[("done", done)]))?;
            happens(work, id, EventKind::Answer, texts(&[("told", told), ("how", how), ("words", words)]))?;
            saved(work, id)
        })
    }
    /// Adds the facts of an old matter; it cannot be closed without. Adding more later is possible: each is kept.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `state` when it is not an old matter or is closed, or `facts` without a text.
    pub fn add_fact_file(&self, id: MatterId, file: &FactFile) -> Result<MatterView, Error> {
        let data = texts(&[
            ("facts", &file.facts),
            ("since", &file.since),
            ("parties", &file.parties),
            ("tried", &file.tried),
        ]);
        self.happened(id, EventKind::FactFile, data)
    }
    /// The ledger of answers: each matter with every answer that was given and every list of attempts, the latest reported first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn answer_ledger(&self, page: Page) -> Result<Vec<AnswerLineView>, Error> {
        let now = self.moment_now();
        self.read(|c| lines(c, page, now))
    }
}

fn lines(c: &Connection, page: Page, now: Moment) -> Result<Vec<AnswerLineView>, Error> {
    let profile = profile::get(c)?;
    let sql = "SELECT body, pending_first, pending_last, held FROM record WHERE row IN (SELECT row FROM record
               WHERE kind = 9 ORDER BY sort DESC, row DESC LIMIT ? OFFSET ?) ORDER BY sort DESC, row DESC";
    let mut found = c.prepare_cached(sql)?;
    let rows = found.query_map((page.limit(), page.offset()), records::read)?;
    let line = |row: rusqlite::Result<_>| {
        let record = records::parsed(row?)?.record;
        let matter: Matter = record.read()?;
        let folded = matter::fold(&record);
        let events = record.list(List::Events).iter().zip(&folded.events).filter(|(_, did)| !did.late);
        let answers = events.filter(|(entry, _)| is_answer(entry)).map(|(entry, _)| {
            Ok::<_, Error>(AnswerView {
                when: entry.when,
                who: entry.who,
                who_name: names::of_staff(c, &profile, entry.who)?,
                told: text(entry, "told"),
                how: text(entry, "how"),
                words: text(entry, "words"),
                attempts: attempts(entry),
            })
        });
        Ok(AnswerLineView {
            matter: MatterId(record.id),
            household: matter.household,
            summary: matter.summary,
            state: folded.state,
            reported_at: folded.reported_at,
            due: matter.due,
            answers: answers.collect::<Result<_, _>>()?,
            waits: folded.waits_for_answer(),
            is_overdue: folded.is_overdue(matter.due, now),
        })
    };
    rows.map(line).collect()
}

fn is_answer(entry: &Entry) -> bool {
    matches!(EventKind::from_name(&entry.what), Some(EventKind::Answer | EventKind::Unreachable))
}

fn text(entry: &Entry, name: &str) -> String {
    entry.data.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn attempts(entry: &Entry) -> Vec<String> {
    match entry.data.get("attempts") {
        Some(Value::Array(all)) => all.iter().map(super::said).collect(),
        Some(one) => vec![super::said(one)],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn attempts_are_read_however_they_were_written() {
        let entry = |attempts: Value| {
            let data = [("attempts".to_owned(), attempts)].into();
            let (id, when) = (uuid::Uuid::nil(), Moment::from_ms(0));
            let who = zoufang_domain::ids::StaffId(id);
            Entry { id, list: List::Events, what: "unreachable".into(), when, who, data }
        };
        assert_eq!(super::attempts(&entry(json!(["上门", "电话"]))), ["上门", "电话"]);
        assert_eq!(super::attempts(&entry(json!("上门"))), ["上门"]);
    }
}
