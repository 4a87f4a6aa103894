//! A bad line: a TCP proxy before a server that counts what passes, breaks after so many bytes, or swallows everything.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What is copied at once.
const CHUNK_BYTES: usize = 4096;
/// The budget of a line that does not break.
const UNLIMITED_BYTES: i64 = i64::MAX;

/// The proxy. Dropping it ends it, with every connection through it.
pub struct Proxy {
    address: SocketAddr,
    line: Arc<Line>,
    accepting: JoinHandle<()>,
}

/// What all connections of a proxy have in common.
struct Line {
    server: Mutex<SocketAddr>,
    up_bytes: AtomicU64,
    down_bytes: AtomicU64,
    breaks_count: AtomicU64,
    budget_bytes: AtomicI64,
    silent: AtomicBool,
    broken: Notify,
    healed: Notify,
}

impl Proxy {
    /// A good line to a server, until told otherwise.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn before(server: SocketAddr) -> io::Result<Proxy> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let line = Arc::new(Line {
            server: Mutex::new(server),
            up_bytes: AtomicU64::new(0),
            down_bytes: AtomicU64::new(0),
            breaks_count: AtomicU64::new(0),
            budget_bytes: AtomicI64::new(UNLIMITED_BYTES),
            silent: AtomicBool::new(false),
            broken: Notify::new(),
            healed: Notify::new(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&line)));
        Ok(Proxy { address, line, accepting })
    }
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
    /// New connections lead to another server from here on.
    pub fn lead_to(&self, server: SocketAddr) {
        *self.line.server.lock().unwrap_or_else(PoisonError::into_inner) = server;
    }
    /// From here on the line breaks once so many more bytes have passed, both ways together, and stays broken until [`Proxy::heal`].
    pub fn break_after(&self, bytes: u64) {
        self.line.budget_bytes.store(i64::try_from(bytes).unwrap_or(UNLIMITED_BYTES), Ordering::SeqCst);
    }
    /// Whether the line has broken.
    pub fn is_broken(&self) -> bool {
        self.line.budget_bytes.load(Ordering::SeqCst) <= 0
    }
    /// From here on connections are taken and nothing comes back, nor on those that are there, until [`Proxy::heal`] ends them.
    pub fn fall_silent(&self) {
        self.line.silent.store(true, Ordering::SeqCst);
    }
    /// The line is good again, for new connections.
    pub fn heal(&self) {
        self.line.budget_bytes.store(UNLIMITED_BYTES, Ordering::SeqCst);
        if self.line.silent.swap(false, Ordering::SeqCst) {
            self.line.healed.notify_waiters();
        }
    }
    /// TCP payload that went to the server, in bytes.
    pub fn up_bytes(&self) -> u64 {
        self.line.up_bytes.load(Ordering::SeqCst)
    }
    /// TCP payload that came from the server, in bytes.
    pub fn down_bytes(&self) -> u64 {
        self.line.down_bytes.load(Ordering::SeqCst)
    }
    /// How often the line broke.
    pub fn breaks_count(&self) -> u64 {
        self.line.breaks_count.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.line.broken.notify_waiters();
    }
}

impl Line {
    /// Takes from the budget. False when the line is broken, at the latest with these bytes.
    fn passes(&self, bytes: usize) -> bool {
        let took = |left: i64| Some(if left == UNLIMITED_BYTES { left } else { left - bytes as i64 });
        let before = self.budget_bytes.fetch_update(Ordering::SeqCst, Ordering::SeqCst, took).unwrap_or_default();
        let holds = before == UNLIMITED_BYTES || before > bytes as i64;
        if !holds && before > 0 {
            self.breaks_count.fetch_add(1, Ordering::SeqCst);
        }
        if !holds {
            self.broken.notify_waiters();
        }
        holds
    }
}

async fn accept(listener: TcpListener, line: Arc<Line>) {
    while let Ok((phone, _)) = listener.accept().await {
        let server = *line.server.lock().unwrap_or_else(PoisonError::into_inner);
        tokio::spawn(join(phone, server, Arc::clone(&line)));
    }
}

/// Carries one connection until an end closes it, the line breaks, or its silence ends.
async fn join(phone: TcpStream, server: SocketAddr, line: Arc<Line>) {
    let (broken, healed) = (line.broken.notified(), line.healed.notified());
    if !line.passes(0) {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else { return };
    let _ = (phone.set_nodelay(true), server.set_nodelay(true));
    let (phone_reads, phone_writes) = phone.into_split();
    let (server_reads, server_writes) = server.into_split();
    let both = async {
        tokio::join!(
            carry(phone_reads, server_writes, &line, &line.up_bytes),
            carry(server_reads, phone_writes, &line, &line.down_bytes)
        )
    };
    tokio::select! {
        _ = both => {}
        () = broken => {}
        () = healed => {}
    }
}

async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    line: &Line,
    counter: &AtomicU64,
) {
    let mut chunk = vec![0; CHUNK_BYTES];
    while let Ok(bytes @ 1..) = from.read(&mut chunk).await {
        if line.silent.load(Ordering::SeqCst) {
            return std::future::pending().await;
        }
        if !line.passes(bytes) || to.write_all(&chunk[..bytes]).await.is_err() {
            return;
        }
        counter.fetch_add(bytes as u64, Ordering::SeqCst);
    }
    let _ = to.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A server that gives back what it gets.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut reads, mut writes) = stream.split();
                    let _ = tokio::io::copy(&mut reads, &mut writes).await;
                });
            }
        });
        address
    }

    async fn through(proxy: &Proxy, bytes: usize) -> io::Result<usize> {
        let mut stream = TcpStream::connect(proxy.address()).await?;
        stream.write_all(&vec![1; bytes]).await?;
        stream.shutdown().await?;
        let mut back = Vec::new();
        stream.read_to_end(&mut back).await.map(|_| back.len())
    }

    #[tokio::test]
    async fn counts_breaks_and_heals() {
        let proxy = Proxy::before(echo().await).await.unwrap();
        assert_eq!(through(&proxy, 10_000).await.unwrap(), 10_000);
        assert_eq!((proxy.up_bytes(), proxy.down_bytes()), (10_000, 10_000));
        proxy.break_after(6_000);
        assert!(through(&proxy, 10_000).await.map_or(true, |back| back < 10_000));
        assert!(proxy.is_broken() && proxy.breaks_count() == 1);
        assert!(through(&proxy, 1).await.map_or(true, |back| back == 0), "it stays broken");
        proxy.heal();
        assert_eq!(through(&proxy, 3).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn silence_swallows_what_comes_on_old_and_new_connections_until_it_is_healed() {
        let proxy = Proxy::before(echo().await).await.unwrap();
        let mut old = TcpStream::connect(proxy.address()).await.unwrap();
        let mut one = [0];
        old.write_all(&[7]).await.unwrap();
        old.read_exact(&mut one).await.unwrap();
        proxy.fall_silent();
        let mut new = TcpStream::connect(proxy.address()).await.unwrap();
        for stream in [&mut old, &mut new] {
            stream.write_all(&[7]).await.unwrap();
            let answered = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut one)).await;
            assert!(answered.is_err(), "{answered:?}");
        }
        proxy.heal();
        for stream in [&mut old, &mut new] {
            assert!(matches!(stream.read(&mut one).await, Ok(0) | Err(_)), "what was swallowed is never answered");
        }
        assert_eq!(through(&proxy, 3).await.unwrap(), 3);
    }
}
