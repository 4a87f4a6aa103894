//! A matter as screens read it: its events folded, whose turn it is, both clocks.

use super::terms::Known;
use crate::error::Error;
use crate::names;
use crate::store::profile::{self, Profile};
use crate::store::records::Stored;
use crate::views::{EventView, MatterView, NamedText, StandingView, SyncState, WorkClockView};
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::conflict;
use zoufang_domain::ids::MatterId;
use zoufang_domain::matter::{self, DESK, EventKind, Fold, Matter, Post, Track, Urgency};
use zoufang_domain::operation::List;
use zoufang_domain::record::Record;

/// What every view of one call needs, read once.
pub(super) struct Shown<'c> {
    c: &'c Connection,
    profile: Profile,
    known: Known,
    now: Moment,
}

impl<'c> Shown<'c> {
    pub(super) fn begin(c: &'c Connection, now: Moment) -> Result<Self, Error> {
        Ok(Shown { c, profile: profile::get(c)?, known: Known::read(c)?, now })
    }
    pub(super) fn view(&self, stored: &Stored) -> Result<MatterView, Error> {
        let record = &stored.record;
        let matter: Matter = record.read()?;
        let folded = matter::fold(record);
        Ok(MatterView {
            id: MatterId(record.id),
            micro_grid: record.area,
            household: matter.household,
            resident: matter.resident,
            visit: matter.visit,
            source: matter.source,
            kind: matter.kind,
            track: matter.track,
            summary: matter.summary.clone(),
            urgency: matter.urgency.unwrap_or(Urgency::Normal),
            line: matter.line.clone(),
            duties: matter.duties.clone(),
            state: folded.state,
            supervised: folded.supervised,
            reported_at: folded.reported_at,
            due: matter.due,
            answered_at: folded.answered_at,
            is_overdue: folded.is_overdue(matter.due, self.now),
            bounces_count: folded.bounces_count,
            events: self.events(record, &folded)?,
            has_conflict: conflict::count(record) > 0,
            sync: SyncState::of(stored, self.profile.acknowledged),
            standing: self.standing(record, &matter, &folded)?,
        })
    }
    fn standing(&self, record: &Record, matter: &Matter, folded: &Fold) -> Result<StandingView, Error> {
        let today = self.now.day();
        let reported = folded.reported_at.unwrap_or(self.now).day();
        let terms = self.known.of(record.area, matter.track, matter.kind, reported);
        let clock = matter::work_clock(folded, terms, self.known.days(), today);
        let moves = match profile::role_in(self.c, record.area)? {
            Some(role) => folded.moves(Post { staff: self.profile.staff, role, unit: record.area }),
            None => Vec::new(),
        };
        Ok(StandingView {
            turn: folded.state.turn(),
            escalated: folded.escalated,
            ending: folded.ending,
            lacks_facts: matter.track == Track::Old && folded.facts_at.is_none(),
            work: clock.map(|clock| WorkClockView {
                step: clock.step,
                due: clock.due,
                is_stopped: clock.is_stopped,
                is_overdue: clock.is_overdue(today),
            }),
            moves: moves.into_iter().filter(|event| event.transition().offline).collect(),
        })
    }
    fn events(&self, record: &Record, folded: &Fold) -> Result<Vec<EventView>, Error> {
        let entries = record.list(List::Events).iter().zip(&folded.events);
        let views = entries.map(|(entry, did)| {
            let texts = entry.data.iter().filter(|(name, _)| *name != DESK);
            Ok(EventView {
                id: entry.id,
                kind: EventKind::from_name(&entry.what),
                name: entry.what.clone(),
                when: entry.when,
                who: entry.who,
                who_name: names::of_staff(self.c, &self.profile, entry.who)?,
                texts: texts.map(|(name, value)| self.text(name, value)).collect::<Result<_, _>>()?,
                late: did.late,
                state: did.state,
            })
        });
        views.collect()
    }
    /// What was written with an event. The unit that a matter was given to is shown by its name, where the phone knows it.
    fn text(&self, name: &str, value: &Value) -> Result<NamedText, Error> {
        let text = match (name, value.as_str().and_then(|text| Uuid::parse_str(text).ok())) {
            ("unit", Some(unit)) => {
                let mut found = self.c.prepare_cached("SELECT sort FROM record WHERE kind = 1 AND id = ?")?;
                found.query_row([unit.as_bytes()], |row| row.get(0)).optional()?.unwrap_or_else(|| said(value))
            }
            _ => said(value),
        };
        Ok(NamedText { name: name.to_owned(), text })
    }
}

/// A value as people read it.
pub(crate) fn said(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(said).collect::<Vec<_>>().join("；"),
        other => other.to_string(),
    }
}
