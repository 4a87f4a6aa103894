//! Appointments 预约: taken down for a resident or proposed by the manager, agreed, moved, kept, missed, called off, listed.

use crate::Core;
use crate::changes::ChangeSet;
use crate::error::Error;
use crate::input::fields_of;
use crate::links;
use crate::names;
use crate::store::profile::{self, Profile};
use crate::store::records::{self, Stored};
use crate::views::{AppointmentView, Page, SyncState};
use crate::work::Work;
use rusqlite::{Connection, Params};
use serde_json::json;
use zoufang_domain::appointment::{Appointment, AppointmentState, Party, Purpose, STANDING, Slot, Standing, may_stand};
use zoufang_domain::calendar::Moment;
use zoufang_domain::conflict;
use zoufang_domain::ids::{AppointmentId, HouseholdId, VisitId};
use zoufang_domain::operation::{Action, Fields};
use zoufang_domain::schema::Kind;
use zoufang_domain::visit::{Outcome, Visit};

/// An appointment about to be taken down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppointmentDraft {
    /// The id that it gets; made when it is saved if there is none. A caller that repeats a save gives the same id.
    pub id: Option<AppointmentId>,
    /// The home.
    pub household: HouseholdId,
    /// What for.
    pub purpose: Purpose,
    /// Who asks: the resident, for whom it is taken down, or the manager.
    pub proposed_by: Party,
    /// What about, at most [`zoufang_domain::validate::TEXT_MAX_CHARS`] characters.
    pub note: String,
    /// Times that would suit, 1 to [`zoufang_domain::appointment::SLOTS_MAX_COUNT`].
    pub slots: Vec<Slot>,
    /// The time, when both agreed on one at once.
    pub agreed: Option<Slot>,
}

impl AppointmentDraft {
    /// An appointment with nothing but what every appointment has.
    pub fn new(household: HouseholdId, purpose: Purpose, proposed_by: Party, slots: Vec<Slot>) -> Self {
        AppointmentDraft { id: None, household, purpose, proposed_by, note: String::new(), slots, agreed: None }
    }
}

impl Core {
    /// Takes an appointment down.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the home; [`Error::Invalid`] with field `household` when the home is closed, `slots` with none, too many
    /// or one that ends before it begins, `standing` when the agreed time does, `id` when another has it; [`Error::NotAllowed`] outside the own areas.
    pub fn propose_appointment(&self, draft: &AppointmentDraft) -> Result<AppointmentView, Error> {
        self.work(|work| {
            let place = names::place(work.tx, draft.household)?;
            if place.to.is_some_and(|to| to < work.now().day()) {
                return Err(Error::Invalid { field: "household".into() });
            }
            let standing = match draft.agreed {
                Some(slot) => Standing { slot: Some(slot), staff: Some(work.staff()), ..agreed() },
                None => Standing::proposed(),
            };
            let appointment = Appointment {
                household: draft.household,
                purpose: draft.purpose,
                proposed_by: draft.proposed_by,
                note: draft.note.clone(),
                slots: draft.slots.clone(),
                standing,
            };
            let id = draft.id.unwrap_or_else(|| AppointmentId(work.new_id()));
            if draft.id.is_some()
                && let Some(known) = records::find(work.tx, Kind::Appointment, id.0)?
            {
                // A save that is repeated because its answer was lost. Other content under the same id would be lost in silence.
                let before: Appointment = known.record.read()?;
                let same = before == Appointment { standing: before.standing.clone(), ..appointment };
                return match same {
                    true => Ok((one(work.tx, id, work.now())?, ChangeSet::default())),
                    false => Err(Error::Invalid { field: "id".into() }),
                };
            }
            let action = Action::Create { fields: fields_of(&appointment)?, entries: Vec::new() };
            work.perform(place.area, Kind::Appointment, id.0, action)?;
            saved(work, id)
        })
    }
    /// Agrees on a time; the holder of this phone is who comes. It need not be one of those that were proposed.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `state` when it is agreed or over already, `standing` for a time that ends before it begins;
    /// [`Error::NotFound`], [`Error::NotAllowed`].
    pub fn agree_appointment(&self, id: AppointmentId, slot: Slot) -> Result<AppointmentView, Error> {
        self.turn(id, AppointmentState::Agreed, |work, _, next| {
            next.slot = Some(slot);
            next.staff = Some(work.staff());
            Ok(())
        })
    }
    /// Agrees on another time, with a reason. Who comes stays.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `state` when no time is agreed, `reason` without one, `standing` for a time that ends before it
    /// begins; [`Error::NotFound`], [`Error::NotAllowed`].
    pub fn change_appointment(&self, id: AppointmentId, slot: Slot, reason: &str) -> Result<AppointmentView, Error> {
        if reason.trim().is_empty() {
            return Err(Error::Invalid { field: "reason".into() });
        }
        self.turn(id, AppointmentState::Changed, |_, _, next| {
            next.slot = Some(slot);
            next.reason = Some(reason.to_owned());
            Ok(())
        })
    }
    /// Says that it took place; a saved visit of that home may be named.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `state` when no time is agreed or it is over already, `visit` for a visit of another home;
    /// [`Error::NotFound`] when appointment or visit is not on this phone, [`Error::NotAllowed`].
    pub fn keep_appointment(&self, id: AppointmentId, visit: Option<VisitId>) -> Result<AppointmentView, Error> {
        self.turn(id, AppointmentState::Kept, |work, appointment, next| {
            if let Some(visit) = visit {
                let named: Visit = records::get(work.tx, Kind::Visit, visit.0)?.record.read()?;
                if named.household != appointment.household {
                    return Err(Error::Invalid { field: "visit".into() });
                }
            }
            next.visit = visit;
            Ok(())
        })
    }
    /// Says that one side was not there. It is no mark against the home.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `state` when no time is agreed or it is over already; [`Error::NotFound`], [`Error::NotAllowed`].
    pub fn miss_appointment(&self, id: AppointmentId, by: Party) -> Result<AppointmentView, Error> {
        self.turn(id, AppointmentState::Missed, |_, _, next| {
            next.missed_by = Some(by);
            Ok(())
        })
    }
    /// Calls it off, with a reason if there is one to be told.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `state` when it is over already; [`Error::NotFound`], [`Error::NotAllowed`].
    pub fn cancel_appointment(&self, id: AppointmentId, reason: Option<&str>) -> Result<AppointmentView, Error> {
        self.turn(id, AppointmentState::Cancelled, |_, _, next| {
            next.reason = reason.filter(|reason| !reason.trim().is_empty()).map(str::to_owned);
            Ok(())
        })
    }
    /// One appointment.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not on this phone.
    pub fn appointment(&self, id: AppointmentId) -> Result<AppointmentView, Error> {
        let now = Moment::from_ms(self.ports().clock.now_ms());
        self.read(|c| one(c, id, now))
    }
    /// The appointments that are not over, by time: those whose time has passed come first and wait for a word on what came of them.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`] before enrolment; otherwise when the store fails.
    pub fn upcoming_appointments(&self, page: Page) -> Result<Vec<AppointmentView>, Error> {
        // The inner query reads the list index alone; whole rows are read for one page.
        const SQL: &str =
            "SELECT body, pending_first, pending_last, held FROM record WHERE row IN (SELECT row FROM record
             WHERE kind = 14 AND status IN ('proposed', 'agreed', 'changed') ORDER BY sort, row LIMIT ? OFFSET ?)
             ORDER BY sort, row";
        self.list(SQL, (page.limit(), page.offset()))
    }
    /// The appointments of one home, the latest first, those that are over too; with those of households that became part of it, and those of
    /// before it split off another.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`] before enrolment; otherwise when the store fails.
    pub fn appointments_of(&self, household: HouseholdId, page: Page) -> Result<Vec<AppointmentView>, Error> {
        let (which, mut values) = self.read(|c| links::condition(c, household))?;
        values.extend([page.limit().into(), page.offset().into()]);
        let sql = format!(
            "SELECT body, pending_first, pending_last, held FROM record WHERE kind = 14 AND {which}
             ORDER BY sort DESC, row DESC LIMIT ? OFFSET ?"
        );
        self.list(&sql, rusqlite::params_from_iter(values))
    }

    fn list(&self, sql: &str, values: impl Params) -> Result<Vec<AppointmentView>, Error> {
        let now = Moment::from_ms(self.ports().clock.now_ms());
        self.read(|c| {
            let profile = profile::get(c)?;
            let agreed = agreed_ones(c)?;
            let mut found = c.prepare_cached(sql)?;
            let rows = found.query_map(values, records::read)?;
            rows.map(|row| view(c, &profile, &agreed, &records::parsed(row?)?, now)).collect()
        })
    }
    /// Brings an appointment into another state, with what the state needs.
    fn turn(
        &self,
        id: AppointmentId,
        to: AppointmentState,
        fill: impl FnOnce(&Work<'_, '_>, &Appointment, &mut Standing) -> Result<(), Error>,
    ) -> Result<AppointmentView, Error> {
        self.work(|work| {
            turn(work, id, to, fill)?;
            saved(work, id)
        })
    }
}

/// Brings an appointment into another state, with what the state needs.
fn turn(
    work: &mut Work<'_, '_>,
    id: AppointmentId,
    to: AppointmentState,
    fill: impl FnOnce(&Work<'_, '_>, &Appointment, &mut Standing) -> Result<(), Error>,
) -> Result<(), Error> {
    let known = records::get(work.tx, Kind::Appointment, id.0)?.record;
    let appointment: Appointment = known.read()?;
    if !may_stand(appointment.standing.state, to) {
        return Err(Error::Invalid { field: "state".into() });
    }
    let mut next = appointment.standing.turned(to);
    fill(work, &appointment, &mut next)?;
    let fields = Fields::from([(STANDING.to_owned(), json!(next))]);
    work.perform(known.area, Kind::Appointment, id.0, conflict::edit(&known, fields))?;
    Ok(())
}

/// Says what came of an appointment by the visit that was made for it.
///
/// # Errors
/// [`Error::Invalid`] with field `appointment` when it is another home's, or over already; [`Error::NotFound`], [`Error::NotAllowed`].
pub(crate) fn settle_by_visit(
    work: &mut Work<'_, '_>,
    id: AppointmentId,
    made: VisitId,
    visit: &Visit,
) -> Result<(), Error> {
    let to = match visit.outcome {
        Outcome::Done => AppointmentState::Kept,
        Outcome::NoAnswer | Outcome::Refused => AppointmentState::Missed,
    };
    let fill = |_: &Work<'_, '_>, appointment: &Appointment, next: &mut Standing| {
        if visit.household != appointment.household {
            return Err(Error::Invalid { field: "appointment".into() });
        }
        next.visit = (to == AppointmentState::Kept).then_some(made);
        next.missed_by = (to == AppointmentState::Missed).then_some(Party::Resident);
        Ok(())
    };
    turn(work, id, to, fill).map_err(|error| match error {
        Error::Invalid { field } if field == "state" => Error::Invalid { field: "appointment".into() },
        other => other,
    })
}

fn agreed() -> Standing {
    Standing { state: AppointmentState::Agreed, ..Standing::proposed() }
}

fn saved(work: &Work<'_, '_>, id: AppointmentId) -> Result<(AppointmentView, ChangeSet), Error> {
    Ok((one(work.tx, id, work.now())?, ChangeSet::of(&[(Kind::Appointment, id.0)])))
}

fn one(c: &Connection, id: AppointmentId, now: Moment) -> Result<AppointmentView, Error> {
    let stored = records::get(c, Kind::Appointment, id.0)?;
    view(c, &profile::get(c)?, &agreed_ones(c)?, &stored, now)
}

/// The appointments on this phone that have an agreed time and are not over. One that does not read (a newer version wrote it) is left out.
pub(crate) fn agreed_ones(c: &Connection) -> Result<Vec<(AppointmentId, Appointment)>, Error> {
    // The inner query reads the list index alone: most appointments are over.
    let mut found = c.prepare_cached(
        "SELECT body FROM record WHERE row IN (SELECT row FROM record WHERE kind = 14 AND status IN ('agreed', 'changed'))
         ORDER BY sort, row",
    )?;
    let bodies = found.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut ones = Vec::with_capacity(bodies.len());
    for body in &bodies {
        let record = records::parse(body)?;
        match record.read() {
            Ok(appointment) => ones.push((AppointmentId(record.id), appointment)),
            Err(e) => tracing::warn!(id = %record.id, error = %e, "an appointment that does not read"),
        }
    }
    Ok(ones)
}

fn view(
    c: &Connection,
    profile: &Profile,
    agreed: &[(AppointmentId, Appointment)],
    stored: &Stored,
    now: Moment,
) -> Result<AppointmentView, Error> {
    let record = &stored.record;
    let appointment: Appointment = record.read()?;
    let id = AppointmentId(record.id);
    let clashes = agreed.iter().filter(|(other, of)| *other != id && appointment.clashes(of)).map(|(other, _)| *other);
    let standing = &appointment.standing;
    Ok(AppointmentView {
        id,
        household: appointment.household,
        title: names::of_home(c, appointment.household)?,
        micro_grid: record.area,
        purpose: appointment.purpose,
        proposed_by: appointment.proposed_by,
        state: standing.state,
        slot: standing.slot,
        staff: standing.staff,
        staff_name: standing.staff.map_or(Ok(None), |staff| names::of_staff(c, profile, staff))?,
        reason: standing.reason.clone(),
        missed_by: standing.missed_by,
        visit: standing.visit,
        is_overdue: appointment.is_overdue(now),
        clashes: clashes.collect(),
        has_conflict: conflict::count(record) > 0,
        sync: SyncState::of(stored, profile.acknowledged),
        note: appointment.note,
        slots: appointment.slots,
    })
}
