//! The facade: the phone core as Kotlin and Swift see it. Calls and conversions only; every rule is in `zoufang-core`.
//!
//! Reading order: [`tree`] (the one object that an app holds), [`groups`] (one file a group of calls), [`error`] (what an app can do
//! about a failure), [`ports`] (what an app implements), [`listeners`] and `teller` (how it hears of changes), `call` (panics and the
//! runtime), [`records`], [`words`] and [`types`] (what crosses).
//!
//! Every call may wait for the disk: call from a background thread. Only what is marked `async` waits for the network.

#![allow(
    clippy::result_large_err,
    reason = "152 bytes (2026-11-23): an error carries its texts, is rare, and crosses by value"
)]

mod call;
pub mod error;
pub mod groups;
pub mod label;
pub mod listeners;
pub mod log;
pub mod message;
pub mod ports;
pub mod records;
mod teller;
pub mod tree;
pub mod types;
pub mod version;
pub mod words;

uniffi::setup_scaffolding!();
