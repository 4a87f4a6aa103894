//! Appointments that a community desk takes down for a resident, by telephone or at the counter. Phones of the home's micro-grid get them by
//! their next pull; who goes there agrees on a time.

use crate::ledger::{self, LedgerError};
use rusqlite::Transaction;
use zoufang_domain::appointment::{Appointment, Party, Purpose, Slot, Standing};
use zoufang_domain::calendar::Moment;
use zoufang_domain::home::Household;
use zoufang_domain::ids::{AppointmentId, HouseholdId, StaffId, UnitId};
use zoufang_domain::operation::Action;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;

/// What a resident asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The id that the appointment gets. The same wish sent twice under one id is taken down once.
    pub id: AppointmentId,
    /// The micro-grid.
    pub area: UnitId,
    /// The home, in that micro-grid.
    pub household: HouseholdId,
    /// What for.
    pub purpose: Purpose,
    /// What about.
    pub note: String,
    /// Times that would suit, 1 to [`zoufang_domain::appointment::SLOTS_MAX_COUNT`].
    pub slots: Vec<Slot>,
}

/// Takes an appointment down, on the word of a member of staff at a desk.
///
/// # Errors
/// [`Refusal::NotAssigned`] when the area is not theirs or has no such home: the two are not told apart; [`Refusal::NotAllowed`] when their
/// role takes none down; [`Refusal::Invalid`] naming the field, `household` for a home that is closed; [`Refusal::NotNow`] when another
/// appointment has that id; what the store says.
pub fn take_down(tx: &Transaction<'_>, now_ms: i64, staff: StaffId, wish: &Wish) -> Result<(), LedgerError> {
    let appointment = Appointment {
        household: wish.household,
        purpose: wish.purpose,
        proposed_by: Party::Resident,
        note: wish.note.trim().to_owned(),
        slots: wish.slots.clone(),
        standing: Standing::proposed(),
    };
    let home = ledger::record(tx, wish.area, Kind::Household, wish.household.0)?.ok_or(Refusal::NotAssigned)?;
    if let Some(known) = ledger::record(tx, wish.area, Kind::Appointment, wish.id.0)? {
        let is_same = known.who == staff
            && known
                .read::<Appointment>()
                .is_ok_and(|known| Appointment { standing: Standing::proposed(), ..known } == appointment);
        return if is_same { Ok(()) } else { Err(Refusal::NotNow.into()) };
    }
    let today = Moment::from_ms(now_ms).day();
    let is_closed = home.read::<Household>().is_ok_and(|home| home.to.is_some_and(|to| to < today));
    let action = Action::Create { fields: ledger::fields_of(&appointment), entries: Vec::new() };
    ledger::write_at_desk(tx, now_ms, staff, wish.area, Kind::Appointment, wish.id.0, action)?;
    // Said last: to whom the area does not belong nothing is told of its homes. The caller's transaction is rolled back.
    if is_closed { Err(Refusal::Invalid { field: "household".into() }.into()) } else { Ok(()) }
}
