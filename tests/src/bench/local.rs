//! W1: one visit after the other saved on the phone, each durable before the next. The limit is a bare SQLCipher insert and commit of the same
//! record with the same settings.

use super::data::{Workload, WorkloadVisit};
use super::figures::{Figure, Stopwatch, percentile, rounded};
use super::raw;
use crate::bench::sync::Phone;
use std::path::Path;
use zoufang_core::ports::{MemoryKeyVault, SystemIds};
use zoufang_core::store::open::{Database, OpenOptions, StoreError};

/// Saves the visits through the core; seconds of each.
///
/// # Errors
/// What the core says.
pub fn save_all(phone: &Phone, visits: &[WorkloadVisit]) -> Result<Vec<f64>, zoufang_core::Error> {
    visits.iter().map(|visit| timed(|| phone.save(visit))).collect()
}

fn timed<E>(act: impl FnOnce() -> Result<(), E>) -> Result<f64, E> {
    let start = Stopwatch::start();
    act()?;
    Ok(start.seconds())
}

/// One repetition of W1: bare and real in turn, a hundred visits each, so that both meet the same moments of the machine.
///
/// # Errors
/// What either store says.
pub fn w1(phone: &Phone, folder: &Path, workload: &Workload) -> Result<Figure, Box<dyn std::error::Error>> {
    const TURN_COUNT: usize = 100;
    let options = OpenOptions::new(folder.join("bare.db"), raw::MIGRATIONS);
    let database = Database::open(&options, &MemoryKeyVault::new(), &SystemIds::new())?;
    let (mut real, mut bare) = (Vec::new(), Vec::new());
    for turn in workload.visits.chunks(TURN_COUNT) {
        for visit in turn {
            bare.push(timed(|| {
                database.write(|tx| -> Result<(), StoreError> {
                    raw::put(tx, visit, 0)?;
                    Ok(())
                })
            })?);
        }
        real.extend(save_all(phone, turn)?);
    }
    database.close()?;
    let (seconds, raw_seconds) = (real.iter().sum::<f64>(), bare.iter().sum::<f64>());
    Ok(Figure {
        store: "sqlcipher",
        p50_ms: Some(rounded(percentile(&real, 0.5) * 1e3)),
        p99_ms: Some(rounded(percentile(&real, 0.99) * 1e3)),
        ..Figure::new("W1", real.len(), seconds, raw_seconds)
    })
}
