//! The sync server of a city: takes the phones' operations, merges them, gives the result back, and shows supervisors what was done.
//!
//! Reading order: [`http`] (the whole route table on one page) → `http/push` → [`ledger`] (who may, seen before, order) → [`projection`]
//! (the same merge code as the phones') → [`pull`] → [`store`]. `docs/architecture.md` draws it, `docs/sync-model.md` says why it agrees.

pub mod appointments;
pub mod audit;
pub mod backup;
pub mod check;
pub mod config;
pub mod dashboard;
pub mod device;
pub mod enrol;
pub mod forms;
pub mod grants;
pub mod handover;
pub mod http;
pub mod import;
pub mod jobs;
pub mod ledger;
pub mod matters;
pub mod notices;
pub mod ports;
pub mod projection;
pub mod pull;
pub mod reports;
pub mod restore;
pub mod retention;
pub mod rights;
pub mod rules;
pub mod session;
pub mod signature;
pub mod staff;
pub mod store;
pub mod tls;
pub mod units;
pub mod web;

pub use config::Config;
pub use http::{build_router, problem};

use ports::{Clock, Random, SystemClock, SystemRandom};
use std::future::Future;
use std::sync::Arc;
use store::{Store, StoreError};

/// Everything that a request needs. One per server.
pub struct App {
    /// The database.
    pub store: Arc<Store>,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// Randomness.
    pub random: Box<dyn Random>,
    /// The settings.
    pub config: Config,
    /// What requests told of phones and is not yet written.
    pub sightings: device::Sightings,
    /// Bounds on wrong tries and on what runs at once.
    pub limits: http::limits::Limits,
}

impl App {
    /// A server over an open database, with the machine's clock and randomness.
    ///
    /// # Errors
    /// What the store says when the database comes from a backup and its new epoch cannot be written.
    pub fn new(store: Arc<Store>, config: Config) -> Result<Arc<App>, StoreError> {
        App::with_ports(store, config, Box::new(SystemClock), Box::new(SystemRandom))
    }
    /// The same with the caller's clock and randomness.
    ///
    /// # Errors
    /// As [`App::new`].
    pub fn with_ports(
        store: Arc<Store>,
        config: Config,
        clock: Box<dyn Clock>,
        random: Box<dyn Random>,
    ) -> Result<Arc<App>, StoreError> {
        let now_ms = clock.now_ms();
        store.write(|tx| backup::begin_life(tx, now_ms))?;
        Ok(Arc::new(App {
            store,
            clock,
            random,
            config,
            sightings: device::Sightings::default(),
            limits: http::limits::Limits::default(),
        }))
    }
    /// The time, Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }
}

/// Serves until `shutdown` is ready, then finishes the requests that run.
///
/// # Errors
/// [`tls::ServeError`]: plain HTTP on an address that others can reach, unreadable certificates, or what the system says of the
/// listener.
pub async fn run(
    listener: tokio::net::TcpListener,
    app: Arc<App>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), tls::ServeError> {
    tls::serve(listener, app, shutdown).await
}
