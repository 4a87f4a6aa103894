//! The least of a server: HTTP/1.1 on this machine, with the wire's own types. What a real one does is tested where both are.

use crate::phone::micro_grid;
use serde::Serialize;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use zoufang_bindings::records::EnrolInput;
use zoufang_domain::ids::{DeviceId, StaffId, UnitId, derived};
use zoufang_domain::message::Language;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::Stamp;
use zoufang_domain::unit::Level;
use zoufang_domain::wire::enrol::{EnrolAnswer, EnrolRequest, Grant, fingerprint};
use zoufang_domain::wire::problem::{MEDIA_TYPE, Problem};
use zoufang_domain::wire::pull::PullAnswer;
use zoufang_domain::wire::route;
use zoufang_domain::wire::session::{ChallengeAnswer, SessionAnswer};

pub(crate) struct Server {
    url: String,
}

pub(crate) struct Answer {
    status: u16,
    media_type: &'static str,
    body: String,
}

type Handler = dyn Fn(&str, &[u8]) -> Answer + Send + Sync;

impl Server {
    /// Answers as a server would that has nothing to say.
    pub(crate) fn plain() -> Server {
        Server::answering(usual)
    }
    pub(crate) fn answering(handler: impl Fn(&str, &[u8]) -> Answer + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let handler: Arc<Handler> = Arc::new(handler);
        // It ends with the process: nothing tells a listener to stop waiting.
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let handler = Arc::clone(&handler);
                thread::spawn(move || serve(connection, handler.as_ref()));
            }
        });
        Server { url }
    }
    pub(crate) fn input(&self) -> EnrolInput {
        EnrolInput { server_url: self.url.clone(), ca_pem: None, code: "ABCD-EFGH-2345".into() }
    }
}

pub(crate) fn usual(path: &str, body: &[u8]) -> Answer {
    match path {
        route::ENROL => enrolled(&serde_json::from_slice(body).unwrap()),
        route::CHALLENGE => json(&ChallengeAnswer { nonce: "bm9uY2U=".into() }),
        route::SESSION => json(&SessionAnswer { token: "dG9rZW4=".into(), lasts_s: 3600 }),
        route::PULL => json(&PullAnswer {
            epoch: 1,
            server_time: Stamp::default(),
            cursor: "cursor".into(),
            complete: true,
            from_start: false,
            rows: Vec::new(),
            grants: None,
            settled: Vec::new(),
            digests: None,
        }),
        _ => problem("server.busy", 503, Some(7)),
    }
}

fn enrolled(request: &EnrolRequest) -> Answer {
    let grant = |unit, level, name: &str, role| Grant { unit, level, name: name.to_owned(), role };
    let above = UnitId(derived(&["test", "community"]));
    json(&EnrolAnswer {
        device: DeviceId(derived(&["test", "device"])),
        staff: StaffId(derived(&["test", "staff"])),
        staff_name: "测试管理员".into(),
        epoch: 1,
        grants: vec![
            grant(above, Level::Community, "测试社区", None),
            grant(micro_grid(), Level::MicroGrid, "测试微网格", Some(Role::MicroGridManager)),
        ],
        fingerprint: fingerprint(&request.public_key, &request.code),
        server_time: Stamp::default(),
    })
}

pub(crate) fn json(content: &impl Serialize) -> Answer {
    Answer { status: 200, media_type: "application/json", body: serde_json::to_string(content).unwrap() }
}

pub(crate) fn problem(id: &str, status: u16, retry_after_s: Option<u32>) -> Answer {
    let problem = Problem { retry_after_s, ..Problem::new(id, status, Language::Zh) };
    Answer { status, media_type: MEDIA_TYPE, body: serde_json::to_string(&problem).unwrap() }
}

/// A page that a café's network puts in the server's place.
pub(crate) fn portal() -> Answer {
    Answer { status: 200, media_type: "text/html", body: "<html>welcome</html>".into() }
}

fn serve(connection: TcpStream, handler: &Handler) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut writer = connection;
    while let Some((path, body)) = read(&mut reader) {
        let Answer { status, media_type, body } = handler(&path, &body);
        let head =
            format!("HTTP/1.1 {status} .\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\r\n", body.len());
        if writer.write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

/// The path and body of the next request; `None` when the phone has hung up.
fn read(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let (mut line, mut length_bytes) = (String::new(), 0);
    reader.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
    let path = line.split([' ', '?']).nth(1)?.to_owned();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        match header.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length_bytes = value.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length_bytes];
    reader.read_exact(&mut body).ok()?;
    Some((path, body))
}
