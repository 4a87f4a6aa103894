//! What phone and server share: the words of the field, how work is written down as operations, and how operations meet.
//!
//! Pure by rule: no clock, no randomness, no SQL, no HTTP, no runtime. Time and ids come in as arguments, so the same input gives
//! the same bytes on every phone and on the server. `docs/sync-model.md` explains why that is enough for both sides to agree.
//!
//! Reading order: [`ids`] and [`stamp`]; [`operation`] and [`record`]; [`merge`]; then one file a noun ([`unit`], [`staff`],
//! [`home`], [`resident`], [`visit`], [`matter`], [`appointment`], [`cadence`], [`form`], [`care`], [`notice`], [`rights`]); [`due`] says what is
//! to be done; [`authority`] says who may, [`erasure`] what goes with a person; [`wire`] is what crosses the network.

pub mod appointment;
pub mod authority;
pub mod cadence;
pub mod calendar;
pub mod care;
pub mod chain;
pub mod conflict;
pub mod digest;
pub mod due;
pub mod erasure;
pub mod fields;
pub mod form;
pub mod home;
pub mod ids;
pub mod index;
pub mod label;
pub mod matter;
pub mod merge;
pub mod message;
pub mod notice;
pub mod operation;
pub mod order;
pub mod planted;
pub mod record;
pub mod refusal;
pub mod report;
pub mod resident;
pub mod retention;
pub mod rights;
pub mod schema;
pub mod staff;
pub mod stamp;
pub mod unit;
pub mod validate;
pub mod visit;
pub mod visit_task;
pub mod wire;
pub mod witness;
pub mod working_day;
