//! Bounds that hold across requests: wrong enrolment codes, and how much runs at once.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Wrong enrolment codes answered as such within [`WRONG_CODES_WINDOW_MS`]; after them, wrong codes are told to wait. Right codes always
/// pass, so nobody can keep phones from joining by guessing.
pub const WRONG_CODES_MAX_COUNT: usize = 30;
/// The window of [`WRONG_CODES_MAX_COUNT`].
pub const WRONG_CODES_WINDOW_MS: i64 = 60 * 1000;
/// Requests that are worked on at once; more are told that the server is busy.
pub const REQUESTS_MAX_COUNT: usize = 2048;
/// Pushes without a token whose body, of up to 1 MiB, is read at once. With a token a body is read only after the token was checked.
pub const STRANGERS_MAX_COUNT: usize = 8;
/// Pushes that are inflated to up to 8 MiB, checked and written at once.
pub const PUSHES_MAX_COUNT: usize = 4;
/// Longest time that a request may take, its body included.
pub const REQUEST_MAX_MS: u64 = 60 * 1000;
/// Longest time from the connection to the end of the first request's head.
pub const FIRST_REQUEST_MAX_MS: u64 = 30 * 1000;
/// Longest time that requests may still take once the server is told to stop.
pub const SHUTDOWN_MAX_MS: u64 = 10 * 1000;

/// What is counted.
pub struct Limits {
    wrong_codes: Mutex<VecDeque<i64>>,
    requests: Semaphore,
    strangers: Semaphore,
    pushes: Semaphore,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            wrong_codes: Mutex::new(VecDeque::with_capacity(WRONG_CODES_MAX_COUNT)),
            requests: Semaphore::new(REQUESTS_MAX_COUNT),
            strangers: Semaphore::new(STRANGERS_MAX_COUNT),
            pushes: Semaphore::new(PUSHES_MAX_COUNT),
        }
    }
}

impl Limits {
    /// Counts a wrong code.
    ///
    /// # Errors
    /// The seconds to wait, when there were too many.
    pub fn wrong_code(&self, now_ms: i64) -> Result<(), u32> {
        let mut times = self.wrong_codes.lock().unwrap_or_else(PoisonError::into_inner);
        while times.front().is_some_and(|first| now_ms - first >= WRONG_CODES_WINDOW_MS) {
            times.pop_front();
        }
        match times.front() {
            Some(first) if times.len() >= WRONG_CODES_MAX_COUNT => {
                Err(((WRONG_CODES_WINDOW_MS - (now_ms - first)) / 1000 + 1).clamp(1, 60) as u32)
            }
            _ => {
                times.push_back(now_ms);
                Ok(())
            }
        }
    }
    /// A place among the requests; `None` when all are taken.
    pub(crate) fn request(&self) -> Option<SemaphorePermit<'_>> {
        self.requests.try_acquire().ok()
    }
    /// A place among the pushes without a token; `None` when all are taken.
    pub(crate) fn stranger(&self) -> Option<SemaphorePermit<'_>> {
        self.strangers.try_acquire().ok()
    }
    /// A place among the pushes, in the order of asking; `None` when the server is stopping.
    pub(crate) async fn push(&self) -> Option<SemaphorePermit<'_>> {
        self.pushes.acquire().await.ok()
    }
}
