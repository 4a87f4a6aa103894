//! A phone in a process of its own that ends itself at a chosen operation of its disk; says a line after each call that returned.

use std::convert::Infallible;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zoufang_core::Error;
use zoufang_tests::kills::killing::KillingDisk;
use zoufang_tests::kills::saver::{DONE, OPENED, open, work};
use zoufang_tests::power_cut::vfs;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, at, moment] = arguments.as_slice() else { return ExitCode::from(2) };
    let (Ok(at), Ok(moment)) = (at.parse(), moment.parse()) else { return ExitCode::from(2) };
    vfs::register();
    let path = PathBuf::from(path);
    let _watch = vfs::watch(&path, KillingDisk::after(at, moment));
    let error = match live(&path) {
        Ok(never) => match never {},
        Err(error) => error,
    };
    let _ = writeln!(std::io::stderr(), "saver: {error}");
    ExitCode::FAILURE
}

fn live(path: &Path) -> Result<Infallible, Error> {
    let phone = open(path)?;
    say(OPENED);
    work(&phone, say)?;
    say(DONE);
    // At once, as when the system ends an app: the log is neither closed nor moved.
    std::process::exit(0)
}

/// One write: a line is said whole before the next call begins.
fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(format!("{what}\n").as_bytes()).and_then(|()| out.flush());
}
