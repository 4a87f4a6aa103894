//! Kills: the phone's process at every operation of its disk, the real server again and again under working phones. See
//! docs/assurance.md.

#![allow(clippy::unwrap_used)]

mod child;
mod ledgers;
mod phone;
mod server;
