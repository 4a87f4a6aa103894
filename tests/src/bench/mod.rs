//! The benchmark workload W: the same records and the same cases as other systems were measured with, each beside the raw limit of this
//! machine, measured in the same minute. Machines are noisy: ratios count, single times do not. `docs/benchmarks.md` has the figures.

pub mod big;
pub mod children;
pub mod data;
pub mod figures;
pub mod local;
pub mod raw;
pub mod sync;
