//! The fleet: many real phones, each with a database file of its own, against one server over HTTP, as many at a time as there are
//! workers.

use crate::evidence::{PhoneEvidence, ServerEvidence};
use crate::phone::Phone;
use crate::ports::SetClock;
use crate::proxy::Proxy;
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::ports::{FileKeyVault, SystemIds};
use zoufang_core::sync::SyncReport;
use zoufang_core::sync::http::{HttpProtocol, ReqwestTransport};
use zoufang_core::{Error, Options};
use zoufang_domain::ids::StaffId;
use zoufang_sync_server::audit::Actor;
use zoufang_sync_server::store::StoreError;
use zoufang_sync_server::tls::ServeError;
use zoufang_sync_server::{App, enrol};

/// Why a fleet could not do its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FleetError {
    /// A phone's core.
    #[error("a phone: {0}")]
    Phone(#[from] Error),
    /// The server's store.
    #[error("the server's database: {0}")]
    Store(#[from] StoreError),
    /// Files or sockets.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A task ended in a panic.
    #[error("a task broke off: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// The real server on a port of this machine.
pub struct Serving {
    /// The application, for those who look into its database.
    pub app: Arc<App>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<Result<(), ServeError>>,
}

impl Serving {
    /// Starts to serve on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(app: Arc<App>) -> std::io::Result<Serving> {
        Self::start_at(app, SocketAddr::from(([127, 0, 0, 1], 0))).await
    }
    /// Starts to serve at an address, such as that of a server that has stopped.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub async fn start_at(app: Arc<App>, address: SocketAddr) -> std::io::Result<Serving> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let running = tokio::spawn(zoufang_sync_server::run(listener, Arc::clone(&app), shutdown));
        Ok(Serving { app, address, stop: Some(stop), running })
    }
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
    /// Lets the requests that run come to their end, and stops.
    ///
    /// # Panics
    /// When the server ended with an error.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.running.await.expect("the server does not panic").expect("the server stops in order");
    }
    /// A one-time code for a member of staff's phone.
    ///
    /// # Errors
    /// What the store says.
    pub fn enrol_code(&self, staff: StaffId) -> Result<String, StoreError> {
        let now_ms = self.app.now_ms();
        self.app.store.write(|tx| enrol::make_code(tx, self.app.random.as_ref(), staff, now_ms, Actor::Console))
    }
    /// What the server's database says.
    ///
    /// # Errors
    /// What the store says.
    pub fn evidence(&self) -> Result<ServerEvidence, StoreError> {
        ServerEvidence::read(&self.app.store)
    }
}

/// A phone of a fleet.
pub struct Member {
    /// The phone.
    pub phone: Phone,
    /// Its line: what passes is counted, and it can be made to break.
    pub proxy: Arc<Proxy>,
    /// Its number, from 0.
    pub number: usize,
    /// Syncs that found phone and server apart and pulled everything again: none, unless something is wrong.
    pub repairs_count: u64,
    protocol: Option<HttpProtocol<ReqwestTransport>>,
}

impl Member {
    /// A new phone with its files in a folder, behind a proxy. Its database key lies beside it.
    ///
    /// # Errors
    /// What the core says of its file.
    pub fn new(folder: &Path, number: usize, clock: SetClock, proxy: Arc<Proxy>) -> Result<Member, Error> {
        let name = format!("phone-{:04}", number + 1);
        let options = Options { path: folder.join(format!("{name}.db")), key_name: name };
        let vault = Arc::new(FileKeyVault::new(folder));
        let phone = Phone::with_vault(options, clock, Arc::new(SystemIds::new()), vault)?;
        Ok(Member { phone, proxy, number, repairs_count: 0, protocol: None })
    }
    /// Joins the server by a one-time code, through the proxy.
    ///
    /// # Errors
    /// As [`zoufang_core::Core::enrol`].
    pub async fn enrol(&mut self, code: String) -> Result<(), Error> {
        let input = self.input(code);
        self.phone.enrol(&input.protocol()?, input).await?;
        Ok(())
    }
    /// Comes back to a server that has forgotten it, through the proxy.
    ///
    /// # Errors
    /// As [`zoufang_core::Core::rejoin`].
    pub async fn rejoin(&mut self, code: String) -> Result<(), Error> {
        let input = self.input(code);
        self.phone.core().rejoin(&input.protocol()?, input).await?;
        Ok(())
    }
    fn input(&self, code: String) -> EnrolInput {
        EnrolInput { server_url: format!("http://{}", self.proxy.address()), ca_pem: None, code }
    }
    /// Syncs once. The connection is kept for the next time.
    ///
    /// # Errors
    /// As [`zoufang_core::Core::sync_with`].
    pub async fn sync(&mut self) -> Result<SyncReport, Error> {
        let protocol = match self.protocol.take() {
            Some(protocol) => protocol,
            None => self.phone.core().protocol()?,
        };
        let outcome = self.phone.sync_over(&protocol).await;
        self.protocol = Some(protocol);
        self.repairs_count += outcome.as_ref().map_or(0, |report| u64::from(report.was_repaired));
        outcome
    }
    /// What the phone's file says.
    ///
    /// # Errors
    /// As [`PhoneEvidence::read`].
    pub fn evidence(&self) -> Result<PhoneEvidence, Error> {
        self.phone.evidence()
    }
}

/// Lets every member do something, so many at a time, and gives them back in order.
///
/// # Errors
/// The first error; the others come to their end first.
pub async fn each<F, Doing>(members: Vec<Member>, workers_count: usize, act: F) -> Result<Vec<Member>, FleetError>
where
    F: Fn(Member) -> Doing,
    Doing: Future<Output = Result<Member, FleetError>> + Send + 'static,
{
    let turn = Arc::new(Semaphore::new(workers_count.max(1)));
    let mut running = JoinSet::new();
    for member in members {
        let (turn, doing) = (Arc::clone(&turn), act(member));
        running.spawn(async move {
            let _turn = turn.acquire_owned().await;
            doing.await
        });
    }
    let mut done = Vec::with_capacity(running.len());
    let mut failed = None;
    while let Some(ended) = running.join_next().await {
        match ended.map_err(FleetError::from).and_then(|outcome| outcome) {
            Ok(member) => done.push(member),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    done.sort_by_key(|member| member.number);
    failed.map_or(Ok(done), Err)
}

/// Lets one member work with its database on a thread that may wait for the disk.
///
/// # Errors
/// What `act` says.
pub async fn at_work(
    mut member: Member,
    act: impl FnOnce(&mut Member) -> Result<(), FleetError> + Send + 'static,
) -> Result<Member, FleetError> {
    tokio::task::spawn_blocking(move || act(&mut member).map(|()| member)).await?
}
