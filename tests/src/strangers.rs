//! Who may answer in the server's place: a captive portal's page, bytes without sense, a line that says nothing.

use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What a Wi-Fi's login page answers to everything.
pub const PORTAL: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: 45\r\n\
                          connection: close\r\n\r\n<html><title>WLAN</title>Please log in</html>";
/// What no HTTP server answers.
pub const GARBAGE: &str = "220 mail.example ESMTP ready\r\n500 unknown command\r\n";

/// A stranger on a port of this machine. Dropping it ends it.
pub struct Stranger {
    address: SocketAddr,
    answering: JoinHandle<()>,
}

impl Stranger {
    /// Answers whatever is asked with these bytes.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn saying(answer: &'static str) -> io::Result<Stranger> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let answering = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut asked = [0; 1024];
                    let _ = stream.read(&mut asked).await;
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Ok(Stranger { address, answering })
    }
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.answering.abort();
    }
}
