//! Databases of the first version, with a thousand operations that were never sent, under the program of today: they open, are brought to
//! its version whatever stops it on the way, and everything arrives. See docs/assurance.md.
//!
//! A binary of its own, because the recording VFS is the whole process's.

#![allow(clippy::unwrap_used)]

mod arrival;
mod later;
mod phone;
mod server;

use std::sync::Once;

/// The VFS, before the first connection of the process.
fn begin() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(zoufang_tests::power_cut::vfs::register);
}
