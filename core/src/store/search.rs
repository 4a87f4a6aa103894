//! The search index: pairs of neighbouring characters in an FTS5 table without content of its own.
//!
//! # Why pairs
//! Words cannot be told apart in Chinese without a dictionary, and FTS5's trigrams find nothing shorter than three characters, while most
//! words that people look for have two. A text is stored as the sequence of its pairs, so 漏水 is one term, and 水管漏水 is the phrase
//! of its three pairs. Positions make a phrase match only where its pairs follow each other.
//!
//! # What is stored
//! A pair is written in hexadecimal (`6f0fx6c34`), so that the tokenizer sees plain ASCII: it neither knows every Chinese character
//! (those of Unicode 8 and later, which are in names) nor folds one into another, and no query text can be taken for FTS5's syntax.
//! Initials of a name are pairs of letters after `i` (`ics`), [`GAP`] stands wherever two pairs do not follow each other, and [`PLACE`]
//! marks homes and people, which are shown first.
//!
//! # When it is filled
//! When someone searches: a save stays one small transaction. [`catch_up`] takes rows that are new (`row > indexed_row`) and rows that the
//! store marked as changed or gone (`search_stale`), a bounded number a call.

use crate::error::Error;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// Between two pairs that do not follow each other, so that no phrase reaches across.
pub const GAP: &str = "z";
/// In every row of a home or person.
pub const PLACE: &str = "home";

/// The term of two neighbouring characters.
pub fn pair(first: char, second: char) -> String {
    format!("{:x}x{:x}", u32::from(first), u32::from(second))
}

/// The term of two neighbouring initials.
pub fn initials_pair(first: char, second: char) -> String {
    format!("i{first}{second}")
}

/// What the index needs to know of a row: its terms, or nothing if it is not searched.
pub type Terms = fn(kind: i64, body: &str) -> Option<String>;

/// Whether rows wait to be indexed.
///
/// # Errors
/// When the store fails.
pub fn is_behind(c: &Connection) -> Result<bool, Error> {
    let mut found = c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM search_stale)
         OR (SELECT max(row) FROM record) > (SELECT indexed_row FROM search_state WHERE id = 1)",
    )?;
    Ok(found.query_row([], |row| row.get::<_, Option<bool>>(0))?.unwrap_or(false))
}

/// Indexes at most so many rows. Says whether any are left.
///
/// Rows that changed or went come first. Only when none is left do new ones follow, since the number of a row that went may be given out
/// again: `indexed_row` never stands above the largest row, so such a row counts as new.
///
/// # Errors
/// When the store fails.
pub fn catch_up(tx: &Transaction<'_>, rows_max_count: usize, terms: Terms) -> Result<bool, Error> {
    let (largest, indexed): (i64, i64) = tx
        .prepare_cached(
            "SELECT (SELECT coalesce(max(row), 0) FROM record), indexed_row FROM search_state WHERE id = 1",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut indexed = indexed.min(largest);
    let stale: Vec<i64> = tx
        .prepare_cached("SELECT row FROM search_stale ORDER BY row LIMIT ?")?
        .query_map([rows_max_count as i64], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for row in &stale {
        renew(tx, *row, *row <= indexed, terms)?;
    }
    let room = rows_max_count - stale.len();
    if room > 0 {
        indexed = take_new(tx, indexed, room, terms)?;
    }
    tx.prepare_cached("UPDATE search_state SET indexed_row = ? WHERE id = 1")?.execute([indexed])?;
    is_behind(tx)
}

/// Takes a row out of the index and, if it is still there and was indexed before, in again.
fn renew(tx: &Transaction<'_>, row: i64, was_indexed: bool, terms: Terms) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM search WHERE rowid = ?")?.execute([row])?;
    tx.prepare_cached("DELETE FROM search_stale WHERE row = ?")?.execute([row])?;
    if !was_indexed {
        return Ok(()); // it comes with the new ones
    }
    let found: Option<(i64, String)> = tx
        .prepare_cached("SELECT kind, body FROM record WHERE row = ?")?
        .query_row([row], |found| Ok((found.get(0)?, found.get(1)?)))
        .optional()?;
    if let Some(pairs) = found.and_then(|(kind, body)| terms(kind, &body)) {
        insert(tx, row, &pairs)?;
    }
    Ok(())
}

fn take_new(tx: &Transaction<'_>, indexed: i64, rows_max_count: usize, terms: Terms) -> Result<i64, Error> {
    let mut found = tx.prepare_cached("SELECT row, kind, body FROM record WHERE row > ? ORDER BY row LIMIT ?")?;
    let mut rows = found.query(params![indexed, rows_max_count as i64])?;
    let mut last = indexed;
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        let body = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        if let Some(pairs) = terms(row.get(1)?, body) {
            insert(tx, last, &pairs)?;
        }
    }
    Ok(last)
}

fn insert(tx: &Transaction<'_>, row: i64, pairs: &str) -> Result<(), Error> {
    tx.prepare_cached("INSERT OR REPLACE INTO search (rowid, pairs) VALUES (?, ?)")?.execute(params![row, pairs])?;
    Ok(())
}

/// A row that may match.
#[derive(Debug)]
pub struct Candidate {
    /// Its row.
    pub row: i64,
    /// Its record's JSON.
    pub body: String,
}

/// Rows that match an expression made of terms, the newest first, below a row number.
///
/// # Errors
/// When the store fails.
pub fn find(c: &Connection, expression: &str, below_row: i64, rows_max_count: usize) -> Result<Vec<Candidate>, Error> {
    let mut found = c.prepare_cached(
        "SELECT record.row, record.body FROM search JOIN record ON record.row = search.rowid
         WHERE search MATCH ?1 AND search.rowid < ?2 ORDER BY search.rowid DESC LIMIT ?3",
    )?;
    candidates(&mut found, params![expression, below_row, rows_max_count as i64])
}

/// Rows of some kinds whose JSON holds a text, among the newest of these kinds: for a single character, which has no pair.
///
/// # Errors
/// When the store fails.
pub fn scan(
    c: &Connection,
    (first_kind, last_kind): (i64, i64),
    holding: &str,
    rows_max_count: usize,
) -> Result<Vec<Candidate>, Error> {
    let mut found = c.prepare_cached(
        "SELECT row, body FROM record WHERE row IN
         (SELECT row FROM record WHERE kind BETWEEN ?1 AND ?2 ORDER BY row DESC LIMIT ?3)
         AND body LIKE ?4 ESCAPE '\\' ORDER BY row DESC",
    )?;
    let pattern = holding.chars().fold(String::from("%"), |mut pattern, c| {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
        pattern
    }) + "%";
    candidates(&mut found, params![first_kind, last_kind, rows_max_count as i64, pattern])
}

fn candidates(
    found: &mut rusqlite::CachedStatement<'_>,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Vec<Candidate>, Error> {
    let rows = found.query_map(values, |row| Ok(Candidate { row: row.get(0)?, body: row.get(1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
