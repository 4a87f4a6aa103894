//! The phone's database on real files: keys, damage, full disks, kills, several at once.
#![allow(clippy::unwrap_used, missing_docs)]

mod damage;
mod keys;
mod opening;
mod phone;
mod writing;
