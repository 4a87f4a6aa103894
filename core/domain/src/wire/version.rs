//! Protocol versions, each with its date and reason. The server speaks its own version and the one before; an older phone may still
//! empty its outbox (nothing that was saved is refused for its age) and is then told to update.

/// 2026-11-23: the first. Enrolment by code, challenge sign-in, signed batches, opaque cursors.
pub const V1: u16 = 1;
/// What this build speaks.
pub const CURRENT: u16 = V1;
/// The oldest version that is served fully.
pub const OLDEST_SERVED: u16 = V1;
