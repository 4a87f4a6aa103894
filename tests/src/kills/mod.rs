//! Kills: a phone's process that ends itself at a chosen operation of its disk, and what it had said by then.
//!
//! Reading order: [`killing`] (the disk that ends the process), [`saver`] (what it saves until then, and says after each call).

pub mod killing;
pub mod saver;
