//! Signing in: the device key signs what the server made up, and the token stays in memory.

use crate::Core;
use crate::error::Error;
use crate::ports::SignError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;
use zoufang_domain::ids::DeviceId;
use zoufang_domain::wire::session::{ChallengeAnswer, SessionAnswer, SessionRequest, challenge_text};
use zoufang_domain::wire::version::CURRENT;

/// Version of this app, as it is told to the server.
pub(crate) const APP_VERSION: &str = env!("CARGO_PKG_VERSION");
/// A session is not begun anything with in its last moments, in milliseconds.
const MARGIN_MS: i64 = 30_000;

/// A session's token. Never stored, never printed.
pub(super) struct Session {
    token: Zeroizing<String>,
    ends_ms: i64,
}

impl Session {
    /// As the server gave it, at that time by the phone's clock. A clock that jumps costs one more sign-in.
    pub(super) fn begin(answer: SessionAnswer, now_ms: i64) -> Self {
        let lasts_ms = i64::from(answer.lasts_s) * 1000 - MARGIN_MS;
        Session { token: Zeroizing::new(answer.token), ends_ms: now_ms.saturating_add(lasts_ms) }
    }
    /// Whether it is worth offering.
    pub(super) fn is_live(&self, now_ms: i64) -> bool {
        now_ms < self.ends_ms
    }
    /// The token, whether it has ended or not.
    pub(super) fn token(&self) -> &str {
        &self.token
    }
}

/// The challenge, signed. Calls the key store, which may take a quarter of a second: not for an async thread.
pub(super) fn answer(core: &Core, device: DeviceId, challenge: &ChallengeAnswer) -> Result<SessionRequest, Error> {
    Ok(SessionRequest {
        device,
        nonce: challenge.nonce.clone(),
        signature: sign(core, &challenge_text(device, &challenge.nonce))?,
        protocol: CURRENT,
        app_version: APP_VERSION.to_owned(),
    })
}

/// A signature as it stands on the wire.
pub(crate) fn sign(core: &Core, text: &str) -> Result<String, Error> {
    let signature =
        core.ports().signer.sign(text.as_bytes()).map_err(|error: SignError| Error::Port(error.to_string()))?;
    Ok(STANDARD.encode(signature))
}

/// The public key as it stands on the wire.
pub(crate) fn public_key(core: &Core) -> String {
    STANDARD.encode(core.ports().signer.public_key())
}
