//! The servers under measurement run as processes of their own, so that their CPU time and memory are theirs alone.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The hidden first argument that turns the bench program into the raw server.
pub const SERVE_RAW: &str = "serve-raw";
/// The hidden first argument that turns the bench program into the real server.
pub const SERVE: &str = "serve";

/// A server process; ended when dropped.
pub struct ServerProcess {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl ServerProcess {
    /// Starts this program again as a server over `path` and waits until it names its address.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(role: &str, path: &Path) -> std::io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?).arg(role).arg(path).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
        BufReader::new(out).read_line(&mut line)?;
        let address = line.trim().parse().map_err(|_| {
            std::io::Error::other(format!("the {role} process did not say where it listens, but {line:?}"))
        });
        match address {
            Ok(address) => Ok(ServerProcess { child, address }),
            Err(e) => {
                let _ = child.kill();
                Err(e)
            }
        }
    }
    /// CPU seconds used so far, user and system.
    pub fn cpu_s(&self) -> f64 {
        const TICKS_PER_S: f64 = 100.0;
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        // Fields 14 and 15 of proc(5), counted from the third, which follows the name.
        let ticks: f64 =
            after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
        ticks / TICKS_PER_S
    }
    /// Peak resident memory in MiB.
    pub fn peak_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
