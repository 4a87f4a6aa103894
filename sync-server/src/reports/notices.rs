//! Notices: which are in force, who of the managers concerned has read the ones that ask for it, and how many homes were told on visits.
//! Readers are counted by unit and listed in the order of their units; who read first is nobody's question.

use super::labels::label;
use super::readers::{self, Managers};
use super::text::{Table, either};
use super::units::PLACE;
use super::{Asked, Head, ReportError, conflicts, told};
use crate::notices;
use crate::store::StoreError;
use crate::store::scope::Scope;
use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, named_params};
use serde::Serialize;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{NoticeId, StaffId, UnitId};
use zoufang_domain::message::Language;
use zoufang_domain::notice::{self, Notice, NoticeKind, NoticeState};
use zoufang_domain::record::Record;
use zoufang_domain::report::Rate;

/// Notices listed at once; the count above the list covers all.
pub const NOTICES_SHOWN_MAX_COUNT: usize = 200;

/// The list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Notices {
    /// Unit, period, time.
    #[serde(flatten)]
    pub head: Head,
    /// All that were sent to the unit, a unit above or a unit below, and are in force or still to come, or were in force in the period.
    pub total: u64,
    /// The first [`NOTICES_SHOWN_MAX_COUNT`] of them, the newest first.
    pub notices: Vec<NoticeRow>,
}

/// One notice, with what became of it inside the unit asked about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoticeRow {
    /// The notice.
    pub id: NoticeId,
    /// The unit that it was sent to.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// One line.
    pub title: String,
    /// What it is for.
    pub kind: NoticeKind,
    /// How it stands.
    pub state: NoticeState,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// When it was sent.
    pub sent_at: Moment,
    /// Who sent it; empty for the command line.
    pub sent_by: String,
    /// Managers who have read it, of the managers of the micro-grids concerned; only where it asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<Rate>,
    /// Visits that gave it and are not void, whatever came of them.
    pub visits_count: u64,
    /// Current homes with a visit that was done and gave it, of the current homes concerned.
    pub homes: Rate,
}

/// One notice with its readers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Receipts {
    /// Unit, period, time. The period has no bearing on this report: it shows how things stand.
    #[serde(flatten)]
    pub head: Head,
    /// The notice.
    pub notice: NoticeRow,
    /// What it says.
    pub body: String,
    /// Why it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_because: Option<String>,
    /// The managers of the micro-grids concerned, in the order of their units; none where it asks for no receipt.
    pub readers: Vec<Reader>,
}

/// A manager.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reader {
    /// The micro-grids inside the unit asked about.
    pub units: String,
    /// The person.
    pub staff: StaffId,
    /// Their name.
    pub name: String,
    /// Whether they have read it.
    pub has_read: bool,
}

/// Those of the unit's subtree and of the units above it.
const WANTED: &str =
    "(SELECT unit FROM unit_within WHERE ancestor = :unit UNION SELECT ancestor FROM unit_within WHERE unit = :unit) at
    CROSS JOIN record ON record.area = at.unit AND record.kind = 19
    AND (record.due >= :today OR (record.sort <= :to AND record.due >= :from))";

/// Lists.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn notices(c: &Connection, scope: &Scope, asked: &Asked) -> Result<Notices, ReportError> {
    let head = super::head(c, scope, asked)?;
    let sql = format!("SELECT record.body FROM {WANTED} ORDER BY record.sort DESC, record.seq DESC, record.id");
    let (unit, today) = (asked.unit.as_bytes(), asked.now.day().to_string());
    let (from, to) = (asked.period.from.to_string(), asked.period.to.to_string());
    let mut statement = c.prepare_cached(&sql)?;
    let values = named_params! { ":unit": unit, ":today": today, ":from": from, ":to": to };
    let bodies = statement.query_map(values, |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let total = bodies.len() as u64;
    let mut found = Vec::new();
    for body in bodies.iter().take(NOTICES_SHOWN_MAX_COUNT) {
        let record: Record = serde_json::from_str(body).map_err(|_| StoreError::Damaged { what: "notice" })?;
        // One that does not read (a newer version wrote it) is counted and not shown.
        if let Ok(noun) = record.read::<Notice>() {
            found.push((record, noun));
        }
    }
    let mut counts = Counts::of(c, asked, &found)?;
    let rows = found.iter().map(|(record, noun)| row_of(c, asked, record, noun, &mut counts));
    Ok(Notices { head, total, notices: rows.collect::<Result<_, _>>()? })
}

/// One notice with its readers.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope, and alike for a notice that is not there, was sent elsewhere, or concerns nobody
/// under the unit.
pub fn receipts(c: &Connection, scope: &Scope, asked: &Asked, id: NoticeId) -> Result<Receipts, ReportError> {
    let head = super::head(c, scope, asked)?;
    let record = notices::find(c, scope, id)?.ok_or(ReportError::NotFound)?;
    shared(c, asked.unit, record.area)?.ok_or(ReportError::NotFound)?;
    let noun: Notice = record.read().map_err(|_| StoreError::Damaged { what: "notice" })?;
    let found = [(record, noun)];
    let mut counts = Counts::of(c, asked, &found)?;
    let [(record, noun)] = &found;
    let notice = row_of(c, asked, record, noun, &mut counts)?;
    let readers = match noun.needs_receipt {
        true => counts.managers.readers(c, id, record.area)?,
        false => Vec::new(),
    };
    let withdrawn_because = record.void.as_ref().map(|void| void.reason.clone());
    Ok(Receipts { head, notice, body: noun.body.clone(), withdrawn_because, readers })
}

/// The part of the tree that two units share: the lower one of them; nothing when neither lies under the other.
fn shared(c: &Connection, one: UnitId, other: UnitId) -> Result<Option<UnitId>, ReportError> {
    let mut under = c.prepare_cached("SELECT 1 FROM unit_within WHERE ancestor = ?1 AND unit = ?2")?;
    for (above, below) in [(one, other), (other, one)] {
        if under.query_row((above.as_bytes(), below.as_bytes()), |_| Ok(())).optional()?.is_some() {
            return Ok(Some(below));
        }
    }
    Ok(None)
}

/// What is counted once for all notices of a list.
struct Counts {
    managers: Managers,
    told: told::Told,
}

impl Counts {
    fn of(c: &Connection, asked: &Asked, found: &[(Record, Notice)]) -> Result<Self, ReportError> {
        let managers = readers::managers(c, asked)?;
        let ids = found.iter().map(|(record, _)| NoticeId(record.id)).collect();
        let since = found.iter().map(|(record, noun)| noun.valid_from.min(sent_at(record).day())).min();
        Ok(Counts { managers, told: told::told(c, asked.unit, since, &ids)? })
    }
}

fn sent_at(record: &Record) -> Moment {
    Moment::from_ms(record.v.at.wall_ms())
}

fn row_of(
    c: &Connection,
    asked: &Asked,
    record: &Record,
    noun: &Notice,
    counts: &mut Counts,
) -> Result<NoticeRow, ReportError> {
    let id = NoticeId(record.id);
    let concerned = shared(c, asked.unit, record.area)?.unwrap_or(asked.unit);
    let read = match noun.needs_receipt {
        true => Some(counts.managers.rate(c, id, record.area)?),
        false => None,
    };
    let (visits_count, homes) = counts.told.of(c, id, concerned)?;
    let sql = format!("SELECT {PLACE} FROM unit WHERE id = ?1");
    let unit_name = c.prepare_cached(&sql)?.query_row([record.area.as_bytes()], |row| row.get(0)).optional()?;
    Ok(NoticeRow {
        id,
        unit: record.area,
        unit_name: unit_name.unwrap_or_default(),
        title: noun.title.clone(),
        kind: noun.kind,
        state: notice::state(record, noun, asked.now.day()),
        valid_from: noun.valid_from,
        valid_to: noun.valid_to,
        sent_at: sent_at(record),
        sent_by: conflicts::staff_name(c, record.who)?,
        read,
        visits_count,
        homes,
    })
}

impl Notices {
    /// As a table: a row a notice.
    pub fn to_table(&self, language: Language) -> Table {
        let columns = vec![
            either(language, "通知编号", "notice"),
            either(language, "标题", "title"),
            either(language, "类别", "kind"),
            either(language, "状态", "state"),
            either(language, "起", "from"),
            either(language, "止", "to"),
            either(language, "发往单位", "sent to"),
            either(language, "发出人", "sent by"),
            either(language, "已读", "read"),
            either(language, "应读", "managers"),
            either(language, "告知走访", "visits that gave it"),
            either(language, "已告知户", "homes told"),
            either(language, "总户数", "homes"),
        ];
        let row = |one: &NoticeRow| {
            let count = |of: fn(&Rate) -> u64| one.read.as_ref().map(|rate| of(rate).to_string()).unwrap_or_default();
            vec![
                one.id.to_string(),
                one.title.clone(),
                label(language, "notice_kind", one.kind.name()).to_owned(),
                label(language, "notice", one.state.name()).to_owned(),
                one.valid_from.to_string(),
                one.valid_to.to_string(),
                one.unit_name.clone(),
                one.sent_by.clone(),
                count(|rate| rate.numerator),
                count(|rate| rate.denominator),
                one.visits_count.to_string(),
                one.homes.numerator.to_string(),
                one.homes.denominator.to_string(),
            ]
        };
        Table { columns, rows: self.notices.iter().map(row).collect(), texts_count: 8 }
    }
}

impl Receipts {
    /// As a table: a row a manager, in the order of the units.
    pub fn to_table(&self, language: Language) -> Table {
        let columns = vec![
            either(language, "单位", "unit"),
            either(language, "姓名", "name"),
            either(language, "回执", "receipt"),
        ];
        let word = |has_read: bool| match has_read {
            true => either(language, "已读", "read"),
            false => either(language, "未读", "not read"),
        };
        let row = |reader: &Reader| vec![reader.units.clone(), reader.name.clone(), word(reader.has_read).to_owned()];
        Table { columns, rows: self.readers.iter().map(row).collect(), texts_count: 3 }
    }
}
