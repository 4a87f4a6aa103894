//! What residents ask of their own data: taken down where they say it, decided at a desk, answered to the person by whoever took it down.
//! A resident whose data is restricted is shown by name alone and changed by nobody.

use crate::Core;
use crate::changes::ChangeSet;
use crate::error::Error;
use crate::input::fields_of;
use crate::moves;
use crate::names;
use crate::store::profile::{self, Profile};
use crate::store::records::{self, Stored};
use crate::views::{Page, RightsRequestView, SyncState};
use rusqlite::{Connection, params};
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{HouseholdId, ResidentId, RightsRequestId};
use zoufang_domain::operation::Action;
use zoufang_domain::resident::Resident;
use zoufang_domain::rights::{RequestStanding, RequestState, Right, RightsRequest};
use zoufang_domain::schema::Kind;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// A resident.
    Resident(ResidentId),
    /// The contact of a household, whom no resident's record names.
    Contact(HouseholdId),
}

impl Core {
    /// Takes a request down. The same person asking for the same again while it waits is one request. Who is known in several areas of this
    /// phone is asked for where they live now; the desk finds the others.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the person; [`Error::Invalid`] with field `resident` when the contact of a home asks for restriction, which
    /// needs a resident's record; [`Error::NotAllowed`].
    pub fn ask_right(&self, who: AskedBy, right: Right) -> Result<RightsRequestView, Error> {
        self.work(|work| {
            let (area, subject) = match who {
                AskedBy::Resident(id) => {
                    let known = moves::standing(work.tx, id)?.into_iter().next();
                    (known.ok_or(Error::NotFound { what: Kind::Resident.name() })?.area, id.0)
                }
                AskedBy::Contact(_) if right == Right::Restrict => {
                    return Err(Error::Invalid { field: "resident".into() });
                }
                AskedBy::Contact(id) => (names::place(work.tx, id)?.area, id.0),
            };
            if let Some(waiting) = waiting(work.tx, subject, right)? {
                return Ok((view(work.tx, &profile::get(work.tx)?, &waiting, work.now())?, ChangeSet::default()));
            }
            let (resident, household) = match who {
                AskedBy::Resident(id) => (Some(id), None),
                AskedBy::Contact(id) => (None, Some(id)),
            };
            let (asked_on, standing) = (work.now().day(), RequestStanding::open());
            let request = RightsRequest { resident, household, right, asked_on, standing };
            let action = Action::Create { fields: fields_of(&request)?, entries: Vec::new() };
            let id = work.new_id();
            work.perform(area, Kind::RightsRequest, id, action)?;
            let stored = records::get(work.tx, Kind::RightsRequest, id)?;
            let view = view(work.tx, &profile::get(work.tx)?, &stored, work.now())?;
            Ok((view, ChangeSet::of(&[(Kind::RightsRequest, id)])))
        })
    }
    /// What residents of this phone's areas asked for: what waits first, the longest waiting before, then what was decided, the latest before.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`] before enrolment; otherwise when the store fails.
    pub fn rights_requests(&self, page: Page) -> Result<Vec<RightsRequestView>, Error> {
        let now = Moment::from_ms(self.ports().clock.now_ms());
        self.read(|c| {
            let profile = profile::get(c)?;
            let mut found = c.prepare_cached(
                "SELECT body, pending_first, pending_last, held FROM record WHERE kind = 22
                 ORDER BY status <> 'open', iif(status = 'open', sort, '') , sort DESC, row LIMIT ? OFFSET ?",
            )?;
            let rows = found.query_map((page.limit(), page.offset()), records::read)?;
            rows.map(|row| view(c, &profile, &records::parsed(row?)?, now)).collect()
        })
    }
}

/// The same request, if it waits already.
fn waiting(c: &Connection, subject: Uuid, right: Right) -> Result<Option<Stored>, Error> {
    let mut found = c.prepare_cached(
        "SELECT body, pending_first, pending_last, held FROM record
         WHERE kind = 22 AND parent = ? AND status = 'open' AND class = ? ORDER BY row LIMIT 1",
    )?;
    let mut rows = found.query_map(params![subject.as_bytes(), right.name()], records::read)?;
    rows.next().map(|row| records::parsed(row?)).transpose()
}

/// Whether a resident's data is restricted.
pub(crate) fn is_restricted(c: &Connection, resident: ResidentId) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM record WHERE kind = 23 AND parent = ? AND status = 'current')";
    Ok(c.prepare_cached(sql)?.query_row([resident.as_bytes()], |row| row.get(0))?)
}

/// Refuses to use a resident's data that is restricted.
///
/// # Errors
/// [`Error::Restricted`].
pub(crate) fn may_use(c: &Connection, resident: ResidentId) -> Result<(), Error> {
    if is_restricted(c, resident)? { Err(Error::Restricted) } else { Ok(()) }
}

fn view(c: &Connection, profile: &Profile, stored: &Stored, now: Moment) -> Result<RightsRequestView, Error> {
    let record = &stored.record;
    let request: RightsRequest = record.read()?;
    // Empty once the person is erased.
    let name = match (request.resident, request.household) {
        (Some(id), _) => match records::find_in(c, Kind::Resident, id.0, record.area)? {
            Some(known) => known.record.read::<Resident>()?.name,
            None => String::new(),
        },
        (None, Some(id)) => {
            let home = records::find_in(c, Kind::Household, id.0, record.area)?;
            home.and_then(|home| names::text(&home.record.f, "contact")).unwrap_or_default()
        }
        (None, None) => String::new(),
    };
    let household = match (request.household, request.resident) {
        (Some(household), _) => Some(household),
        (None, Some(resident)) => names::home_of_resident(c, resident.0)?,
        (None, None) => None,
    };
    let due = request.due();
    Ok(RightsRequestView {
        id: RightsRequestId(record.id),
        resident: request.resident,
        household,
        name,
        home: household.map(|id| names::of_home(c, id)).transpose()?.unwrap_or_default(),
        right: request.right,
        asked_on: request.asked_on,
        due,
        is_overdue: request.standing.state == RequestState::Open && now.day() > due,
        state: request.standing.state,
        decided_at: request.standing.at,
        answer: request.standing.answer,
        sync: SyncState::of(stored, profile.acknowledged),
    })
}
