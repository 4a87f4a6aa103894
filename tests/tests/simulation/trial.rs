//! One plan from beginning to end, and what came of it.

use crate::checks::{self, Failure, fail};
use crate::plan::Plan;
use crate::run::{Run, Trace};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What came of a plan.
pub(crate) struct Outcome {
    pub(crate) failure: Option<Failure>,
    pub(crate) history: Vec<String>,
    /// Of all that happened and of what everybody holds at the end.
    pub(crate) hash: String,
}

/// Carries a plan out.
pub(crate) fn carry_out(plan: &Plan) -> Outcome {
    let trace = Trace::default();
    let live = || {
        // All blocking work on one thread, in the order in which it was asked for: the schedule is the seed's.
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_time().max_blocking_threads(1).thread_name("seed").build().expect("a runtime");
        runtime.block_on(live_through(plan, trace.clone()))
    };
    let failure = match catch_unwind(AssertUnwindSafe(live)) {
        Ok(outcome) => outcome.err(),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words");
            Some(fail("panic", text))
        }
    };
    let history = trace.lines();
    let mut hash = Sha256::new();
    history.iter().for_each(|line| hash.update(line));
    let hash = hash.finalize().iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    Outcome { failure, history, hash }
}

async fn live_through(plan: &Plan, trace: Trace) -> checks::Checked {
    let mut run = Run::begin(plan, trace).await?;
    for step in &plan.steps {
        run.step(step).await?;
    }
    checks::heal(&mut run).await?;
    checks::at_the_end(&run)
}
