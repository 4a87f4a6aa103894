//! Notices 通知 that came down from the units above: listed, read with a receipt, given on visits. What was withdrawn or is over leaves the list
//! and stays readable.

use crate::Core;
use crate::changes::ChangeSet;
use crate::due::{UNITS_MAX_COUNT, units_above};
use crate::error::Error;
use crate::input::fields_of;
use crate::store::profile::{self, Profile};
use crate::store::records::{self, Stored};
use crate::views::{GivenNoticeView, NoticeView, Page, SyncState, VisitView};
use crate::visits;
use crate::work::Work;
use rusqlite::{Connection, named_params};
use serde_json::Value;
use zoufang_domain::authority;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{NoticeId, UnitId, VisitId};
use zoufang_domain::notice::{self, GIVEN_MAX_COUNT, Notice, NoticeReceipt, VISIT_NOTICES, receipt_id};
use zoufang_domain::operation::Action;
use zoufang_domain::order;
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::unit::Level;

/// The notices in force on a day. The index of lists finds them; `parent` is said so that it is used as far as the day.
const IN_FORCE: &str = "FROM record n WHERE n.kind = 19 AND n.parent IS NULL AND n.sort <= :today AND n.status = 'current' AND n.due >= :today";
/// Whether a member of staff has a receipt for one.
const IS_READ: &str = "EXISTS (SELECT 1 FROM record r WHERE r.kind = 20 AND r.parent = n.id AND r.class = :staff)";

impl Core {
    /// The notices in force today: those that the holder has not read first, then the newest.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`] before enrolment; otherwise when the store fails.
    pub fn notices(&self, page: Page) -> Result<Vec<NoticeView>, Error> {
        let sql = format!(
            "SELECT n.body, n.pending_first, n.pending_last, n.held {IN_FORCE}
             ORDER BY {IS_READ}, n.sort DESC, n.row DESC LIMIT :limit OFFSET :offset"
        );
        let today = self.now().day();
        self.read(|c| {
            let profile = profile::get(c)?;
            let mut found = c.prepare_cached(&sql)?;
            let (day, staff) = (today.to_string(), profile.staff.to_string());
            let (limit, offset) = (page.limit(), page.offset());
            let values = named_params! { ":today": day, ":staff": staff, ":limit": limit, ":offset": offset };
            let rows = found.query_map(values, records::read)?.collect::<Result<Vec<_>, _>>()?;
            let mut views = Vec::with_capacity(rows.len());
            for row in rows {
                let record = records::parsed(row)?.record;
                // One that does not read (a newer server wrote it) is left out: the others still hold.
                if let Some(noun) = records::readable(&record) {
                    views.push(view(c, &profile, &record, noun, today)?);
                }
            }
            Ok(views)
        })
    }
    /// How many notices in force today the holder has not read. Reads the index and the receipts, and no text.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`] before enrolment; otherwise when the store fails.
    pub fn unread_notices_count(&self) -> Result<u32, Error> {
        let today = self.now().day().to_string();
        self.read(|c| {
            let staff = profile::get(c)?.staff.to_string();
            let sql = format!("SELECT count(*) {IN_FORCE} AND NOT {IS_READ}");
            let values = named_params! { ":today": today, ":staff": staff };
            Ok(c.prepare_cached(&sql)?.query_row(values, |row| row.get(0))?)
        })
    }
    /// One notice, also one that is over or was taken back.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not on this phone.
    pub fn notice(&self, id: NoticeId) -> Result<NoticeView, Error> {
        let now = self.now();
        self.read(|c| one(c, id, now))
    }
    /// Says that the holder has read a notice. The first time counts; saying it again changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not on this phone; [`Error::NotAllowed`] when none of the own areas lies under its unit any more.
    pub fn read_notice(&self, id: NoticeId) -> Result<NoticeView, Error> {
        self.work(|work| {
            let known = records::get(work.tx, Kind::Notice, id.0)?.record;
            let receipt = receipt_id(id, work.staff());
            if records::find(work.tx, Kind::NoticeReceipt, receipt)?.is_some() {
                return Ok((one(work.tx, id, work.now())?, ChangeSet::default()));
            }
            let area = own_area_under(work.tx, known.area)?.ok_or(Error::NotAllowed)?;
            let fields = fields_of(&NoticeReceipt { notice: id, staff: work.staff(), read_at: work.now() })?;
            work.perform(area, Kind::NoticeReceipt, receipt, Action::Create { fields, entries: Vec::new() })?;
            let touched = [(Kind::Notice, id.0), (Kind::NoticeReceipt, receipt)];
            Ok((one(work.tx, id, work.now())?, ChangeSet::of(&touched)))
        })
    }
    /// Says anew which notices a saved visit gave: those that are missing are taken out. Whoever was there may, and whoever declares visits void.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the visit is not on this phone; [`Error::Invalid`] with field `state` when it is void, `notices` when there are
    /// more than [`GIVEN_MAX_COUNT`]; [`Error::NotAllowed`].
    pub fn set_visit_notices(&self, visit: VisitId, notices: &[NoticeId]) -> Result<VisitView, Error> {
        self.work(|work| {
            let known = records::get(work.tx, Kind::Visit, visit.0)?.record;
            if known.void.is_some() {
                return Err(Error::Invalid { field: "state".into() });
            }
            let role = profile::role_in(work.tx, known.area)?.ok_or(Error::NotAllowed)?;
            if !notice::gives(authority::voids(role), &known, work.staff()) {
                return Err(Error::NotAllowed);
            }
            let (before, wanted) = (notice::given(&known), distinct(notices)?);
            give(work, &known, wanted.iter().filter(|id| !before.contains(id)))?;
            for gone in before.iter().filter(|id| !wanted.contains(id)) {
                let action = Action::Remove { set: VISIT_NOTICES.to_owned(), element: gone.to_string() };
                work.perform(known.area, Kind::Visit, known.id, action)?;
            }
            Ok((visits::one(work.tx, visit)?, ChangeSet::of(&[(Kind::Visit, visit.0)])))
        })
    }

    fn now(&self) -> Moment {
        Moment::from_ms(self.ports().clock.now_ms())
    }
}

/// Each notice once, in the order of their ids.
pub(crate) fn distinct(notices: &[NoticeId]) -> Result<Vec<NoticeId>, Error> {
    let mut distinct = notices.to_vec();
    order::sort(&mut distinct);
    distinct.dedup();
    if distinct.len() > GIVEN_MAX_COUNT { Err(Error::Invalid { field: "notices".into() }) } else { Ok(distinct) }
}

/// Puts notices into a visit's set. Gives the visit as it then is, if there was any. A notice that is not on this phone is taken as it is:
/// a visit is never refused for it.
pub(crate) fn give<'n>(
    work: &mut Work<'_, '_>,
    visit: &Record,
    notices: impl Iterator<Item = &'n NoticeId>,
) -> Result<Option<Record>, Error> {
    let mut given = None;
    for id in notices {
        let action = Action::Add { set: VISIT_NOTICES.to_owned(), element: id.to_string(), value: Value::Bool(true) };
        given = Some(work.perform(visit.area, Kind::Visit, visit.id, action)?);
    }
    Ok(given)
}

/// The notices that a visit gave, with their titles.
pub(crate) fn given(c: &Connection, visit: &Record) -> Result<Vec<GivenNoticeView>, Error> {
    let view = |id: NoticeId| {
        let known = records::find(c, Kind::Notice, id.0)?;
        let title = known.and_then(|stored| crate::names::text(&stored.record.f, "title"));
        Ok(GivenNoticeView { id, title })
    };
    notice::given(visit).into_iter().map(view).collect()
}

/// The own area in which a receipt is written: a micro-grid under the notice's unit, always the same one.
fn own_area_under(c: &Connection, unit: UnitId) -> Result<Option<UnitId>, Error> {
    let above = units_above(c)?;
    let is_under = |area: UnitId| {
        std::iter::successors(Some(area), |at| above.get(at).copied()).take(UNITS_MAX_COUNT).any(|at| at == unit)
    };
    let own = profile::areas(c)?.into_iter().filter(|area| area.role.is_some() && is_under(area.unit));
    Ok(own.min_by_key(|area| (area.level != Level::MicroGrid, area.unit)).map(|area| area.unit))
}

fn one(c: &Connection, id: NoticeId, now: Moment) -> Result<NoticeView, Error> {
    let record = records::get(c, Kind::Notice, id.0)?.record;
    let noun = record.read()?;
    view(c, &profile::get(c)?, &record, noun, now.day())
}

fn view(
    c: &Connection,
    profile: &Profile,
    record: &Record,
    noun: Notice,
    today: chrono::NaiveDate,
) -> Result<NoticeView, Error> {
    let id = NoticeId(record.id);
    let receipt = records::find(c, Kind::NoticeReceipt, receipt_id(id, profile.staff))?;
    let read_at = |stored: &Stored| stored.record.read::<NoticeReceipt>().ok().map(|receipt| receipt.read_at);
    Ok(NoticeView {
        id,
        unit: record.area,
        unit_name: profile::area_name(c, record.area)?.unwrap_or_default(),
        state: notice::state(record, &noun, today),
        title: noun.title,
        body: noun.body,
        kind: noun.kind,
        valid_from: noun.valid_from,
        valid_to: noun.valid_to,
        needs_receipt: noun.needs_receipt,
        withdrawn_because: record.void.as_ref().map(|void| void.reason.clone()),
        sent_at: Moment::from_ms(record.v.at.wall_ms()),
        read_at: receipt.as_ref().and_then(read_at),
        receipt_sync: receipt.as_ref().map(|stored| SyncState::of(stored, profile.acknowledged)),
    })
}
