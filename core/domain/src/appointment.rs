//! Appointments 预约, both ways: a resident asks for someone to come or to do an errand, or the manager proposes a time. How an appointment
//! stands is one value that moves whole, so that two people who change it without seeing each other's change leave a conflict that a person
//! settles, as with any other field.

use crate::calendar::Moment;
use crate::ids::{HouseholdId, StaffId, VisitId};
use crate::message::Language;
use crate::operation::{Action, Operation};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::schema::Kind;
use crate::{label, validate};
use chrono::{NaiveDate, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Someone comes 走访.
    Visit,
    /// Something is done on the residents' behalf 办事.
    Errand,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Purpose; 2] = [Purpose::Visit, Purpose::Errand];
    /// The name on the wire and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Purpose::Visit => "visit",
            Purpose::Errand => "errand",
        }
    }
}

/// The two sides of an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The home.
    Resident,
    /// Whoever works for it.
    Manager,
}

impl Party {
    /// Both.
    pub const ALL: [Party; 2] = [Party::Resident, Party::Manager];
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Party::Resident => "resident",
            Party::Manager => "manager",
        }
    }
}

/// A stretch of time. The end is not part of it: one that ends at ten and one that begins at ten do not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slot {
    /// Begin.
    pub from: Moment,
    /// End.
    pub to: Moment,
}

/// Longest slot, in hours.
pub const SLOT_MAX_HOURS: i64 = 24;
/// Most slots that one appointment proposes.
pub const SLOTS_MAX_COUNT: usize = 5;

impl Slot {
    /// Whether it begins before it ends, and is not longer than [`SLOT_MAX_HOURS`].
    pub fn is_sound(self) -> bool {
        const HOUR_MS: i64 = 3600 * 1000;
        let long_ms = self.to.to_ms() - self.from.to_ms();
        0 < long_ms && long_ms <= SLOT_MAX_HOURS * HOUR_MS
    }
    /// From one time to another of a day in China. An end that is not after the begin gives a slot that is not sound.
    pub fn in_china(day: NaiveDate, from: NaiveTime, to: NaiveTime) -> Self {
        let start_ms = Moment::start_of(day).to_ms();
        let at = |time: NaiveTime| Moment::from_ms(start_ms + i64::from(time.num_seconds_from_midnight()) * 1000);
        Slot { from: at(from), to: at(to) }
    }
    /// Whether the two have any time in common.
    pub fn overlaps(self, other: Slot) -> bool {
        self.from < other.to && other.from < self.to
    }
}

impl std::fmt::Display for Slot {
    /// As people in China read it: `2026-11-05 09:00–10:00`; the day of the end only where it is another.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (from, to) = (self.from.in_china(), self.to.in_china());
        // By hand: nothing else in the app asks for what chrono reads and writes patterns with.
        write!(f, "{} {:02}:{:02}–", from.date_naive(), from.hour(), from.minute())?;
        if from.date_naive() != to.date_naive() {
            write!(f, "{} ", to.date_naive())?;
        }
        write!(f, "{:02}:{:02}", to.hour(), to.minute())
    }
}

/// The states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentState {
    /// Asked for, no time agreed yet 待约定.
    Proposed,
    /// A time is agreed 已约定.
    Agreed,
    /// Another time is agreed 已改约.
    Changed,
    /// It took place 已履约.
    Kept,
    /// One side was not there 未赴约. No mark against the home.
    Missed,
    /// Called off 已取消.
    Cancelled,
}

use AppointmentState::{Agreed, Cancelled, Changed, Kept, Missed, Proposed};

impl AppointmentState {
    /// All states.
    pub const ALL: [AppointmentState; 6] = [Proposed, Agreed, Changed, Kept, Missed, Cancelled];
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Proposed => "proposed",
            Agreed => "agreed",
            Changed => "changed",
            Kept => "kept",
            Missed => "missed",
            Cancelled => "cancelled",
        }
    }
    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        AppointmentState::ALL.into_iter().find(|state| state.name() == name)
    }
    /// Whether a time is agreed and still to come to something.
    pub fn has_agreed_slot(self) -> bool {
        matches!(self, Agreed | Changed)
    }
    /// Whether nothing follows any more.
    pub fn is_final(self) -> bool {
        matches!(self, Kept | Missed | Cancelled)
    }
}

/// Whether an appointment in one state may come to stand in the other.
pub fn may_stand(from: AppointmentState, to: AppointmentState) -> bool {
    match from {
        Proposed => matches!(to, Agreed | Cancelled),
        Agreed | Changed => matches!(to, Changed | Kept | Missed | Cancelled),
        Kept | Missed | Cancelled => false,
    }
}

/// How an appointment stands: one value, written whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The state.
    pub state: AppointmentState,
    /// The agreed time, once there is one. It stays when the appointment is kept, missed or cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
    /// Who agreed to come. Two appointments of one person at one time are shown as a clash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<StaffId>,
    /// Why another time was agreed, or why it was called off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed_by: Option<Party>,
    /// The visit that it led to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<VisitId>,
}

impl Standing {
    /// Asked for and nothing more.
    pub fn proposed() -> Self {
        Standing { state: Proposed, slot: None, staff: None, reason: None, missed_by: None, visit: None }
    }
    /// The same appointment in another state: time and person stay, what explained the state before does not.
    pub fn turned(&self, state: AppointmentState) -> Self {
        Standing { state, slot: self.slot, staff: self.staff, reason: None, missed_by: None, visit: None }
    }
    /// Whether it says what its state needs and nothing that its state cannot have; the name of the part that is wrong.
    ///
    /// # Errors
    /// The part.
    pub fn check(&self) -> Result<(), &'static str> {
        let needs_slot = matches!(self.state, Agreed | Changed | Kept | Missed);
        if (needs_slot && self.slot.is_none()) || (self.state == Proposed && self.slot.is_some()) {
            return Err("slot");
        }
        if self.slot.is_some_and(|slot| !slot.is_sound()) {
            return Err("slot");
        }
        if self.state == Changed && self.reason.is_none() {
            return Err("reason");
        }
        let is_said = |reason: &String| !reason.trim().is_empty() && reason.chars().count() <= validate::TEXT_MAX_CHARS;
        if !self.reason.as_ref().is_none_or(is_said) {
            return Err("reason");
        }
        if (self.state == Missed) != self.missed_by.is_some() {
            return Err("missed_by");
        }
        if self.visit.is_some() && self.state != Kept {
            return Err("visit");
        }
        Ok(())
    }
    /// The value in one line for people: state, time, who was not there, reason.
    pub fn said(&self, language: Language) -> String {
        let mut parts = vec![label::label(language, "appointment", self.state.name()).to_owned()];
        parts.extend(self.slot.map(|slot| slot.to_string()));
        parts.extend(self.missed_by.map(|party| label::label(language, "party", party.name()).to_owned()));
        parts.extend(self.reason.clone());
        parts.join(" · ")
    }
}

/// An appointment. Everything but how it stands is a fact: another wish is another appointment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// The home.
    pub household: HouseholdId,
    /// What for.
    pub purpose: Purpose,
    /// Who asked.
    pub proposed_by: Party,
    /// What about, in the words of who took it down.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Times that would suit, 1 to [`SLOTS_MAX_COUNT`].
    pub slots: Vec<Slot>,
    /// How it stands.
    pub standing: Standing,
}

impl Appointment {
    /// Whether it can begin so: sound slots, and proposed or agreed; the name of the field that is wrong.
    ///
    /// # Errors
    /// The field.
    pub fn check(&self) -> Result<(), &'static str> {
        let fits = (1..=SLOTS_MAX_COUNT).contains(&self.slots.len()) && self.slots.iter().all(|slot| slot.is_sound());
        if !fits {
            return Err("slots");
        }
        let begins = matches!(self.standing.state, Proposed | Agreed);
        if !begins || self.standing.check().is_err() {
            return Err("standing");
        }
        Ok(())
    }
    /// The time that lists sort by: the agreed slot, or the first that would suit.
    pub fn slot(&self) -> Option<Slot> {
        self.standing.slot.or_else(|| self.slots.iter().min().copied())
    }
    /// Whether the agreed time is over and nobody said yet what came of it.
    pub fn is_overdue(&self, now: Moment) -> bool {
        self.standing.state.has_agreed_slot() && self.standing.slot.is_some_and(|slot| slot.to <= now)
    }
    /// Whether the same person agreed to be elsewhere at the same time.
    pub fn clashes(&self, other: &Appointment) -> bool {
        let (one, two) = (&self.standing, &other.standing);
        let both_agreed = one.state.has_agreed_slot() && two.state.has_agreed_slot();
        let overlap = one.slot.zip(two.slot).is_some_and(|(one, two)| one.overlaps(two));
        both_agreed && overlap && one.staff.is_some() && one.staff == two.staff
    }
}

/// Whether an operation may bring an appointment from how it stands to how the operation says. Asked on the phone before a save and on the
/// server before it takes the operation; other records pass.
///
/// An edit is judged by the values that its author saw. Where those were replaced meanwhile it is judged by what its author says to have
/// seen, and then stands against the other value as a conflict: nothing that is final is overwritten unseen. A choice among the values
/// that stand settles a conflict and is always allowed.
///
/// # Errors
/// [`Refusal::NotNow`] when it does not follow; [`Refusal::Invalid`] with field `standing` when the value does not read.
pub fn may_follow(known: &Record, operation: &Operation) -> Result<(), Refusal> {
    let Action::Set { fields, base, was } = &operation.action else { return Ok(()) };
    let Some(next) = fields.get(STANDING).filter(|_| known.kind == Kind::Appointment) else { return Ok(()) };
    let Ok(to) = Standing::deserialize(next) else { return Err(Refusal::Invalid { field: STANDING.to_owned() }) };
    let seen = base.get(STANDING).map_or(&[][..], Vec::as_slice);
    let (standing, mut from): (Vec<&Value>, Vec<&Value>) = match known.heads.get(STANDING) {
        Some(heads) => (
            heads.iter().map(|head| &head.value).collect(),
            heads.iter().filter(|head| seen.contains(&head.v.op())).map(|head| &head.value).collect(),
        ),
        None => {
            let begun: Vec<&Value> = known.f.get(STANDING).into_iter().collect();
            (begun.clone(), if seen.contains(&known.v.op()) { begun } else { Vec::new() })
        }
    };
    if standing.contains(&next) {
        return Ok(());
    }
    if from.is_empty() {
        from.extend(was.get(STANDING));
    }
    let states = from.into_iter().filter_map(|value| Standing::deserialize(value).ok());
    if states.into_iter().any(|seen| may_stand(seen.state, to.state)) { Ok(()) } else { Err(Refusal::NotNow) }
}

/// The field that says how an appointment stands.
pub const STANDING: &str = "standing";
