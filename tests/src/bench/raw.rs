//! The raw limit: plain SQLite behind a plain axum server and a client that does no more than it must. No merge, no authentication, no history,
//! no encryption. What a sync system can reach at most on this machine.

use super::data::WorkloadVisit;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::routing::{get, post};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

const SCHEMA: &str =
    "CREATE TABLE visit (id TEXT PRIMARY KEY, household_id TEXT, micro_grid_id TEXT, manager_id TEXT, visited_at TEXT,
     kind TEXT, roles TEXT, note TEXT, needs_follow_up INTEGER, lat REAL, lon REAL, updated_at TEXT, seq INTEGER);
 CREATE INDEX visit_household ON visit (household_id); CREATE INDEX visit_grid ON visit (micro_grid_id, seq);";
const PUT: &str =
    "INSERT INTO visit VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET note = excluded.note,
     needs_follow_up = excluded.needs_follow_up, updated_at = excluded.updated_at, seq = excluded.seq";
const COLUMNS: &str =
    "id, household_id, micro_grid_id, manager_id, visited_at, kind, roles, note, needs_follow_up, lat, lon, updated_at";

/// The schema as a migration, so that the bare SQLCipher store is opened with exactly the settings of the phone's.
pub const MIGRATIONS: &[zoufang_core::store::migrate::Migration] =
    &[zoufang_core::store::migrate::Migration { version: 1, name: "raw", sql: SCHEMA }];

/// Opens a plain database with WAL and `synchronous=FULL`.
pub fn open(path: &Path) -> rusqlite::Result<Connection> {
    zoufang_cipher::link();
    let c = Connection::open(path)?;
    c.pragma_update(None, "journal_mode", "WAL")?;
    c.pragma_update(None, "synchronous", "FULL")?;
    c.execute_batch(SCHEMA)?;
    Ok(c)
}

/// Stores one visit.
pub fn put(c: &Connection, visit: &WorkloadVisit, seq: i64) -> rusqlite::Result<usize> {
    c.prepare_cached(PUT)?.execute(params![
        visit.id.to_string(),
        visit.household_id.to_string(),
        visit.micro_grid_id.to_string(),
        visit.manager_id.to_string(),
        visit.visited_at,
        visit.kind,
        serde_json::to_string(&visit.roles).unwrap_or_default(),
        visit.note,
        visit.needs_follow_up,
        visit.location.lat,
        visit.location.lon,
        visit.updated_at,
        seq,
    ])
}

/// Stores many in one transaction.
pub fn put_all(c: &mut Connection, visits: &[WorkloadVisit], seq: i64) -> rusqlite::Result<()> {
    let tx = c.transaction()?;
    for (at, visit) in visits.iter().enumerate() {
        put(&tx, visit, if seq == 0 { 0 } else { seq + at as i64 })?;
    }
    tx.commit()
}

fn read(row: &Row<'_>) -> rusqlite::Result<WorkloadVisit> {
    let id = |column: usize| row.get::<_, String>(column).map(|text| text.parse().unwrap_or_default());
    Ok(WorkloadVisit {
        id: id(0)?,
        household_id: id(1)?,
        micro_grid_id: id(2)?,
        manager_id: id(3)?,
        visited_at: row.get(4)?,
        kind: row.get(5)?,
        roles: serde_json::from_str(&row.get::<_, String>(6)?).unwrap_or_default(),
        note: row.get(7)?,
        needs_follow_up: row.get(8)?,
        location: super::data::Point { lat: row.get(9)?, lon: row.get(10)? },
        updated_at: row.get(11)?,
    })
}

/// The visits that wait to be sent.
pub fn unsent(c: &Connection) -> rusqlite::Result<Vec<WorkloadVisit>> {
    c.prepare_cached(&format!("SELECT {COLUMNS} FROM visit WHERE seq = 0"))?.query_map([], read)?.collect()
}

#[derive(Serialize, Deserialize)]
struct Pulled {
    seq: i64,
    visits: Vec<WorkloadVisit>,
}

#[derive(Deserialize)]
struct PullQuery {
    grid: String,
    since: i64,
}

struct Shared(Mutex<(Connection, i64)>);

async fn push(State(shared): State<Arc<Shared>>, body: String) -> Result<String, String> {
    tokio::task::spawn_blocking(move || {
        let visits: Vec<WorkloadVisit> = serde_json::from_str(&body).map_err(|e| e.to_string())?;
        let mut held = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seq = held.1;
        put_all(&mut held.0, &visits, seq + 1).map_err(|e| e.to_string())?;
        held.1 += visits.len() as i64;
        Ok(format!("{{\"seq\":{}}}", held.1))
    })
    .await
    .map_err(|e| e.to_string())?
}

async fn pull(State(shared): State<Arc<Shared>>, Query(query): Query<PullQuery>) -> Result<String, String> {
    tokio::task::spawn_blocking(move || {
        let held = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = format!("SELECT {COLUMNS} FROM visit WHERE micro_grid_id = ? AND seq > ? ORDER BY seq");
        let mut found = held.0.prepare_cached(&sql).map_err(|e| e.to_string())?;
        let rows = found.query_map(params![query.grid, query.since], read).map_err(|e| e.to_string())?;
        let visits: Vec<WorkloadVisit> = rows.collect::<Result<_, _>>().map_err(|e| e.to_string())?;
        serde_json::to_string(&Pulled { seq: held.1, visits }).map_err(|e| e.to_string())
    })
    .await
    .map_err(|e| e.to_string())?
}

/// Serves until the process ends.
///
/// # Errors
/// When the database or the listener fails.
pub async fn serve(listener: tokio::net::TcpListener, database: &Path) -> Result<(), Box<dyn std::error::Error>> {
    const BODY_MAX_BYTES: usize = 64 << 20;
    let shared = Arc::new(Shared(Mutex::new((open(database)?, 0))));
    let app = axum::Router::new()
        .route("/push", post(push))
        .route("/pull", get(pull))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .with_state(shared);
    Ok(axum::serve(listener, app).await?)
}

/// A client on one kept connection.
pub struct Client {
    stream: TcpStream,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// When nothing listens.
    pub fn connect(to: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(to)?;
        stream.set_nodelay(true)?;
        Ok(Client { stream })
    }
    /// Sends visits in one request.
    ///
    /// # Errors
    /// When the connection fails.
    pub fn push(&mut self, visits: &[WorkloadVisit]) -> std::io::Result<()> {
        let body = serde_json::to_string(visits)?;
        self.call("POST", "/push", &body).map(drop)
    }
    /// Asks for what is new.
    ///
    /// # Errors
    /// When the connection fails or the answer does not read.
    pub fn pull(&mut self, grid: &str, since: i64) -> std::io::Result<(i64, Vec<WorkloadVisit>)> {
        let answer = self.call("GET", &format!("/pull?grid={grid}&since={since}"), "")?;
        let Pulled { seq, visits } = serde_json::from_slice(&answer)?;
        Ok((seq, visits))
    }
    fn call(&mut self, method: &str, path: &str, body: &str) -> std::io::Result<Vec<u8>> {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
        let mut request = head.into_bytes();
        request.extend_from_slice(body.as_bytes());
        self.stream.write_all(&request)?;
        let (mut held, mut part, mut head_bytes, mut whole_bytes) = (Vec::new(), [0; 65_536], 0, usize::MAX);
        while held.len() < whole_bytes {
            let n = self.stream.read(&mut part)?;
            if n == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            held.extend_from_slice(&part[..n]);
            if let (0, Some(at)) = (head_bytes, held.windows(4).position(|four| four == b"\r\n\r\n")) {
                head_bytes = at + 4;
                let head = String::from_utf8_lossy(&held[..at]).to_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
                whole_bytes = head_bytes + length.unwrap_or(0_usize);
            }
        }
        Ok(held.split_off(head_bytes))
    }
}
