//! A VFS between SQLite and its files, below SQLCipher: what is written here is what a disk would hold. Everything is passed on to the
//! operating system's VFS, but a sync, which only counts: nothing here survives by waiting for a real disk.
//!
//! Files under a path that somebody [`watch`]es tell every operation to that [`Disk`], which may refuse it. All others go their way.

#![expect(unsafe_code, reason = "a VFS is a table of C functions; rusqlite has no safe way to provide one")]

use rusqlite::ffi::{self, sqlite3_file, sqlite3_io_methods, sqlite3_vfs};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// One operation on a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'e> {
    /// It is about to be opened.
    Open,
    /// It is open, and exists.
    Opened,
    /// It is about to be read.
    Read,
    /// Bytes are about to be written.
    Write {
        /// Where.
        at: u64,
        /// Which.
        bytes: &'e [u8],
    },
    /// Its length is about to change.
    Truncate {
        /// To what.
        length: u64,
    },
    /// What was written is about to be made durable.
    Sync {
        /// The entries of its folder too: SQLite's own VFS does so at the first sync of a journal or log.
        with_folder: bool,
    },
    /// It is about to be deleted.
    Remove {
        /// And the folder's entries made durable.
        with_folder: bool,
    },
}

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// SQLite's extended result code.
    pub code: c_int,
    /// Whether half of the bytes of a write arrive all the same.
    pub is_short: bool,
}

/// Somebody who is told.
pub trait Disk: Send + Sync {
    /// One operation on the file of that path.
    ///
    /// # Errors
    /// It fails like this.
    fn event(&self, path: &str, event: Event<'_>) -> Result<(), Refusal>;
}

/// Watchers by the beginning of the paths that they watch.
static WATCHED: RwLock<Vec<(String, Arc<dyn Disk>)>> = RwLock::new(Vec::new());

/// A watch that ends when it is dropped.
pub struct Watch(String);

/// Tells a disk of every operation on files whose path begins like this: a database with all that SQLite keeps beside it.
///
/// # Panics
/// When the VFS is not registered, or the path is watched already: the test would see nothing.
pub fn watch(path: &Path, disk: Arc<dyn Disk>) -> Watch {
    assert!(REGISTERED.get().is_some(), "register the VFS before the first connection");
    let path = path.to_str().expect("a path in UTF-8").to_owned();
    let mut watched = WATCHED.write().unwrap_or_else(PoisonError::into_inner);
    assert!(!watched.iter().any(|(other, _)| *other == path), "watched twice");
    watched.push((path.clone(), disk));
    Watch(path)
}

impl Drop for Watch {
    fn drop(&mut self) {
        WATCHED.write().unwrap_or_else(PoisonError::into_inner).retain(|(path, _)| *path != self.0);
    }
}

fn tell(path: &str, event: Event<'_>) -> Result<(), Refusal> {
    let watched = WATCHED.read().unwrap_or_else(PoisonError::into_inner);
    let disk = watched.iter().find(|(begin, _)| path.starts_with(begin.as_str())).map(|(_, disk)| Arc::clone(disk));
    drop(watched);
    disk.map_or(Ok(()), |disk| disk.event(path, event))
}

static REGISTERED: OnceLock<c_int> = OnceLock::new();

/// Makes this the VFS of every connection that the process opens from here on.
///
/// # Panics
/// When SQLite does not take it.
pub fn register() {
    let code = *REGISTERED.get_or_init(|| {
        if !zoufang_cipher::link() {
            return ffi::SQLITE_MISUSE;
        }
        // SAFETY: SQLite's list of VFSes is guarded by its own mutex. The parent lives as long as the process; the copy of its table keeps
        // every function that is not replaced, none of which looks at `pAppData`, and is leaked because SQLite keeps the pointer.
        unsafe {
            if ffi::sqlite3_initialize() != ffi::SQLITE_OK {
                return ffi::SQLITE_ERROR;
            }
            let parent = ffi::sqlite3_vfs_find(std::ptr::null());
            if parent.is_null() {
                return ffi::SQLITE_NOTFOUND;
            }
            let mut own = std::ptr::read(parent);
            own.pNext = std::ptr::null_mut();
            own.zName = c"power-cut".as_ptr();
            own.pAppData = parent.cast();
            own.szOsFile += size_of::<File>() as c_int;
            own.xOpen = Some(open);
            own.xDelete = Some(delete);
            ffi::sqlite3_vfs_register(Box::into_raw(Box::new(own)), 1)
        }
    });
    assert_eq!(code, ffi::SQLITE_OK, "SQLite does not take the VFS");
}

/// What SQLite holds of an open file: this, and behind it the parent's own.
#[repr(C)]
struct File {
    base: sqlite3_file,
    about: *mut About,
}

struct About {
    path: String,
    /// Whether the next sync is the first of a journal or log.
    syncs_folder: AtomicBool,
}

/// The parent's file.
fn inner(file: *mut sqlite3_file) -> *mut sqlite3_file {
    file.cast::<File>().wrapping_add(1).cast()
}

/// What is known of an open file.
///
/// # Safety
/// `file` was opened by [`open`] and is not closed.
unsafe fn about<'f>(file: *mut sqlite3_file) -> &'f About {
    // SAFETY: `open` put a leaked box there, and `close` alone takes it back.
    unsafe { &*(*file.cast::<File>()).about }
}

/// Calls the parent's method of that name.
macro_rules! pass {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        let inner = inner($file);
        // SAFETY: SQLite calls methods of open files only, and a file is open here when the parent's is, so its table is set.
        unsafe { (*(*inner).pMethods).$method.map_or(ffi::SQLITE_IOERR, |method| method(inner $(, $argument)*)) }
    }};
}

/// A method that is only passed on.
macro_rules! passed {
    ($name:ident, $method:ident $(, $argument:ident: $kind:ty)*) => {
        unsafe extern "C" fn $name(file: *mut sqlite3_file $(, $argument: $kind)*) -> c_int {
            pass!(file, $method $(, $argument)*)
        }
    };
}

passed!(file_size, xFileSize, size: *mut i64);
passed!(lock, xLock, level: c_int);
passed!(unlock, xUnlock, level: c_int);
passed!(check_reserved_lock, xCheckReservedLock, is_reserved: *mut c_int);
passed!(file_control, xFileControl, what: c_int, argument: *mut c_void);
passed!(sector_size, xSectorSize);
passed!(device_characteristics, xDeviceCharacteristics);
passed!(shm_map, xShmMap, page: c_int, size: c_int, extend: c_int, memory: *mut *mut c_void);
passed!(shm_lock, xShmLock, first: c_int, count: c_int, flags: c_int);
passed!(shm_unmap, xShmUnmap, deletes: c_int);

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2, // without memory-mapped pages: they would be written past this table
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives `szOsFile` writable bytes, a name that ends in zero or none, and the table that `register` made.
    unsafe {
        (*file).pMethods = std::ptr::null();
        let path = match name.is_null() {
            true => String::new(), // a temporary file
            false => CStr::from_ptr(name).to_string_lossy().into_owned(),
        };
        if let Err(refusal) = tell(&path, Event::Open) {
            return refusal.code;
        }
        let parent = (*vfs).pAppData.cast::<sqlite3_vfs>();
        let code =
            (*parent).xOpen.map_or(ffi::SQLITE_CANTOPEN, |open| open(parent, name, inner(file), flags, out_flags));
        if code != ffi::SQLITE_OK {
            return code;
        }
        let is_log = flags & (ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_WAL) != 0;
        let syncs_folder = AtomicBool::new(is_log && flags & ffi::SQLITE_OPEN_CREATE != 0);
        let refused = tell(&path, Event::Opened).err();
        (*file.cast::<File>()).about = Box::into_raw(Box::new(About { path, syncs_folder }));
        (*file).pMethods = &raw const METHODS;
        // The file is open, so SQLite closes it.
        refused.map_or(ffi::SQLITE_OK, |refusal| refusal.code)
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the box of `open`, taken back once: SQLite closes a file once.
    drop(unsafe { Box::from_raw((*file.cast::<File>()).about) });
    pass!(file, xClose)
}

unsafe extern "C" fn read(file: *mut sqlite3_file, into: *mut c_void, length: c_int, at: i64) -> c_int {
    // SAFETY: an open file.
    match tell(&unsafe { about(file) }.path, Event::Read) {
        Ok(()) => pass!(file, xRead, into, length, at),
        Err(refusal) => refusal.code,
    }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, length: c_int, at: i64) -> c_int {
    // SAFETY: an open file, and so many bytes to read.
    let (about, bytes) = unsafe { (about(file), std::slice::from_raw_parts(from.cast::<u8>(), length as usize)) };
    match tell(&about.path, Event::Write { at: at.unsigned_abs(), bytes }) {
        Ok(()) => pass!(file, xWrite, from, length, at),
        Err(refusal) => {
            if refusal.is_short {
                let _ = pass!(file, xWrite, from, length / 2, at);
            }
            refusal.code
        }
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, length: i64) -> c_int {
    // SAFETY: an open file.
    match tell(&unsafe { about(file) }.path, Event::Truncate { length: length.unsigned_abs() }) {
        Ok(()) => pass!(file, xTruncate, length),
        Err(refusal) => refusal.code,
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: an open file.
    let about = unsafe { about(file) };
    let with_folder = about.syncs_folder.load(Ordering::SeqCst);
    match tell(&about.path, Event::Sync { with_folder }) {
        Ok(()) => {
            about.syncs_folder.store(false, Ordering::SeqCst);
            ffi::SQLITE_OK
        }
        Err(refusal) => refusal.code,
    }
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    let inner = inner(file);
    // SAFETY: as in `pass!`.
    unsafe {
        if let Some(barrier) = (*(*inner).pMethods).xShmBarrier {
            barrier(inner);
        }
    }
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: a name that ends in zero, and the table that `register` made. The folder is not synced: that only counts.
    unsafe {
        let path = CStr::from_ptr(name).to_string_lossy();
        if let Err(refusal) = tell(&path, Event::Remove { with_folder: sync_folder != 0 }) {
            return refusal.code;
        }
        let parent = (*vfs).pAppData.cast::<sqlite3_vfs>();
        (*parent).xDelete.map_or(ffi::SQLITE_IOERR_DELETE, |delete| delete(parent, name, 0))
    }
}
