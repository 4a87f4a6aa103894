//! Until when, on the server: the terms and calendars of the units above each area, read once and asked for many matters.

use crate::rules::{self, Set};
use crate::store::StoreError;
use crate::units;
use chrono::NaiveDate;
use rusqlite::Connection;
use std::collections::HashMap;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::UnitId;
use zoufang_domain::matter::{self, Fold, Matter, MatterKind, RuleOfUnit, Track, WorkClock};
use zoufang_domain::working_day::{WorkingDays, YearCalendar};

/// The terms and calendars of all units.
#[derive(Debug)]
pub struct TermsBook {
    rules: Vec<RuleOfUnit>,
    years: Vec<Set<YearCalendar>>,
    /// The units of an area from below, and the working days that they set.
    areas: HashMap<UnitId, (Vec<UnitId>, WorkingDays)>,
}

impl TermsBook {
    /// Reads them.
    ///
    /// # Errors
    /// What the store says.
    pub fn read(c: &Connection) -> Result<Self, StoreError> {
        let rules = rules::matter_rules(c)?.into_iter();
        let rules = rules.map(|set| RuleOfUnit { unit: set.unit, id: set.id, rule: set.noun }).collect();
        Ok(TermsBook { rules, years: rules::calendars(c)?, areas: HashMap::new() })
    }
    /// The clock of those who work on a matter of an area, on a day; `None` when nobody is to accept or to handle it.
    ///
    /// # Errors
    /// What the store says.
    pub fn work_clock(
        &mut self,
        c: &Connection,
        area: UnitId,
        matter: &Matter,
        folded: &Fold,
        today: NaiveDate,
    ) -> Result<Option<WorkClock>, StoreError> {
        self.know(c, area)?;
        let Some((above, days)) = self.areas.get(&area) else { return Ok(None) };
        let reported = folded.reported_at.map_or(today, |at| at.day());
        let terms = matter::terms(&self.rules, above, matter.track, matter.kind, reported);
        Ok(matter::work_clock(folded, terms, days, today))
    }
    /// When a matter that is reported now must be answered.
    ///
    /// # Errors
    /// What the store says.
    pub fn answer_due(
        &mut self,
        c: &Connection,
        area: UnitId,
        track: Track,
        kind: MatterKind,
        now: Moment,
    ) -> Result<Moment, StoreError> {
        self.know(c, area)?;
        let Some((above, days)) = self.areas.get(&area) else { return Ok(now) };
        Ok(matter::answer_due(days, matter::terms(&self.rules, above, track, kind, now.day()), now))
    }
    fn know(&mut self, c: &Connection, area: UnitId) -> Result<(), StoreError> {
        if !self.areas.contains_key(&area) {
            let above: Vec<UnitId> = units::ancestors(c, area)?.into_iter().rev().map(|unit| unit.id).collect();
            let mut days = WorkingDays::default();
            let set_above = self.years.iter().filter(|year| above.contains(&year.unit));
            set_above.for_each(|year| days.take(&year.noun));
            self.areas.insert(area, (above, days));
        }
        Ok(())
    }
}
