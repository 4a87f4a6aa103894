//! Power cuts: what is left on a disk when the power goes, made for every moment of something that was recorded.
//!
//! Reading order: [`vfs`] (the way between SQLite and its files, where operations are seen and may be refused), [`recording`] (what was
//! written, cut, synced, made and deleted, in order), [`states`] (what a disk may hold after a cut at any of these), [`trial`] (states by
//! seed, each laid down in a folder and judged), [`faults`] (errors and a full disk, now).
//!
//! The VFS becomes the default of the process, so that the core and the server under trial are those that ship, down to their settings.
//! It therefore belongs into a test binary of its own.

pub mod faults;
pub mod recording;
pub mod states;
pub mod trial;
pub mod vfs;
