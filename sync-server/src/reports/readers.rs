//! Who of the managers of a subtree has read a notice. The question is whether everybody knows, so there is no time in the answer.

use super::notices::Reader;
use super::units::{self, PLACE};
use super::{Asked, ReportError};
use crate::store::id_at;
use rusqlite::{Connection, OptionalExtension, named_params};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use zoufang_domain::ids::{NoticeId, StaffId, UnitId};
use zoufang_domain::notice::receipt_id;
use zoufang_domain::report::Rate;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;

/// The managers of a subtree, and the receipts that lie in it.
pub(super) struct Managers {
    /// One row a post that stands now, in the order of the units.
    posts: Vec<Post>,
    /// Receipts inside the subtree.
    receipts: HashSet<uuid::Uuid>,
    /// Areas under each unit that was asked for.
    under: HashMap<UnitId, HashSet<UnitId>>,
}

struct Post {
    area: UnitId,
    place: String,
    staff: StaffId,
    name: String,
    /// Whether they have or had another post: the receipt may then lie elsewhere.
    has_others: bool,
}

fn posts_sql() -> String {
    format!(
        "SELECT post.unit, {PLACE} place, post.staff, staff.name,
                EXISTS (SELECT 1 FROM assignment other WHERE other.staff = post.staff AND other.unit <> post.unit)
         FROM unit_within inside CROSS JOIN assignment post ON post.unit = inside.unit
         JOIN unit ON unit.id = post.unit JOIN staff ON staff.id = post.staff
         WHERE inside.ancestor = :unit AND post.role = :role AND unit.closed_ms IS NULL
             AND post.from_ms <= :now AND (post.to_ms IS NULL OR post.to_ms > :now)"
    )
}

/// Reads them.
pub(super) fn managers(c: &Connection, asked: &Asked) -> Result<Managers, ReportError> {
    let unit = asked.unit.as_bytes();
    let mut statement = c.prepare_cached(&posts_sql())?;
    let values = named_params! { ":unit": unit, ":role": Role::MicroGridManager.name(), ":now": asked.now.to_ms() };
    let mut posts = statement
        .query_map(values, |row| {
            let (area, staff) = (units::id_at(row, 0)?, StaffId(units::id_at(row, 2)?.0));
            Ok(Post { area, place: row.get(1)?, staff, name: row.get(3)?, has_others: row.get(4)? })
        })?
        .collect::<Result<Vec<_>, _>>()?;
    posts.sort_by_cached_key(|post| (units::in_order(&post.place), post.name.clone(), post.staff));
    let sql =
        "SELECT record.id FROM unit_within inside CROSS JOIN record ON record.area = inside.unit AND record.kind = 20
               WHERE inside.ancestor = :unit";
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query(named_params! { ":unit": unit })?;
    let mut receipts = HashSet::new();
    while let Some(row) = rows.next()? {
        receipts.insert(id_at(row, 0)?);
    }
    Ok(Managers { posts, receipts, under: HashMap::new() })
}

impl Managers {
    /// Managers who have read a notice, of those who work under the unit that it was sent to. Each person counts once.
    pub(super) fn rate(&mut self, c: &Connection, notice: NoticeId, sent_to: UnitId) -> Result<Rate, ReportError> {
        let readers = self.readers(c, notice, sent_to)?;
        let read_count = readers.iter().filter(|reader| reader.has_read).count();
        Ok(Rate { numerator: read_count as u64, denominator: readers.len() as u64 })
    }
    /// Each of them, in the order of the units.
    pub(super) fn readers(
        &mut self,
        c: &Connection,
        notice: NoticeId,
        sent_to: UnitId,
    ) -> Result<Vec<Reader>, ReportError> {
        let under = match self.under.entry(sent_to) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(empty) => empty.insert(crate::units::subtree(c, sent_to)?.into_iter().collect()),
        };
        let mut readers: Vec<Reader> = Vec::new();
        let mut at: HashMap<StaffId, usize> = HashMap::new();
        for post in self.posts.iter().filter(|post| under.contains(&post.area)) {
            if let Some(known) = at.get(&post.staff).and_then(|at| readers.get_mut(*at)) {
                known.units = format!("{}、{}", known.units, post.place);
                continue;
            }
            let receipt = receipt_id(notice, post.staff);
            let has_read =
                self.receipts.contains(&receipt) || (post.has_others && lies_elsewhere(c, post.staff, receipt)?);
            at.insert(post.staff, readers.len());
            let (units, name) = (post.place.clone(), post.name.clone());
            readers.push(Reader { units, staff: post.staff, name, has_read });
        }
        Ok(readers)
    }
}

/// A person with several posts writes one receipt, in one of the areas that the posts cover. It says of the person that they have read, and
/// nothing of that area.
fn lies_elsewhere(c: &Connection, staff: StaffId, receipt: uuid::Uuid) -> Result<bool, ReportError> {
    let sql = "SELECT 1 FROM assignment post JOIN unit_within inside ON inside.ancestor = post.unit
               JOIN record ON record.area = inside.unit AND record.kind = ?2 AND record.id = ?3 WHERE post.staff = ?1 LIMIT 1";
    let mut found = c.prepare_cached(sql)?;
    let key = (staff.as_bytes(), Kind::NoticeReceipt.number(), receipt.as_bytes());
    Ok(found.query_row(key, |_| Ok(())).optional()?.is_some())
}
