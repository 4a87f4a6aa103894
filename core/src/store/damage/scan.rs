//! The outbox, read page by page out of a file that SQLite no longer opens.
//!
//! Every page is authenticated by itself, so each page that verifies is what this phone once wrote, whatever became of the pages that led
//! to it: the first one, the schema, the inner pages of a tree. An operation never changes once it is written, so every copy of a page
//! counts, those in the log too, and the union of all is the outbox. Formats: <https://sqlite.org/fileformat2.html>, and
//! [`zoufang_cipher::page`].

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use zeroize::Zeroizing;
use zoufang_cipher::page::{PAGE_BYTES, PageReader, SALT_BYTES};
use zoufang_domain::operation::Operation;

use crate::ports::Key;
use crate::store::open::beside;

/// What SQLCipher keeps at a page's end.
const RESERVE_BYTES: usize = 80;
const USABLE_BYTES: usize = PAGE_BYTES - RESERVE_BYTES;
/// SQLite's own header in the first page.
const FILE_HEADER_BYTES: usize = 100;
const LEAF_OF_A_TABLE: u8 = 0x0d;
const LEAF_HEADER_BYTES: usize = 8;
const LOG_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
/// Pages that are tried before a salt is given up.
const SALT_PAGES_COUNT_MAX: u32 = 64;
/// Pages that one operation can be spread over; a longer chain is a circle.
const CHAIN_PAGES_COUNT_MAX: usize = 1_024;

/// What is left of an outbox.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SalvagedOutbox {
    /// Operations by counter, sent or not, each the exact JSON that was chained: the server knows those that it has.
    pub operations: BTreeMap<u64, String>,
    /// Pages that verify, in the database and in its log: 0 when the key is another, or all is damaged.
    pub read_pages_count: u64,
    /// Pages that do not verify, in the database and in its log.
    pub failed_pages_count: u64,
}

/// Reads the operations out of every page that verifies. Nothing is changed. A file of which no page verifies gives none.
///
/// # Errors
/// Of the file system. A main file or a log that is not there is no error.
pub fn salvage_outbox(path: &Path, key: &Key) -> io::Result<SalvagedOutbox> {
    let mut salvaged = SalvagedOutbox::default();
    let Some(mut pages) = Pages::open(path, key)? else { return Ok(salvaged) };
    for number in 1..=pages.main_count {
        match pages.of_main(number)? {
            Some(page) => salvaged.take(&mut pages, number, &page)?,
            None => salvaged.failed_pages_count += 1,
        }
    }
    for at in 0..pages.frames.len() {
        match pages.of_frame(at) {
            Some((number, page)) => salvaged.take(&mut pages, number, &page)?,
            None => salvaged.failed_pages_count += 1,
        }
    }
    Ok(salvaged)
}

impl SalvagedOutbox {
    fn take(&mut self, pages: &mut Pages, number: u32, page: &[u8]) -> io::Result<()> {
        self.read_pages_count += 1;
        pages.take_leaf(number, page, &mut self.operations)
    }
}

type Page = Zeroizing<Vec<u8>>;

/// The pages of a database and of its log.
struct Pages {
    reader: PageReader,
    main: Option<File>,
    main_count: u32,
    log: Vec<u8>,
    /// Where the frames of committed transactions begin in the log, with their page's number.
    frames: Vec<(usize, u32)>,
}

impl Pages {
    /// `None` when there is no salt under which a page verifies.
    fn open(path: &Path, key: &Key) -> io::Result<Option<Pages>> {
        let mut main = if_there(File::open(path))?;
        let main_bytes = main.as_ref().map_or(Ok(0), |file| file.metadata().map(|about| about.len()))?;
        let main_count = u32::try_from(main_bytes / PAGE_BYTES as u64).unwrap_or(u32::MAX);
        let mut log = if_there(std::fs::read(beside(path, "-wal")))?.unwrap_or_default();
        let mut frames = committed_frames(&log);
        let mut salts: Vec<[u8; SALT_BYTES]> = Vec::new();
        if let Some(file) = &mut main {
            let mut salt = [0; SALT_BYTES];
            file.seek(SeekFrom::Start(0))?;
            if file.read_exact(&mut salt).is_ok() {
                salts.push(salt);
            }
        }
        // The first page carries the salt in the log as well.
        let in_log = frames.iter().filter(|(_, number)| *number == 1);
        salts.extend(in_log.filter_map(|(at, _)| log.get(at + FRAME_HEADER_BYTES..)?.first_chunk().copied()));
        salts.dedup();
        for salt in salts {
            let (reader, main) =
                (PageReader::new(key.expose(), &salt), main.as_ref().map(File::try_clone).transpose()?);
            let mut pages = Pages { reader, main, main_count, log, frames };
            if pages.fits()? {
                return Ok(Some(pages));
            }
            (log, frames) = (pages.log, pages.frames);
        }
        Ok(None)
    }
    /// Whether one of some pages verifies.
    fn fits(&mut self) -> io::Result<bool> {
        if (0..self.frames.len().min(SALT_PAGES_COUNT_MAX as usize)).any(|at| self.of_frame(at).is_some()) {
            return Ok(true);
        }
        let step = (self.main_count / SALT_PAGES_COUNT_MAX).max(1) as usize;
        for number in (1..=self.main_count).step_by(step) {
            if self.of_main(number)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
    fn of_main(&mut self, number: u32) -> io::Result<Option<Page>> {
        let Some(file) = self.main.as_mut().filter(|_| (1..=self.main_count).contains(&number)) else {
            return Ok(None);
        };
        let mut sealed = vec![0; PAGE_BYTES];
        file.seek(SeekFrom::Start(u64::from(number - 1) * PAGE_BYTES as u64))?;
        file.read_exact(&mut sealed)?;
        Ok(self.reader.open(number, &sealed))
    }
    fn of_frame(&self, at: usize) -> Option<(u32, Page)> {
        let frame = *self.frames.get(at)?;
        Some((frame.1, open_frame(&self.reader, &self.log, frame)?))
    }
    /// The latest copy of a page that verifies.
    fn latest(&mut self, number: u32) -> io::Result<Option<Page>> {
        let in_log = self.frames.iter().rev().filter(|(_, of)| *of == number);
        match in_log.copied().find_map(|frame| open_frame(&self.reader, &self.log, frame)) {
            Some(page) => Ok(Some(page)),
            None => self.of_main(number),
        }
    }
    /// Takes the operations out of a page, if it is a leaf of a table that holds some.
    fn take_leaf(&mut self, number: u32, page: &[u8], into: &mut BTreeMap<u64, String>) -> io::Result<()> {
        for cell in cells(number, page) {
            let record = match cell.goes_on {
                None => Some(cell.record.to_vec()),
                Some((next, length)) => self.chained(cell.record, next, length)?,
            };
            let body = record.as_deref().and_then(body_of).filter(|body| is_operation(body, cell.key));
            if let Some(body) = body {
                into.entry(cell.key).or_insert_with(|| body.to_owned());
            }
        }
        Ok(())
    }
    /// A record that goes on in other pages.
    fn chained(&mut self, begun: &[u8], first: u32, length: usize) -> io::Result<Option<Vec<u8>>> {
        let (mut record, mut next) = (begun.to_vec(), first);
        for _ in 0..CHAIN_PAGES_COUNT_MAX {
            if record.len() >= length {
                return Ok(Some(record));
            }
            let Some(page) = self.latest(next)? else { return Ok(None) };
            let Some((number, rest)) = page.split_first_chunk() else { return Ok(None) };
            next = u32::from_be_bytes(*number);
            let wanted = (length - record.len()).min(USABLE_BYTES - 4);
            record.extend_from_slice(rest.get(..wanted).unwrap_or_default());
        }
        Ok(None)
    }
}

fn if_there<T>(outcome: io::Result<T>) -> io::Result<Option<T>> {
    match outcome {
        Ok(there) => Ok(Some(there)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The frames up to the last that ended a transaction, without those that are left from before the log was begun anew. Their salt tells
/// them apart: that of the log's header, or, should it be damaged, that of the first frame.
fn committed_frames(log: &[u8]) -> Vec<(usize, u32)> {
    let salt_of = |from: usize| log.get(from..from + 8);
    let current = [salt_of(16), salt_of(LOG_HEADER_BYTES + 8)];
    let number = |from: usize| log.get(from..)?.first_chunk().copied().map(u32::from_be_bytes);
    let (mut frames, mut committed_count) = (Vec::new(), 0);
    for at in (LOG_HEADER_BYTES..log.len()).step_by(FRAME_HEADER_BYTES + PAGE_BYTES) {
        let (Some(page), Some(size_after)) = (number(at), number(at + 4)) else { break };
        if !current.contains(&salt_of(at + 8)) || log.len() < at + FRAME_HEADER_BYTES + PAGE_BYTES {
            continue;
        }
        frames.push((at, page));
        if size_after != 0 {
            committed_count = frames.len();
        }
    }
    frames.truncate(committed_count);
    frames
}

fn open_frame(reader: &PageReader, log: &[u8], (at, number): (usize, u32)) -> Option<Page> {
    let from = at + FRAME_HEADER_BYTES;
    reader.open(number, log.get(from..from + PAGE_BYTES)?)
}

/// A row of a table, as far as its leaf holds it.
struct Cell<'p> {
    key: u64,
    record: &'p [u8],
    /// The page where the record goes on, and its whole length.
    goes_on: Option<(u32, usize)>,
}

fn cells(number: u32, page: &[u8]) -> Vec<Cell<'_>> {
    let header = if number == 1 { FILE_HEADER_BYTES } else { 0 };
    if page.get(header) != Some(&LEAF_OF_A_TABLE) {
        return Vec::new();
    }
    let two = |at: usize| page.get(at..)?.first_chunk().copied().map(u16::from_be_bytes).map(usize::from);
    let count = two(header + 3).unwrap_or_default();
    let pointers = (0..count).filter_map(|at| two(header + LEAF_HEADER_BYTES + 2 * at));
    pointers.filter_map(|at| cell(page, at)).collect()
}

fn cell(page: &[u8], at: usize) -> Option<Cell<'_>> {
    let (length, used) = varint(page.get(at..)?)?;
    let (key, more) = varint(page.get(at + used..)?)?;
    let (from, length) = (at + used + more, usize::try_from(length).ok()?);
    let local = local_bytes(length);
    let record = page.get(from..from + local)?;
    let goes_on = match local < length {
        true => Some((u32::from_be_bytes(*page.get(from + local..)?.first_chunk()?), length)),
        false => None,
    };
    Some(Cell { key, record, goes_on })
}

/// How much of a record of that length stays in the leaf.
fn local_bytes(length: usize) -> usize {
    let most = USABLE_BYTES - 35;
    if length <= most {
        return length;
    }
    let least = (USABLE_BYTES - 12) * 32 / 255 - 23;
    let fitting = least + (length - least) % (USABLE_BYTES - 4);
    if fitting <= most { fitting } else { least }
}

/// A number of 1 to 9 bytes, and how many.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        if at == 8 {
            return Some((value << 8 | u64::from(*byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

/// The body in a row of `operation`: counter (the key itself, so NULL), at, kind, subject, link, body, and whatever columns a later version
/// adds.
fn body_of(record: &[u8]) -> Option<&str> {
    const SUBJECT: u64 = 12 + 2 * 16;
    const LINK: u64 = 12 + 2 * 32;
    let (header_bytes, mut at) = varint(record)?;
    let header_bytes = usize::try_from(header_bytes).ok()?;
    let mut kinds = Vec::new();
    while at < header_bytes {
        let (kind, used) = varint(record.get(at..)?)?;
        kinds.push(kind);
        at += used;
    }
    let [0, stamp, kind, SUBJECT, LINK, body, ..] = kinds.as_slice() else { return None };
    let from = header_bytes + integer_bytes(*stamp)? + integer_bytes(*kind)? + 16 + 32;
    let is_text = *body >= 13 && body % 2 == 1;
    let length = usize::try_from((body.checked_sub(13)?) / 2).ok().filter(|_| is_text)?;
    std::str::from_utf8(record.get(from..from.checked_add(length)?)?).ok()
}

/// How long an integer of that kind is.
fn integer_bytes(kind: u64) -> Option<usize> {
    match kind {
        1..=4 => usize::try_from(kind).ok(),
        5 => Some(6),
        6 => Some(8),
        8 | 9 => Some(0),
        _ => None,
    }
}

fn is_operation(body: &str, counter: u64) -> bool {
    serde_json::from_str::<Operation>(body).is_ok_and(|operation| operation.counter == counter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_sqlite_writes_them() {
        let cases: [(&[u8], u64, usize); 5] = [
            (&[0x00], 0, 1),
            (&[0x7f, 0xff], 127, 1),
            (&[0x81, 0x00], 128, 2),
            (&[0x82, 0x80, 0x01], 32_769, 3),
            (&[0xff; 9], u64::MAX, 9),
        ];
        for (bytes, value, used) in cases {
            assert_eq!(varint(bytes), Some((value, used)), "{bytes:?}");
        }
        assert_eq!(varint(&[0x80]), None);
    }

    #[test]
    fn what_is_no_leaf_and_no_log_gives_nothing() {
        assert!(cells(2, &[0; PAGE_BYTES]).is_empty() && cells(2, &[]).is_empty());
        let mut page = vec![0xff; PAGE_BYTES];
        page[0] = LEAF_OF_A_TABLE;
        assert!(cells(2, &page).is_empty(), "pointers that lead out of the page");
        assert!(committed_frames(&[]).is_empty() && committed_frames(&[7; 500]).is_empty());
        for record in [&[][..], &[0xff; 40], &[7, 0, 1, 1, 44, 76, 15, 1, 1]] {
            assert_eq!(body_of(record), None);
        }
    }
}
