//! SQLite's large blocks of memory begin as zeros.
//!
//! When a log with no valid frame is opened, SQLite 3.53.4 fills the log's index (`-shm`, a file in clear) from a block
//! of 36 KiB that it allocated and wrote nothing into: whatever the process had freed there, residents' names among it,
//! went to the disk. The simulation found it with seed 1296 (2026-11-24). Wiping all memory on release, SQLCipher's own
//! remedy, makes saves 10 to 15 % slower; this overwrites only blocks as large as a page of the index, of which a
//! connection takes a few when it opens. Blocks that SQLite lets grow are not overwritten: the index comes from none.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::sync::OnceLock;

use rusqlite::ffi;

/// A page of the log's index (`WALINDEX_PGSZ` of SQLite): the block in question is a page of the database larger.
const ZEROED_FROM_BYTES: c_int = 32 * 1024;

type Malloc = unsafe extern "C" fn(c_int) -> *mut c_void;

static USUAL: OnceLock<Malloc> = OnceLock::new();
static IS_SET: OnceLock<bool> = OnceLock::new();

/// Has SQLite allocate through this module from its initialisation on. `false` when it was initialised before the first call.
pub(crate) fn zero_large_blocks() -> bool {
    *IS_SET.get_or_init(|| {
        let mut methods = ffi::sqlite3_mem_methods {
            xMalloc: None,
            xFree: None,
            xRealloc: None,
            xSize: None,
            xRoundup: None,
            xInit: None,
            xShutdown: None,
            pAppData: std::ptr::null_mut(),
        };
        // SAFETY: SQLite writes its table into ours, or refuses.
        let code = unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_GETMALLOC, &raw mut methods) };
        let Some(usual) = methods.xMalloc.filter(|_| code == ffi::SQLITE_OK) else { return false };
        USUAL.get_or_init(|| usual);
        methods.xMalloc = Some(allocate);
        // SAFETY: SQLite copies the table, all of whose functions are its own but the one that calls its own.
        unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &raw const methods) == ffi::SQLITE_OK }
    })
}

unsafe extern "C" fn allocate(bytes: c_int) -> *mut c_void {
    let Some(malloc) = USUAL.get() else { return std::ptr::null_mut() };
    // SAFETY: the arguments are SQLite's own, and a block holds at least the bytes asked for.
    unsafe {
        let block = malloc(bytes);
        if !block.is_null() && bytes >= ZEROED_FROM_BYTES {
            block.cast::<u8>().write_bytes(0, bytes.unsigned_abs() as usize);
        }
        block
    }
}
