//! The real server's program as a process that can be killed and started again at its address.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};

/// What it says when it serves.
const SERVING: &str = "serving at http://";

fn command(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server-under-kills"));
    command.env("LANG", "en_US.UTF-8").env("RUST_LOG", "error").env_remove("ZOUFANG_PUBLIC_URL");
    command.arg("--data-dir").arg(data_dir).stdin(Stdio::null());
    command
}

/// Asks the program for something that ends by itself.
pub(crate) fn ask(data_dir: &Path, arguments: &[&str]) -> Output {
    command(data_dir).args(arguments).output().unwrap()
}

/// A running server; killed when dropped.
pub(crate) struct ServerChild {
    child: Child,
    says: BufReader<ChildStderr>,
    data_dir: PathBuf,
    pub(crate) address: SocketAddr,
}

impl ServerChild {
    /// Starts it on the database in a folder, at that address, and waits until it serves.
    pub(crate) fn start(data_dir: &Path, listen: SocketAddr) -> ServerChild {
        let mut serve = command(data_dir);
        serve.arg("serve").arg("--listen").arg(listen.to_string()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = serve.spawn().unwrap();
        let mut says = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let before = said.len();
            says.read_line(&mut said).unwrap();
            assert!(said.len() > before, "it does not start: {said}");
            if let Some(address) = said[before..].trim().strip_prefix(SERVING) {
                break address.parse().unwrap();
            }
        };
        ServerChild { child, says, data_dir: data_dir.to_owned(), address }
    }
    /// SIGKILL. Gives what it had complained of.
    pub(crate) fn kill(mut self) -> Dead {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let complaints = self.says.by_ref().lines().map_while(Result::ok).collect();
        Dead { complaints, data_dir: self.data_dir.clone(), address: self.address }
    }
}

impl Drop for ServerChild {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that was killed.
pub(crate) struct Dead {
    pub(crate) complaints: Vec<String>,
    data_dir: PathBuf,
    address: SocketAddr,
}

impl Dead {
    /// Starts it again where it was.
    pub(crate) fn start_again(&self) -> ServerChild {
        ServerChild::start(&self.data_dir, self.address)
    }
}
