//! A matter that a desk takes down: from the hotline, a department, a call.

use super::{MoveError, Standing, TermsBook, standing};
use crate::audit::{self, Actor};
use crate::ledger;
use crate::units;
use rusqlite::Transaction;
use zoufang_domain::authority;
use zoufang_domain::calendar::Moment;
use zoufang_domain::home::Household;
use zoufang_domain::ids::{HouseholdId, MatterId, StaffId, UnitId, derived};
use zoufang_domain::matter::{EventKind, Matter, MatterKind, Source, Track, Urgency};
use zoufang_domain::operation::{Action, Entry, Fields, List};
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::unit::Level;

/// What was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The id that the matter gets. The same report sent twice under one id is one matter.
    pub id: MatterId,
    /// The micro-grid.
    pub area: UnitId,
    /// The home, if it is of one.
    pub household: Option<HouseholdId>,
    /// Where it comes from; not from a visit, which phones report.
    pub source: Source,
    /// What kind.
    pub kind: MatterKind,
    /// How it is worked on.
    pub track: Track,
    /// How urgent.
    pub urgency: Option<Urgency>,
    /// What it is.
    pub summary: String,
}

/// Takes a matter down, on the word of a member of staff at a desk. Its manager has it after the next sync.
///
/// # Errors
/// [`MoveError::NotHere`] when the area is not theirs, is no micro-grid, or has no such home; [`MoveError::Field`] for an empty summary, a
/// visit as its source, or a home that is closed; [`MoveError::Ledger`] when the role takes none down or another matter has that id.
pub fn open(tx: &Transaction<'_>, now_ms: i64, staff: StaffId, report: &Report) -> Result<Standing, MoveError> {
    let now = Moment::from_ms(now_ms);
    let Report { id, area, .. } = *report;
    let posts = super::posts(tx, now_ms, staff, area)?;
    if posts.is_empty() || units::find(tx, area)?.is_none_or(|unit| unit.level != Level::MicroGrid) {
        return Err(MoveError::NotHere);
    }
    if !posts.iter().any(|post| authority::takes_matters(post.role)) {
        return Err(MoveError::Ledger(Refusal::NotAllowed.into()));
    }
    let summary = report.summary.trim().to_owned();
    for (is_wrong, field) in [(summary.is_empty(), "summary"), (report.source == Source::Visit, "source")] {
        if is_wrong {
            return Err(MoveError::Field(field.to_owned()));
        }
    }
    if let Some(household) = report.household {
        let home = ledger::record(tx, area, Kind::Household, household.0)?.ok_or(MoveError::NotHere)?;
        if home.read::<Household>().is_ok_and(|home| home.to.is_some_and(|to| to < now.day())) {
            return Err(MoveError::Field("household".to_owned()));
        }
    }
    if let Some(known) = standing(tx, area, id)? {
        let is_same = known.record.who == staff && known.matter.summary == summary;
        return if is_same { Ok(known) } else { Err(MoveError::Ledger(Refusal::NotNow.into())) };
    }
    let due = TermsBook::read(tx)?.answer_due(tx, area, report.track, report.kind, now)?;
    let matter = Matter {
        source: report.source,
        kind: report.kind,
        track: report.track,
        summary,
        urgency: report.urgency,
        line: None,
        household: report.household,
        resident: None,
        visit: None,
        duties: Vec::new(),
        due,
    };
    let entry = Entry {
        id: derived(&["report", &id.to_string()]),
        list: List::Events,
        what: EventKind::Report.name().to_owned(),
        when: now,
        who: staff,
        data: Fields::new(),
    };
    let action = Action::Create { fields: ledger::fields_of(&matter), entries: vec![entry] };
    ledger::write_at_desk(tx, now_ms, staff, area, Kind::Matter, id.0, action)?;
    audit::write(tx, now_ms, Actor::Staff(staff), "matter.report", &id.to_string())?;
    standing(tx, area, id)?.ok_or(MoveError::NotHere)
}
