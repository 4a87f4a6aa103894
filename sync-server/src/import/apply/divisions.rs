//! The division tree: one unit a row, all in one transaction.

use super::{Applied, ApplyError, Batch, Import, Source, has_unit};
use crate::import::divisions::{DivisionRow, Divisions, LEVEL_CITY};
use crate::ledger::CONSOLE;
use crate::units;
use zoufang_domain::schema::Kind;
use zoufang_domain::unit::{Level, OrgUnit, id_of_division};

/// Writes a tree that was read without an error. A unit that is known keeps its id; a new name of it is an edit.
///
/// # Errors
/// [`ApplyError`]; then nothing was written.
pub fn apply_divisions(import: Import<'_>, source: &Source, tree: &Divisions) -> Result<Applied, ApplyError> {
    let rows_count = tree.rows.len() as u64;
    let applied = import.store.write(|tx| {
        let mut applied = Applied::default();
        let batch = Batch::begin(tx, import.now_ms, "divisions", source, &tree.report)?;
        for (at, row) in tree.rows.iter().enumerate() {
            let id = id_of_division(&row.code);
            let known = has_unit(tx, id)?;
            let written = units::create(tx, import.now_ms, CONSOLE, id, &unit_of(row))?;
            match (known, written.changed) {
                (false, _) => {
                    applied.units_created_count += 1;
                    batch.created(tx, id, Kind::OrgUnit, id.0)?;
                }
                (true, true) => applied.records_edited_count += 1,
                (true, false) => applied.records_same_count += 1,
            }
            (import.progress)(at as u64 + 1, rows_count);
        }
        batch.end(tx, &mut applied)?;
        Ok::<_, ApplyError>(applied)
    })?;
    Ok(applied)
}

fn unit_of(row: &DivisionRow) -> OrgUnit {
    OrgUnit {
        // The reader lets no other level through.
        level: Level::from_division(row.level).unwrap_or(Level::Community),
        name: row.name.clone(),
        code: Some(row.code.clone()),
        parent: (row.level != LEVEL_CITY).then(|| id_of_division(&row.parent_code)),
        from: None,
        to: None,
    }
}
