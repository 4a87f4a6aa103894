//! Until when: rules 办理时限 that units set, and the two clocks of a matter. The resident's clock runs from the report to the answer and never
//! stops. The clock of those who work on it stands still while the matter is suspended or was sent back for more. Both count working days.

use super::{Fold, MatterKind, MatterState, Stop, Track};
use crate::calendar::Moment;
use crate::ids::UnitId;
use crate::working_day::WorkingDays;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Most working days that a rule gives: a year of them.
pub const TERM_MAX_DAYS: u16 = 250;

/// Working days for each step. The day on which a step begins does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// From the report until it is accepted, returned or declined.
    pub accept_days: u16,
    /// From the acceptance until it is handled.
    pub handle_days: u16,
    /// From the report until the resident is answered.
    pub answer_days: u16,
}

impl Terms {
    /// What holds where no rule says otherwise.
    pub const fn usual(track: Track) -> Self {
        let (accept_days, handle_days, answer_days) = match track {
            Track::Simple => (1, 2, 3),
            Track::Professional => (1, 5, 7),
            Track::Hard => (2, 10, 15),
            Track::Old => (3, 45, 60),
        };
        Terms { accept_days, handle_days, answer_days }
    }
}

/// What a unit sets for the matters of everyone below.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatterRule {
    /// What people call it.
    pub name: String,
    /// The track that it is for; without one, every track.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<Track>,
    /// The kind of matter that it is for; without one, every kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<MatterKind>,
    /// Working days to accept, from the report.
    pub accept_days: u16,
    /// Working days to handle, from the acceptance.
    pub handle_days: u16,
    /// Working days to answer the resident, from the report.
    pub answer_days: u16,
    /// First day; a matter goes by the rule of the day on which it was reported.
    pub from: NaiveDate,
    /// Last day, once the rule has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
}

impl MatterRule {
    /// Whether the rule can mean anything.
    ///
    /// # Errors
    /// The name of the field that is wrong.
    pub fn check(&self) -> Result<(), &'static str> {
        let given =
            [("accept_days", self.accept_days), ("handle_days", self.handle_days), ("answer_days", self.answer_days)];
        if let Some((name, _)) = given.into_iter().find(|(_, days)| !(1..=TERM_MAX_DAYS).contains(days)) {
            return Err(name);
        }
        match self.to.is_some_and(|to| to < self.from) {
            true => Err("to"),
            false => Ok(()),
        }
    }
    fn terms(&self) -> Terms {
        Terms { accept_days: self.accept_days, handle_days: self.handle_days, answer_days: self.answer_days }
    }
    fn is_for(&self, track: Track, kind: MatterKind, day: NaiveDate) -> bool {
        self.track.is_none_or(|only| only == track)
            && self.kind.is_none_or(|only| only == kind)
            && self.from <= day
            && self.to.is_none_or(|to| day <= to)
    }
}

/// A rule with its record's id and the unit that set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleOfUnit {
    /// The unit.
    pub unit: UnitId,
    /// The rule's record.
    pub id: Uuid,
    /// The rule.
    pub rule: MatterRule,
}

/// The terms of a matter that was reported on a day. `units` are its micro-grid and the units above that, from below. Of several rules the one
/// for its kind counts, then the one for its track, then that of the nearest unit, then the latest.
pub fn terms(rules: &[RuleOfUnit], units: &[UnitId], track: Track, kind: MatterKind, day: NaiveDate) -> Terms {
    let at = |unit: UnitId| units.iter().position(|one| *one == unit);
    let fitting = rules.iter().filter(|one| one.rule.is_for(track, kind, day));
    let ranked = fitting.filter_map(|one| {
        let farness = at(one.unit)?;
        let rank =
            (one.rule.kind.is_some(), one.rule.track.is_some(), std::cmp::Reverse(farness), one.rule.from, one.id);
        Some((rank, one.rule.terms()))
    });
    ranked.max_by_key(|(rank, _)| *rank).map_or_else(|| Terms::usual(track), |(_, terms)| terms)
}

/// The resident's clock: the last moment in which an answer is in time.
pub fn answer_due(days: &WorkingDays, terms: Terms, reported_at: Moment) -> Moment {
    let last = days.after(reported_at.day(), u32::from(terms.answer_days));
    let next = last.checked_add_days(Days::new(1)).unwrap_or(last);
    Moment::from_ms(Moment::start_of(next).to_ms() - 1000)
}

/// The step that the clock of those who work on a matter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Until it is accepted.
    Accept,
    /// Until it is handled.
    Handle,
}

impl Step {
    /// The name under which it is labelled.
    pub fn name(self) -> &'static str {
        match self {
            Step::Accept => "accept",
            Step::Handle => "handle",
        }
    }
}

/// The clock of those who work on a matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkClock {
    /// What is to be done.
    pub step: Step,
    /// The last day on which it is in time. It moves on while the clock stands still.
    pub due: NaiveDate,
    /// Whether the clock stands still.
    pub is_stopped: bool,
}

impl WorkClock {
    /// Whether it has run out on a day.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        !self.is_stopped && self.due < today
    }
}

/// The clock of those who work on a matter, on a day; `None` when it is nobody's turn to accept or to handle. A granted extension moves the
/// last day to the one that was granted, and never back.
pub fn work_clock(folded: &Fold, terms: Terms, days: &WorkingDays, today: NaiveDate) -> Option<WorkClock> {
    use MatterState as S;
    let (step, since, given_days) = match folded.state {
        S::Reported | S::Returned => (Step::Accept, folded.reported_at?, terms.accept_days),
        S::Accepted
        | S::Dispatched
        | S::RejectedBack
        | S::Signed
        | S::InProgress
        | S::ExtensionAsked
        | S::Suspended
        | S::VerifiedNot => (Step::Handle, folded.working_since?, terms.handle_days),
        _ => return None,
    };
    let stopped_days = folded.stops.iter().map(|stop| stopped_days(days, *stop, today)).fold(0, u32::saturating_add);
    let due = days.after(since.day(), u32::from(given_days).saturating_add(stopped_days));
    let due = folded.extended_until.map_or(due, |until| until.max(due));
    Some(WorkClock { step, due, is_stopped: matches!(folded.state, S::Returned | S::Suspended) })
}

fn stopped_days(days: &WorkingDays, stop: Stop, today: NaiveDate) -> u32 {
    days.count(stop.from.day(), stop.to.map_or(today, Moment::day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::derived;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn rule(unit: &str, track: Option<Track>, kind: Option<MatterKind>, answer_days: u16) -> RuleOfUnit {
        let rule = MatterRule {
            name: "测试时限".into(),
            track,
            kind,
            accept_days: 1,
            handle_days: 2,
            answer_days,
            from: day("2026-01-01"),
            to: None,
        };
        RuleOfUnit { unit: UnitId(derived(&[unit])), id: derived(&["rule", unit, &answer_days.to_string()]), rule }
    }

    #[test]
    fn the_rule_that_says_most_about_a_matter_counts_and_then_the_nearest() {
        let units = ["micro", "street", "city"].map(|name| UnitId(derived(&[name])));
        let of = |rules: &[RuleOfUnit]| {
            terms(rules, &units, Track::Hard, MatterKind::Complaint, day("2026-11-05")).answer_days
        };
        assert_eq!(of(&[]), 15, "nobody set anything");
        let mut rules = vec![rule("elsewhere", None, Some(MatterKind::Complaint), 1), rule("city", None, None, 20)];
        assert_eq!(of(&rules), 20);
        rules.push(rule("street", None, None, 12));
        assert_eq!(of(&rules), 12, "the nearer unit");
        rules.push(rule("city", Some(Track::Hard), None, 10));
        assert_eq!(of(&rules), 10, "the track");
        rules.push(rule("city", None, Some(MatterKind::Complaint), 5));
        assert_eq!(of(&rules), 5, "the kind");
        rules.push(rule("micro", Some(Track::Simple), Some(MatterKind::Complaint), 4));
        assert_eq!(of(&rules), 5, "another track");
        let mut ended = rule("micro", None, Some(MatterKind::Complaint), 3);
        ended.rule.to = Some(day("2026-11-04"));
        rules.push(ended);
        assert_eq!(of(&rules), 5, "had ended the day before");
    }

    #[test]
    fn an_answer_is_in_time_until_the_end_of_the_last_working_day_in_china() {
        let friday = Moment::parse("2026-11-06T09:00:00+08:00").expect("a moment");
        let due = answer_due(&WorkingDays::default(), Terms::usual(Track::Simple), friday);
        assert_eq!(Some(due), Moment::parse("2026-11-11T23:59:59+08:00"), "Monday, Tuesday, Wednesday");
    }

    #[test]
    fn a_rule_without_days_or_that_ends_before_it_begins_means_nothing() {
        let sound = rule("city", None, None, 7).rule;
        assert_eq!(sound.check(), Ok(()));
        assert_eq!(MatterRule { accept_days: 0, ..sound.clone() }.check(), Err("accept_days"));
        assert_eq!(MatterRule { answer_days: TERM_MAX_DAYS + 1, ..sound.clone() }.check(), Err("answer_days"));
        assert_eq!(MatterRule { to: Some(day("2025-12-31")), ..sound }.check(), Err("to"));
    }
}
