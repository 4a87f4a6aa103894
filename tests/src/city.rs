//! A city for tests and the demo: the division tree and made-up rosters, brought in the way a city's own files come in.

use crate::roster::Roster;
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::io::{Cursor, Read, Seek};
use std::path::Path;
use zoufang_domain::unit::{Level, id_of_division};
use zoufang_sync_server::import::apply::{self, ApplyError, Import, RosterTarget, Source};
use zoufang_sync_server::import::divisions::{self, DivisionRow};
use zoufang_sync_server::import::report::ImportError;
use zoufang_sync_server::import::roster::{self, RosterOptions};
use zoufang_sync_server::import::table::TableOptions;
use zoufang_sync_server::store::Store;

/// The divisions of Yangquan: real and public, see `tests/data/README.md`.
pub const YANGQUAN_CSV: &str = include_str!("../data/yangquan-divisions.csv");

/// Why a city could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum CityError {
    /// A file does not read.
    #[error(transparent)]
    File(#[from] ImportError),
    /// The server did not take what was read.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// A file cannot be read at all.
    #[error(transparent)]
    Read(std::io::Error),
    /// Rows of the file are wrong.
    #[error("{0} rows of the file are wrong")]
    Rows(u64),
}

/// Imports a division tree and gives its rows.
///
/// # Errors
/// [`CityError`]; then nothing was imported.
pub fn import_divisions(
    store: &Store,
    now_ms: i64,
    file_name: &str,
    file: impl Read + Seek,
) -> Result<Vec<DivisionRow>, CityError> {
    let tree = divisions::read(file, &TableOptions::default())?;
    if tree.report.errors_count > 0 {
        return Err(CityError::Rows(u64::from(tree.report.errors_count)));
    }
    let source = source(file_name, file_name.as_bytes());
    apply::apply_divisions(Import { store, now_ms, progress: &mut |_, _| {} }, &source, &tree)?;
    Ok(tree.rows)
}

/// Imports a made-up roster. Every row of it must be taken.
///
/// # Errors
/// [`CityError`].
pub fn import_roster(store: &Store, now_ms: i64, since: NaiveDate, made: &Roster) -> Result<(), CityError> {
    let read = roster::read(Cursor::new(made.csv().as_bytes()), &RosterOptions::default())?;
    apply_roster(store, now_ms, since, &source("测试花名册.csv", made.csv().as_bytes()), &read)
}

/// Imports a roster file. Every row of it must be taken.
///
/// # Errors
/// [`CityError`].
pub fn import_roster_file(store: &Store, now_ms: i64, since: NaiveDate, path: &Path) -> Result<(), CityError> {
    let source = Source::of_file(path).map_err(CityError::Read)?;
    let read = roster::read_file(path, &RosterOptions::default())?;
    apply_roster(store, now_ms, since, &source, &read)
}

fn apply_roster(
    store: &Store,
    now_ms: i64,
    since: NaiveDate,
    source: &Source,
    read: &roster::Roster,
) -> Result<(), CityError> {
    let target = RosterTarget { community: None, since };
    let applied = apply::apply_roster(Import { store, now_ms, progress: &mut |_, _| {} }, source, read, target)?;
    match u64::from(read.report.errors_count) + applied.problems_count {
        0 => Ok(()),
        wrong_count => Err(CityError::Rows(wrong_count)),
    }
}

fn source(file_name: &str, bytes: &[u8]) -> Source {
    Source { file_name: file_name.to_owned(), sha256: Sha256::digest(bytes).into() }
}

/// The communities of a tree whose names begin with these, in this order; where one is missing, the first community that is not taken
/// yet, so that another city's tree does as well.
pub fn communities<'t>(rows: &'t [DivisionRow], names: &[&str]) -> Vec<&'t DivisionRow> {
    let all: Vec<&DivisionRow> =
        rows.iter().filter(|row| Level::from_division(row.level) == Some(Level::Community)).collect();
    let mut chosen: Vec<&DivisionRow> = Vec::with_capacity(names.len());
    for name in names {
        let is_free = |row: &&&DivisionRow| !chosen.iter().any(|taken| taken.code == row.code);
        let named = all.iter().filter(is_free).find(|row| row.name.starts_with(name));
        if let Some(row) = named.or_else(|| all.iter().find(is_free)) {
            chosen.push(row);
        }
    }
    chosen
}

/// The unit of a division.
pub fn unit_of(row: &DivisionRow) -> zoufang_domain::ids::UnitId {
    id_of_division(&row.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_tree_has_the_five_communities_and_any_tree_gives_five() {
        let tree = divisions::read(Cursor::new(YANGQUAN_CSV.as_bytes()), &TableOptions::default()).unwrap();
        let names = ["段南沟", "水滩", "南台", "阳坡垴", "市政府大院"];
        let found = communities(&tree.rows, &names);
        assert!(found.iter().zip(names).all(|(row, name)| row.name.starts_with(name)), "{found:?}");
        let elsewhere = communities(&tree.rows, &["没有", "没有", "也没有"]);
        assert_eq!(elsewhere.len(), 3);
        assert!(elsewhere[0].code != elsewhere[1].code && elsewhere[1].code != elsewhere[2].code);
    }
}
