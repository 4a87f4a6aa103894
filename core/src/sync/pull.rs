//! One page: stored with its cursor; and how the phone stands after the last.

use super::plan::{Event, Plan, Settled, Step};
use crate::beside::Running;
use crate::error::Error;
use crate::store::page::{Page, READ_AHEAD_FROM_COUNT};
use crate::store::profile::{self, Profile};
use crate::store::{inbox, outbox};
use crate::{ChangeSet, Core};
use rusqlite::{Connection, Transaction};
use std::collections::BTreeMap;
use std::sync::Arc;
use zoufang_domain::digest::AreaDigest;
use zoufang_domain::ids::UnitId;
use zoufang_domain::planted::{self, Defect};
use zoufang_domain::schema::Kind;
use zoufang_domain::wire::ExchangeError;
use zoufang_domain::wire::limits::CURSOR_MAX_BYTES;
use zoufang_domain::wire::pull::PullAnswer;

/// Holds an answer to the bounds of the protocol.
pub(super) fn check(answer: PullAnswer) -> Result<PullAnswer, ExchangeError> {
    match answer.cursor.len() {
        0..=CURSOR_MAX_BYTES => Ok(answer),
        _ => Err(ExchangeError::NotZoufang("a cursor that is too long".into())),
    }
}

/// Begins to read a page's rows, on a thread that may block: storing them may begin at once.
pub(super) fn read_ahead(core: &Core, answer: PullAnswer) -> Arc<Page> {
    let page = Arc::new(Page::from(answer));
    if page.rows.len() >= READ_AHEAD_FROM_COUNT {
        let ahead = Arc::clone(&page);
        drop(Running::begin(core, move |_| {
            ahead.read_ahead();
            Ok(())
        }));
    }
    page
}

/// Stores a page that is not the last. The last is stored durably, and all before it with it.
pub(super) fn take(core: &Core, page: &Page) -> Result<(), Error> {
    before_its_rows(core, &page.answer)?;
    core.write_lazily(|tx| Ok(((), store(tx, page)?)))
}

/// What the last page led to.
pub(super) struct Closed {
    /// What the plan is told.
    pub(super) event: Event,
    /// Whether a first sync has run to its end.
    pub(super) complete: bool,
}

/// Stores the last page, or the first of a server life that this phone does not know. If the sync ends with it, its success is stored in
/// the same transaction: a sync with nothing new writes once.
pub(super) fn close(core: &Core, page: &Page, known_epoch: u32, plan: &Plan) -> Result<Closed, Error> {
    let answer = &page.answer;
    let now_ms = core.ports().clock.now_ms();
    before_its_rows(core, answer)?;
    core.write(|tx| {
        let change = store(tx, page)?;
        let profile = profile::get(tx)?;
        let cursor = answer.cursor.clone();
        let event = if answer.epoch == known_epoch {
            Event::LastPage(settle(tx, answer, &profile)?)
        } else {
            Event::NewEpoch { cursor, acknowledged: profile.acknowledged }
        };
        if plan.clone().next(event.clone()) == Step::Done {
            note_success(tx, now_ms)?;
        }
        Ok((Closed { event, complete: profile.complete }, change))
    })
}

/// For [`Defect::CursorBeforeRows`].
fn before_its_rows(core: &Core, answer: &PullAnswer) -> Result<(), Error> {
    if !planted::is(Defect::CursorBeforeRows) {
        return Ok(());
    }
    core.write(|tx| {
        tx.execute("UPDATE profile SET cursor = ?", [&answer.cursor])?;
        Ok(((), ChangeSet::default()))
    })
}

fn store(tx: &Transaction<'_>, page: &Page) -> Result<ChangeSet, Error> {
    let touched = inbox::take_pull(tx, page)?;
    let mut change = ChangeSet::of(&touched);
    if page.answer.grants.is_some() {
        change.kinds.insert(Kind::OrgUnit); // whoever shows areas reads them again
    }
    Ok(change)
}

fn settle(tx: &Transaction<'_>, answer: &PullAnswer, profile: &Profile) -> Result<Settled, Error> {
    let has_unsent = outbox::waiting(tx, profile.acknowledged)?.unsent_count > 0;
    let has_lost_areas = tx.query_row("SELECT EXISTS (SELECT 1 FROM area WHERE lost = 1)", [], |row| row.get(0))?;
    let digests_equal = match &answer.digests {
        Some(theirs) if !has_unsent => compare(tx, theirs)?,
        _ => None,
    };
    Ok(Settled {
        cursor: answer.cursor.clone(),
        acknowledged: profile.acknowledged,
        has_unsent,
        has_lost_areas,
        digests_equal,
    })
}

/// Whether every own area is the server's; `None` when there was none to compare. An area with a record that the server holds in
/// quarantine cannot be compared: the record exists here only.
fn compare(c: &Connection, theirs: &BTreeMap<UnitId, String>) -> Result<Option<bool>, Error> {
    let mut all_equal = None;
    for area in profile::areas(c)?.into_iter().filter(|area| area.role.is_some()) {
        let Some(their) = theirs.get(&area.unit) else { continue };
        let Some(own) = digest(c, area.unit)? else { continue };
        let is_equal = own == *their;
        if !is_equal {
            tracing::warn!(area = %area.unit, "phone and server differ");
        }
        all_equal = Some(is_equal && all_equal.unwrap_or(true));
    }
    Ok(all_equal)
}

/// The digest of an area as the phone holds it; `None` when it holds a record that the server has not.
pub(crate) fn digest(c: &Connection, area: UnitId) -> Result<Option<String>, Error> {
    let mut found = c.prepare_cached("SELECT kind, id, held, body FROM record WHERE area = ? ORDER BY kind, id")?;
    let mut rows = found.query([area.as_bytes()])?;
    let mut digest = AreaDigest::new();
    while let Some(row) = rows.next()? {
        let (number, id, is_held): (i64, [u8; 16], bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let Some(kind) = Kind::from_number(number).filter(|_| !is_held) else { return Ok(None) };
        let body = row.get_ref(3)?.as_bytes().map_err(rusqlite::Error::from)?;
        digest.take(kind, uuid::Uuid::from_bytes(id), body);
    }
    Ok(Some(digest.finish()))
}

/// A sync ran to its end. Operations that were acknowledged long ago are forgotten with it.
pub(super) fn note_success(tx: &Transaction<'_>, now_ms: i64) -> Result<(), Error> {
    tx.prepare_cached(
        "UPDATE profile SET last_success_ms = ?, last_error_ms = NULL, last_error_id = NULL, pulls_count = pulls_count + 1",
    )?
    .execute([now_ms])?;
    // By the server's clock, as the acknowledgements.
    outbox::forget_old(tx, profile::get(tx)?.seen_stamp.wall_ms())?;
    Ok(())
}
