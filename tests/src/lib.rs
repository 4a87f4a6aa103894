//! Worlds of phones and a server: what the tests, the demo and the benchmarks have in common.
//!
//! Reading order: [`world`] (a server and phones in one process, through the real router, with faults on the line); [`fleet`] (the same
//! phones over real HTTP); [`stage`] (a real server for tests in other languages); [`evidence`] and [`checkers`] (what the databases say
//! and what must hold); [`power_cut`] (what a disk holds when the power goes), [`kills`] (a process that ends in the middle), [`content`] (all
//! that a database holds); [`fuzzing`] (hostile input); [`desks`] (what is done above micro-grids); [`fixture`] (databases of earlier versions); [`demo`] (a visit day in small).

pub mod bench;
pub mod canary;
pub mod certificates;
pub mod checkers;
pub mod city;
pub mod console;
pub mod content;
pub mod demo;
pub mod desks;
pub mod dice;
pub mod evidence;
pub mod fixture;
pub mod fleet;
pub mod fuzzing;
pub mod kills;
pub mod phone;
pub mod ports;
pub mod power_cut;
pub mod proxy;
pub mod roster;
pub mod stage;
pub mod strangers;
pub mod test_key;
pub mod workbook;
pub mod workday;
pub mod world;
