//! When homes are visited: rules 走访规则, must-visit lists 必访清单, and the periods that a rule makes of the calendar. Rules are data of the
//! unit that sets them and go down to the phones below it.

use crate::calendar::Period;
use crate::home::Use;
use crate::order;
use crate::resident::ResidencyKind;
use crate::working_day::WorkingDays;
use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rhythm {
    /// On days of each month, such as the 5th, 15th and 25th. A day that a month does not have is its last.
    DaysOfMonth(Vec<u8>),
    /// Once in each of these.
    Every(Span),
    /// Within so many hours of the day on which the household came. Days in China: 48 hours are the day itself and two more.
    WithinHoursOfMoveIn(u16),
    /// Within so many hours of the day on which the home's latest matter was reported, counted likewise.
    WithinHoursOfMatter(u16),
}

/// A stretch of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// From Monday.
    Week,
    /// A calendar month.
    Month,
    /// A quarter of the year.
    Quarter,
    /// A half of the year.
    HalfYear,
}

/// What becomes of a visit day that is off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDayOff {
    /// The next working day.
    #[default]
    Next,
    /// The working day before.
    Previous,
    /// It stays: people are at home on days off.
    Keep,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CadenceRule {
    /// What people call it, such as 民意“5”来听.
    pub name: String,
    /// How often.
    pub rhythm: Rhythm,
    /// The must-visit list that it is for; without one, every home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<Uuid>,
    /// Days in which the visit is due, the first included. Without it: the visit day itself, or the whole stretch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_days: Option<u16>,
    /// What becomes of a visit day that is off.
    #[serde(default)]
    pub on_day_off: OnDayOff,
    /// First day.
    pub from: NaiveDate,
    /// Last day, once the rule has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
}

/// A must-visit list. Which homes are on it stands with each home (its set [`HOUSEHOLD_LISTS`]) and never leaves the home's area; the list
/// itself only says what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MustVisitList {
    /// What people call it.
    pub name: String,
    /// Why its homes must be visited.
    pub reason: String,
    /// Homes that are on it without being named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
}

/// What puts a home on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The dwelling is used so.
    Use(Use),
    /// Somebody lives there so.
    Residency(ResidencyKind),
    /// The household, or somebody who lives there, has a care need of this type today. Where the need is not seen, the list asks for nothing.
    CareNeed(Uuid),
}

/// The set of a household that names its must-visit lists, by the list's id.
pub const HOUSEHOLD_LISTS: &str = "lists";

/// Most days of the month that one rule names.
pub const DAYS_OF_MONTH_MAX_COUNT: usize = 31;
/// Longest window, in days.
pub const WINDOW_MAX_DAYS: u16 = 200;
/// Most hours after an event.
pub const HOURS_MAX_COUNT: u16 = 24 * 90;

impl CadenceRule {
    /// Whether the rule can mean anything; the name of the field that is wrong.
    ///
    /// # Errors
    /// The field.
    pub fn check(&self) -> Result<(), &'static str> {
        let rhythm_is_sound = match &self.rhythm {
            Rhythm::DaysOfMonth(days) => {
                !days.is_empty()
                    && days.len() <= DAYS_OF_MONTH_MAX_COUNT
                    && days.iter().all(|day| (1..=31).contains(day))
            }
            Rhythm::Every(_) => true,
            Rhythm::WithinHoursOfMoveIn(hours) | Rhythm::WithinHoursOfMatter(hours) => {
                (1..=HOURS_MAX_COUNT).contains(hours)
            }
        };
        if !rhythm_is_sound {
            return Err("rhythm");
        }
        if self.window_days.is_some_and(|days| !(1..=WINDOW_MAX_DAYS).contains(&days)) {
            return Err("window_days");
        }
        if self.to.is_some_and(|to| to < self.from) {
            return Err("to");
        }
        Ok(())
    }
    /// The turn that a day lies in: the latest that has begun. `None` before the first, after the rule has ended, and for a rule that counts
    /// from a home's own day ([`CadenceRule::turn_of_home`]).
    pub fn turn(&self, days: &WorkingDays, today: NaiveDate) -> Option<Turn> {
        let turn = match &self.rhythm {
            Rhythm::DaysOfMonth(wanted) => self.visit_day_turn(days, wanted, today)?,
            Rhythm::Every(span) => {
                let Period { from, to } = span.around(today);
                let due_to = self.window_days.map_or(to, |count| last_of(from, count).min(to));
                Turn { key: from, from, due_to, ends: to }
            }
            Rhythm::WithinHoursOfMoveIn(_) | Rhythm::WithinHoursOfMatter(_) => return None,
        };
        self.holds_on(turn.key).then_some(turn)
    }
    /// The turn of a home by what happened there: the day on which it came, the days on which matters were reported, the latest until `today`.
    /// `None` when the rule does not count so, did not hold then, or nothing happened.
    pub fn turn_of_home(&self, came: NaiveDate, matters: &[NaiveDate], today: NaiveDate) -> Option<Turn> {
        let (happened, hours) = match self.rhythm {
            Rhythm::WithinHoursOfMoveIn(hours) => (Some(came), hours),
            Rhythm::WithinHoursOfMatter(hours) => (matters.iter().copied().filter(|day| *day <= today).max(), hours),
            Rhythm::DaysOfMonth(_) | Rhythm::Every(_) => return None,
        };
        let on = happened.filter(|day| *day <= today)?;
        let due_to = on.checked_add_days(Days::new(u64::from(hours.div_ceil(24))))?;
        self.holds_on(on).then_some(Turn { key: on, from: on, due_to, ends: NaiveDate::MAX })
    }
    fn holds_on(&self, day: NaiveDate) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
    fn visit_day_turn(&self, days: &WorkingDays, wanted: &[u8], today: NaiveDate) -> Option<Turn> {
        // A visit day may be moved into the month before or after, and the turn then needs the day that follows it.
        let first = today.with_day(1)?.checked_sub_months(Months::new(2))?;
        let months = (0..5).filter_map(|at| first.checked_add_months(Months::new(at)));
        let mut keys: Vec<NaiveDate> =
            months.flat_map(|month| wanted.iter().map(move |day| held_in_month(month, *day))).collect();
        order::sort(&mut keys);
        keys.dedup();
        // Two visit days may be moved onto one working day; then the later of them is the turn.
        let moved: Vec<(NaiveDate, NaiveDate)> = keys.into_iter().map(|key| (key, self.moved(days, key))).collect();
        let at = moved.iter().rposition(|(_, on)| *on <= today)?;
        let (key, from) = *moved.get(at)?;
        let next = moved.get(at + 1).map(|(_, on)| *on)?;
        let ends = next.pred_opt()?;
        Some(Turn { key, from, due_to: last_of(from, self.window_days.unwrap_or(1)).min(ends), ends })
    }
    fn moved(&self, days: &WorkingDays, day: NaiveDate) -> NaiveDate {
        match self.on_day_off {
            OnDayOff::Next => days.on_or_after(day),
            OnDayOff::Previous => days.on_or_before(day),
            OnDayOff::Keep => day,
        }
    }
}

/// One turn of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The day that names it, before any holiday moved it: phone and server name the same turn even while one of them has an older calendar.
    pub key: NaiveDate,
    /// From this day on a visit counts.
    pub from: NaiveDate,
    /// The last day on which it is in time.
    pub due_to: NaiveDate,
    /// The last day before the next turn.
    pub ends: NaiveDate,
}

impl Span {
    /// The stretch that a day lies in.
    pub fn around(self, day: NaiveDate) -> Period {
        let months = |count: u32| {
            let first = (day.month0() / count) * count + 1;
            let from = NaiveDate::from_ymd_opt(day.year(), first, 1).unwrap_or(day);
            let to = from.checked_add_months(Months::new(count)).and_then(|next| next.pred_opt()).unwrap_or(day);
            Period { from, to }
        };
        match self {
            Span::Week => {
                let into = u64::from(day.weekday().num_days_from_monday());
                let from = day.checked_sub_days(Days::new(into)).unwrap_or(day);
                Period { from, to: last_of(from, 7) }
            }
            Span::Month => months(1),
            Span::Quarter => months(3),
            Span::HalfYear => months(6),
        }
    }
}

fn last_of(from: NaiveDate, days_count: u16) -> NaiveDate {
    from.checked_add_days(Days::new(u64::from(days_count.max(1)) - 1)).unwrap_or(from)
}

fn held_in_month(month: NaiveDate, day: u8) -> NaiveDate {
    let last = Period::month_of(month).to;
    month.with_day(u32::from(day)).unwrap_or(last)
}
