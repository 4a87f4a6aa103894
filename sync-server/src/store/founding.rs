//! Whether the file is one to open. A database is made whole under another name and then renamed, so an empty file, or a log without its
//! database, is what is left of one that was there: it is refused, and never made anew.

use super::{PAGE_BYTES, StoreError, create_private};
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The first bytes of any SQLite file.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where SQLite's header says whether the file is written through a log: 1 is no, 2 is yes.
const WRITE_VERSION_AT: usize = 18;
const HEADER_BYTES: usize = 100;

/// Why a file is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is empty, or shorter than a database can be.
    Empty,
    /// It is no SQLite file.
    Foreign,
    /// Only its log is there.
    MainFileGone,
    /// It is a backup, and the log beside it is that of the database whose place it took.
    LogOfAnother,
}

impl std::fmt::Display for Unusable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Unusable::Empty => "it is empty; keep it aside and put the latest backup in its place",
            Unusable::Foreign => "it is no database; keep it aside and put the latest backup in its place",
            Unusable::MainFileGone => {
                "it is gone and its log (-wal) is there; put it back beside its log, or move the log aside and put the latest backup in its place"
            }
            Unusable::LogOfAnother => {
                "it is a backup, and beside it lies the log (-wal) of another database; move that log and the -shm file aside"
            }
        })
    }
}

/// Makes the database when there is none. What is there is looked at, and left alone.
///
/// # Errors
/// [`StoreError::Unusable`] for what must not be opened; otherwise when the file cannot be made or read.
pub(super) fn find_or_make(path: &Path) -> Result<(), StoreError> {
    let failed = |error: io::Error| StoreError::Folder { path: path.to_owned(), why: error.kind() };
    if path.try_exists().map_err(failed)? {
        return look(path);
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(failed)?;
    // Two that begin at once make one database. The lock is on the folder, so no file of it stays.
    let folder = File::open(folder).map_err(failed)?;
    folder.lock().map_err(failed)?;
    if path.try_exists().map_err(failed)? {
        return look(path);
    }
    if length(&beside(path, "-wal")).map_err(failed)? > 0 {
        return Err(StoreError::Unusable { path: path.to_owned(), what: Unusable::MainFileGone });
    }
    let draft = beside(path, ".new");
    for suffix in ["", "-journal", "-wal", "-shm"] {
        remove_if_there(&beside(&draft, suffix)).map_err(failed)?; // of a start that was killed; nothing was ever stored in it
    }
    make(&draft)?;
    fs::rename(&draft, path).and_then(|()| folder.sync_all()).map_err(failed)
}

fn look(path: &Path) -> Result<(), StoreError> {
    let failed = |error: io::Error| StoreError::Folder { path: path.to_owned(), why: error.kind() };
    let unusable = |what| Err(StoreError::Unusable { path: path.to_owned(), what });
    let mut header = Vec::with_capacity(HEADER_BYTES);
    // For writing too: a server that may only read its database says so here.
    let file = OpenOptions::new().read(true).append(true).open(path).map_err(failed)?;
    file.take(HEADER_BYTES as u64).read_to_end(&mut header).map_err(failed)?;
    if header.len() < HEADER_BYTES {
        return unusable(Unusable::Empty);
    }
    if !header.starts_with(MAGIC) {
        return unusable(Unusable::Foreign);
    }
    // A backup is one file and is first opened without a log, so this log would be laid over pages that it does not belong to.
    if header.get(WRITE_VERSION_AT) == Some(&1) && length(&beside(path, "-wal")).map_err(failed)? > 0 {
        return unusable(Unusable::LogOfAnother);
    }
    Ok(())
}

/// A database of one page, durable.
fn make(draft: &Path) -> Result<(), StoreError> {
    create_private(draft)?;
    let connection =
        Connection::open_with_flags(draft, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.close().map_err(|(_, error)| StoreError::from(error))
}

fn length(path: &Path) -> io::Result<u64> {
    match fs::metadata(path) {
        Ok(about) => Ok(about.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

pub(crate) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The path with what SQLite appends to it.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::Store;

    fn refusal(path: &Path) -> Unusable {
        match Store::open(path) {
            Err(StoreError::Unusable { what, .. }) => what,
            other => panic!("{:?}", other.map(|_| "it opened")),
        }
    }

    #[test]
    fn what_is_left_of_a_database_is_refused_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (path, log) = (folder.path().join("server.db"), folder.path().join("server.db-wal"));
        drop(Store::open(&path).unwrap());
        let whole = fs::read(&path).unwrap();
        for (content, what) in [
            (Vec::new(), Unusable::Empty),
            (whole[..HEADER_BYTES - 1].to_vec(), Unusable::Empty),
            (vec![b'<'; whole.len()], Unusable::Foreign),
        ] {
            fs::write(&path, &content).unwrap();
            fs::write(&log, b"a log").unwrap();
            assert_eq!(refusal(&path), what);
            assert_eq!((fs::read(&path).unwrap(), fs::read(&log).unwrap()), (content, b"a log".to_vec()));
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(refusal(&path), Unusable::MainFileGone);
        assert_eq!((path.exists(), fs::read(&log).unwrap()), (false, b"a log".to_vec()));
        fs::remove_file(&log).unwrap();
        fs::write(beside(&path, ".new"), b"of a start that was killed").unwrap();
        assert!(Store::open(&path).is_ok() && !beside(&path, ".new").exists());
    }

    #[test]
    fn a_backup_is_not_opened_with_the_log_of_the_database_whose_place_it_took() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.db");
        let store = Store::open(&path).unwrap();
        let backup = folder.path().join("backup.db");
        crate::backup::to_file(&store, 1, &backup).unwrap();
        store.write::<_, StoreError>(|tx| Ok(tx.execute("UPDATE server SET created_ms = 7", [])?)).unwrap();
        let log = fs::read(beside(&path, "-wal")).unwrap();
        drop(store);
        fs::copy(&backup, &path).unwrap();
        fs::write(beside(&path, "-wal"), &log).unwrap();
        assert_eq!(refusal(&path), Unusable::LogOfAnother);
        assert_eq!(fs::read(beside(&path, "-wal")).unwrap(), log);
        fs::remove_file(beside(&path, "-wal")).unwrap();
        assert!(Store::open(&path).is_ok());
    }

    #[test]
    fn two_that_begin_at_once_make_one_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data").join("server.db");
        let open = || {
            Store::open(&path).map(|store| {
                store.read::<_, StoreError>(|c| {
                    Ok(c.query_row("SELECT count(*) FROM server", [], |row| row.get::<_, i64>(0))?)
                })
            })
        };
        std::thread::scope(|scope| {
            let both = [scope.spawn(open), scope.spawn(open)];
            both.into_iter().for_each(|one| assert_eq!(one.join().unwrap().unwrap().unwrap(), 1));
        });
    }
}
