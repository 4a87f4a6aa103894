//! Rosters: a micro-grid where there is none yet, a dwelling and a household a row.
//!
//! For a home that is known, only what the file says and the record does not is written, and only over values that the server itself
//! wrote: what a worker wrote at the door is newer than any list, so it stays and is counted. An empty cell says nothing.

use super::{Applied, ApplyError, Batch, CHUNK_ROWS_COUNT, Import, RowProblem, Source, has_unit};
use crate::import::roster::{DwellingUse, Roster, RosterRow};
use crate::ledger::{self, CONSOLE, LedgerError, SERVER_DEVICE};
use crate::store::{StoreError, id_at};
use crate::units;
use chrono::NaiveDate;
use rusqlite::Transaction;
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;
use zoufang_domain::conflict;
use zoufang_domain::home::{Address, dwelling_id};
use zoufang_domain::ids::{UnitId, derived};
use zoufang_domain::operation::{Action, Fields};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::unit::{Level, OrgUnit, id_of_micro_grid};

/// Where a roster belongs.
#[derive(Clone, Copy, Debug)]
pub struct RosterTarget {
    /// The community of rows that name none.
    pub community: Option<UnitId>,
    /// The day from which new households count.
    pub since: NaiveDate,
}

/// Writes a roster's rows, [`CHUNK_ROWS_COUNT`] in a transaction.
///
/// # Errors
/// [`ApplyError`]; what earlier chunks wrote stays.
pub fn apply_roster(
    import: Import<'_>,
    source: &Source,
    roster: &Roster,
    target: RosterTarget,
) -> Result<Applied, ApplyError> {
    let communities = import.store.read(Communities::load)?;
    if target.community.is_some_and(|id| !communities.ids.contains(&id)) {
        return Err(ApplyError::NoCommunity);
    }
    let rows_count = roster.rows.len() as u64;
    let batch = import.store.write(|tx| Batch::begin(tx, import.now_ms, "roster", source, &roster.report))?;
    let mut applied = Applied::default();
    for (at, chunk) in roster.rows.chunks(CHUNK_ROWS_COUNT).enumerate() {
        let so_far = applied;
        applied = import.store.write(|tx| {
            let mut writer = Writer { tx, now_ms: import.now_ms, since: target.since, batch: &batch, applied: so_far };
            for row in chunk {
                match communities.place(row, target.community) {
                    Ok(community) => writer.write_row(community, row)?,
                    Err(problem) => writer.applied.add_problem(row.row_number, problem),
                }
            }
            Ok::<_, ApplyError>(writer.applied)
        })?;
        let done = ((at + 1) * CHUNK_ROWS_COUNT) as u64;
        (import.progress)(done.min(rows_count), rows_count);
    }
    import.store.write(|tx| {
        batch.end(tx, &mut applied)?;
        Ok::<_, ApplyError>(())
    })?;
    Ok(applied)
}

/// The communities of the tree, by code and by name.
struct Communities {
    ids: Vec<UnitId>,
    by_code: HashMap<String, UnitId>,
    /// `None`: several have that name.
    by_name: HashMap<String, Option<UnitId>>,
}

impl Communities {
    fn load(c: &rusqlite::Connection) -> Result<Self, StoreError> {
        let sql = "SELECT id, code, name FROM unit WHERE level = 'community' AND closed_ms IS NULL";
        let mut statement = c.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut found = Communities { ids: Vec::new(), by_code: HashMap::new(), by_name: HashMap::new() };
        while let Some(row) = rows.next()? {
            let id = UnitId(id_at(row, 0)?);
            found.ids.push(id);
            if let Some(code) = row.get::<_, Option<String>>(1)? {
                found.by_code.insert(code, id);
            }
            let name: String = row.get(2)?;
            for name in [short_name(&name).to_owned(), name] {
                found.by_name.entry(name).and_modify(|known| *known = known.filter(|it| *it == id)).or_insert(Some(id));
            }
        }
        Ok(found)
    }

    fn place(&self, row: &RosterRow, given: Option<UnitId>) -> Result<UnitId, RowProblem> {
        let Some(text) = &row.community else { return given.ok_or(RowProblem::CommunityUnknown) };
        if let Some(id) = self.by_code.get(text) {
            return Ok(*id);
        }
        match self.by_name.get(text).or_else(|| self.by_name.get(short_name(text))) {
            Some(Some(id)) => Ok(*id),
            Some(None) => Err(RowProblem::CommunityAmbiguous),
            None => Err(RowProblem::CommunityUnknown),
        }
    }
}

/// A community's name as people shorten it: the statistics write 段南沟社区居民委员会, rosters 段南沟社区 or 段南沟.
fn short_name(name: &str) -> &str {
    const ENDINGS: [&str; 6] = ["居民委员会", "村民委员会", "居委会", "村委会", "社区", "村"];
    let mut short = name;
    for ending in ENDINGS {
        short = short.strip_suffix(ending).filter(|rest| !rest.is_empty()).unwrap_or(short);
    }
    short
}

/// One chunk's transaction.
struct Writer<'t> {
    tx: &'t Transaction<'t>,
    now_ms: i64,
    since: NaiveDate,
    batch: &'t Batch,
    applied: Applied,
}

impl Writer<'_> {
    fn write_row(&mut self, community: UnitId, row: &RosterRow) -> Result<(), ApplyError> {
        let area = self.micro_grid(community, &row.micro_grid)?;
        let address = Address { building: row.building.clone(), unit: row.unit.clone(), room: row.room.clone() };
        let dwelling = dwelling_id(area, &address).0;
        let household = derived(&["household", &dwelling.to_string()]);
        let homes = [
            (Kind::Dwelling, dwelling, dwelling_fields(&address, row.dwelling_use), dwelling_news(row)),
            (Kind::Household, household, self.household_fields(dwelling, row), household_news(row)),
        ];
        for (kind, id, whole, news) in homes {
            match self.write_record(area, kind, id, whole, news) {
                Ok(()) => {}
                Err(LedgerError::Refused(Refusal::RecordErased)) => {
                    self.applied.add_problem(row.row_number, RowProblem::Erased);
                    break;
                }
                Err(LedgerError::Refused(_)) => {
                    self.applied.add_problem(row.row_number, RowProblem::Refused);
                    break;
                }
                Err(other) => return Err(other.into()),
            }
        }
        Ok(())
    }

    fn micro_grid(&mut self, community: UnitId, name: &str) -> Result<UnitId, ApplyError> {
        let id = id_of_micro_grid(community, name);
        if !has_unit(self.tx, id)? {
            let unit = OrgUnit {
                level: Level::MicroGrid,
                name: name.to_owned(),
                code: None,
                parent: Some(community),
                from: None,
                to: None,
            };
            units::create(self.tx, self.now_ms, CONSOLE, id, &unit)?;
            self.batch.created(self.tx, id, Kind::OrgUnit, id.0)?;
            self.applied.units_created_count += 1;
        }
        Ok(id)
    }

    fn household_fields(&self, dwelling: Uuid, row: &RosterRow) -> Fields {
        let mut fields = household_news(row);
        fields.insert("dwelling".into(), json!(dwelling));
        fields.insert("from".into(), json!(self.since));
        fields
    }

    /// Begins a record with `whole`, or lays `news` over the one that is there.
    fn write_record(
        &mut self,
        area: UnitId,
        kind: Kind,
        id: Uuid,
        mut whole: Fields,
        news: Fields,
    ) -> Result<(), LedgerError> {
        // A roster that was made before somebody was erased would bring their name back; whoever lives there now is put in by hand.
        let kept_out = kind == Kind::Household && ledger::anyone_erased_from(self.tx, area, id)?;
        let is_kept_out = |name: &str| kept_out && matches!(name, "contact" | "phone");
        whole.retain(|name, _| !is_kept_out(name));
        let Some(record) = ledger::record(self.tx, area, kind, id)? else {
            let action = Action::Create { fields: whole, entries: Vec::new() };
            ledger::write_own(self.tx, self.now_ms, CONSOLE, area, kind, id, action)?;
            self.batch.created(self.tx, area, kind, id)?;
            self.applied.records_created_count += 1;
            return Ok(());
        };
        let differs: Fields = news.into_iter().filter(|(name, value)| record.f.get(name) != Some(value)).collect();
        let (changed, left): (Fields, Fields) =
            differs.into_iter().partition(|(name, _)| written_by_the_server(&record, name) && !is_kept_out(name));
        self.applied.fields_left_count += left.len() as u64;
        if changed.is_empty() {
            self.applied.records_same_count += 1;
            return Ok(());
        }
        let action = conflict::edit(&record, changed);
        ledger::write_own(self.tx, self.now_ms, CONSOLE, area, kind, id, action)?;
        self.applied.records_edited_count += 1;
        Ok(())
    }
}

/// Whether every value that stands for a field came from the server's own hand; a field that never had one is free.
fn written_by_the_server(record: &Record, field: &str) -> bool {
    match record.heads.get(field) {
        Some(heads) => heads.iter().all(|head| head.v.by == SERVER_DEVICE),
        None => !record.f.contains_key(field) || record.v.by == SERVER_DEVICE,
    }
}

fn dwelling_fields(address: &Address, used_as: DwellingUse) -> Fields {
    Fields::from([("address".to_owned(), json!(address)), ("use".to_owned(), json!(used_as.as_str()))])
}

/// What a row says of a dwelling that is known. `other` is also what a roster without that column reads as, so it says nothing.
fn dwelling_news(row: &RosterRow) -> Fields {
    let said = row.dwelling_use != DwellingUse::Other;
    said.then(|| ("use".to_owned(), json!(row.dwelling_use.as_str()))).into_iter().collect()
}

fn household_news(row: &RosterRow) -> Fields {
    let said: [(&str, Option<Value>); 3] = [
        ("contact", row.contact_name.as_ref().map(|name| json!(name))),
        ("phone", row.phone.as_ref().map(|phone| json!(phone))),
        ("people_count", row.people_count.map(|count| json!(count))),
    ];
    said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn communities_are_known_by_the_names_people_use() {
        for name in ["段南沟社区居民委员会", "段南沟社区居委会", "段南沟社区", "段南沟"] {
            assert_eq!(short_name(name), "段南沟");
        }
        assert_eq!((short_name("村"), short_name("水滩村民委员会")), ("村", "水滩"));
    }
}
