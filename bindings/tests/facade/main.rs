//! The facade as an app uses it: over a real encrypted database, with an app's ports and listeners, and over the network where it is asked.
#![allow(missing_docs, clippy::unwrap_used, clippy::result_large_err)]

mod errors;
mod forms;
mod listening;
mod notices;
mod opening;
mod phone;
mod server;
mod syncing;
mod working;
