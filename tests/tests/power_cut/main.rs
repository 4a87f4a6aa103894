//! The power goes at every moment of what phones and the server do with their files, and of what is left every promise must hold: what had
//! returned is there, nothing is there by halves, and work goes on. See docs/assurance.md.
//!
//! A binary of its own, because the recording VFS is the whole process's.

#![allow(clippy::unwrap_used)]

mod controls;
mod failing_disk;
mod failing_edits;
mod failing_server;
mod failing_upkeep;
mod hearing;
mod phone;
mod phone_states;
mod rekeying;
mod server;
mod story;

use std::sync::Once;

/// The VFS, before the first connection of the process.
fn begin() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(zoufang_tests::power_cut::vfs::register);
}
