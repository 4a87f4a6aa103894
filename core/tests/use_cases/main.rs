//! Every use case of the phone on a real encrypted file, with a clock and ids of its own.
#![allow(clippy::unwrap_used)]

mod answers;
mod appointments;
mod care;
mod conflicts;
mod drafts;
mod homes;
mod indexes;
mod matters;
mod moves;
mod notices;
mod phone;
mod practice;
mod profiles;
mod residents;
mod search;
mod splits;
mod visits;
