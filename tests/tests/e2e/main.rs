//! Over real sockets: the real server with TLS, phones with their own HTTP client and the pinned authority, and lines that fail.

#![allow(clippy::unwrap_used)]

mod bad_lines;
mod day;
mod strangers;

use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use zoufang_core::Error;
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::ports::{Clock, SystemClock, SystemIds};
use zoufang_core::sync::SyncReport;
use zoufang_core::sync::http::{HttpProtocol, ReqwestTransport, Timeouts};
use zoufang_core::views::{HomeView, VisitView};
use zoufang_core::visits::VisitDraft;
use zoufang_domain::ids::UnitId;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_domain::wire::ExchangeError;
use zoufang_sync_server::config::TlsFiles;
use zoufang_sync_server::store::Store;
use zoufang_sync_server::{App, Config, enrol};
use zoufang_tests::certificates::Authority;
use zoufang_tests::fleet::Serving;
use zoufang_tests::phone::Phone;
use zoufang_tests::ports::SetClock;
use zoufang_tests::world::{Server, all_homes};

/// Short waits: the tests have a server that answers at once, or never.
const TIMEOUTS: Timeouts = Timeouts { connect_ms: 2_000, read_ms: 1_000, exchange_ms: 10_000 };

/// A server with TLS on a port of this machine, and the authority that phones pin.
struct Site {
    authority: Authority,
    server: Server,
    serving: Serving,
    folder: TempDir,
    area: UnitId,
}

impl Site {
    async fn open(homes_count: usize) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        let tls = authority.issue(folder.path()).unwrap();
        let app = start(folder.path().to_owned(), Some(tls));
        let server = Server::of(Arc::clone(&app));
        let area = server.add_community_with_homes("测试微网格", homes_count);
        let serving = Serving::start(app).await.unwrap();
        Site { authority, server, serving, folder, area }
    }
    fn url(&self) -> String {
        format!("https://{}", self.serving.address())
    }
    fn blank_phone(&self, name: &str) -> Phone {
        let path = self.folder.path().join(format!("{name}.db"));
        Phone::new(&path, SetClock::at(SystemClock.now_ms()), Arc::new(SystemIds::new())).unwrap()
    }
    /// A manager with an enrolled phone that knows the server by this address.
    async fn phone_at(&self, name: &str, url: &str) -> Phone {
        let staff = self.server.add_staff(name);
        self.server.post(staff, self.area, zoufang_domain::staff::Role::MicroGridManager);
        let phone = self.blank_phone(name);
        // As the phone's camera reads it.
        let picture = enrol::qr_payload(url, Some(self.authority.pem()), &self.server.enrol_code(staff));
        let input = EnrolInput::from_qr(&picture).unwrap();
        let enrolled = phone.enrol(&input.protocol().unwrap(), input).await.unwrap();
        assert_eq!(enrolled.staff_name, name);
        phone
    }
    async fn phone(&self, name: &str) -> Phone {
        self.phone_at(name, &self.url()).await
    }
    fn protocol_to(&self, url: &str) -> HttpProtocol<ReqwestTransport> {
        HttpProtocol::new(ReqwestTransport::with_timeouts(url, Some(self.authority.pem()), TIMEOUTS).unwrap())
    }
}

fn start(data_dir: PathBuf, tls: Option<TlsFiles>) -> Arc<App> {
    let config = Config { tls, ..Config::new(data_dir) };
    App::new(Store::open(&config.database()).unwrap(), config).unwrap()
}

async fn sync(phone: &Phone) -> Result<SyncReport, Error> {
    phone.sync_over(&phone.core().protocol()?).await
}

fn homes(phone: &Phone) -> Vec<HomeView> {
    all_homes(phone.core()).unwrap()
}

fn visit(phone: &Phone, home: &HomeView, note: &str) -> VisitView {
    let draft = VisitDraft { note: note.to_owned(), ..VisitDraft::new(home.household, Mode::Door, Outcome::Done) };
    phone.core().save_visit(draft).unwrap()
}

fn exchange_error(outcome: Result<SyncReport, Error>) -> ExchangeError {
    match outcome {
        Err(Error::Exchange(error)) => error,
        other => panic!("{other:?}"),
    }
}
