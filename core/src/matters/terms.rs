//! Until when: the terms and calendars that came down from the units above.

use crate::due::{UNITS_MAX_COUNT, units_above};
use crate::error::Error;
use crate::store::records::{of_kind, readable};
use chrono::NaiveDate;
use rusqlite::Connection;
use std::collections::HashMap;
use zoufang_domain::ids::UnitId;
use zoufang_domain::matter::{self, MatterKind, MatterRule, RuleOfUnit, Terms, Track};
use zoufang_domain::schema::Kind;
use zoufang_domain::working_day::{WorkingDays, YearCalendar};

/// What is known on this phone.
pub(super) struct Known {
    rules: Vec<RuleOfUnit>,
    days: WorkingDays,
    above: HashMap<UnitId, UnitId>,
}

impl Known {
    pub(super) fn read(c: &Connection) -> Result<Self, Error> {
        let mut days = WorkingDays::default();
        of_kind(c, Kind::Calendar)?.iter().filter_map(readable::<YearCalendar>).for_each(|year| days.take(&year));
        let rules = of_kind(c, Kind::MatterRule)?;
        let rules = rules.iter().filter_map(|record| {
            Some(RuleOfUnit { unit: record.area, id: record.id, rule: readable::<MatterRule>(record)? })
        });
        Ok(Known { rules: rules.collect(), days, above: units_above(c)? })
    }
    pub(super) fn days(&self) -> &WorkingDays {
        &self.days
    }
    pub(super) fn of(&self, area: UnitId, track: Track, kind: MatterKind, day: NaiveDate) -> Terms {
        let up = std::iter::successors(Some(area), |unit| self.above.get(unit).copied());
        let units: Vec<UnitId> = up.take(UNITS_MAX_COUNT).collect();
        matter::terms(&self.rules, &units, track, kind, day)
    }
}
