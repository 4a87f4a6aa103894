//! What crosses the network, once: routes, versions, limits, one file an exchange, and the trait that the HTTP client, the server and the
//! in-process test transport all implement. `docs/wire-protocol.md` describes the same for other implementers.

pub mod enrol;
pub mod limits;
pub mod problem;
pub mod pull;
pub mod push;
pub mod session;
pub mod version;

use problem::Problem;
use std::future::Future;

/// Routes, without the server's address.
pub mod route {
    /// `POST`: a phone joins with a one-time code.
    pub const ENROL: &str = "/api/v1/enrol";
    /// `POST`: asks for something to sign.
    pub const CHALLENGE: &str = "/api/v1/session/challenge";
    /// `POST`: trades a signed challenge for a session token.
    pub const SESSION: &str = "/api/v1/session";
    /// `POST`: operations up.
    pub const PUSH: &str = "/api/v1/sync/push";
    /// `GET`: state down.
    pub const PULL: &str = "/api/v1/sync/pull";
}

/// Headers of the project's own.
pub mod header {
    /// On a push: the device's signature over the decoded body, ASN.1 DER in base64.
    pub const SIGNATURE: &str = "x-zoufang-signature";
    /// On a push and a pull: how many operations wait on the phone, and since when: `count;oldest-unix-ms`.
    pub const WAITING: &str = "x-zoufang-waiting";
    /// On a pull: how many areas the phone holds still that are no longer its own. `0`, sent with a cursor that was made under its areas of
    /// now, is its receipt that the lost ones are erased.
    pub const LOST_AREAS: &str = "x-zoufang-lost-areas";
}

/// Why an exchange gave no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ExchangeError {
    /// The server answered with a problem.
    #[error("the server said {}", .0.id)]
    Problem(Box<Problem>),
    /// Nothing listened, the connection broke, or it took too long. Worth trying again.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// The other end is not the server that this phone knows: its certificate does not chain to the pinned authority.
    #[error("the certificate is not the one that this phone knows")]
    WrongCertificate,
    /// Something answered that does not speak this protocol: a captive portal, a proxy's page.
    #[error("what answered is not a Zoufang server: {0}")]
    NotZoufang(String),
}

/// The protocol. Bodies that are signed or stored as they came are passed as text.
pub trait SyncProtocol: Send + Sync {
    /// Joins with a one-time code.
    fn enrol(
        &self,
        request: &enrol::EnrolRequest,
    ) -> impl Future<Output = Result<enrol::EnrolAnswer, ExchangeError>> + Send;
    /// Asks for something to sign.
    fn challenge(
        &self,
        request: &session::ChallengeRequest,
    ) -> impl Future<Output = Result<session::ChallengeAnswer, ExchangeError>> + Send;
    /// Signs in.
    fn sign_in(
        &self,
        request: &session::SessionRequest,
    ) -> impl Future<Output = Result<session::SessionAnswer, ExchangeError>> + Send;
    /// Sends operations.
    fn push(&self, request: &push::PushRequest)
    -> impl Future<Output = Result<push::PushAnswer, ExchangeError>> + Send;
    /// Asks for state.
    fn pull(&self, request: &pull::PullRequest)
    -> impl Future<Output = Result<pull::PullAnswer, ExchangeError>> + Send;
    /// What has crossed the network so far, as far as this side counts it; nothing where there is no network.
    fn traffic(&self) -> Traffic {
        Traffic::default()
    }
}

/// Bytes on the network, headers included, without what TLS and TCP add.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests sent.
    pub requests_count: u64,
    /// Bytes sent.
    pub up_bytes: u64,
    /// Bytes received.
    pub down_bytes: u64,
}
