//! The server's command line as people at a desk use it: the program itself, in a process of its own.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// `zoufang-server`, built.
pub struct Console {
    program: PathBuf,
}

impl Console {
    /// Builds the program as this test was built. Where all of the workspace was built it is there already, and this takes a moment.
    ///
    /// # Panics
    /// When it does not build.
    pub fn built() -> Console {
        // A test lies in <target>/<profile>/deps.
        let own = std::env::current_exe().expect("this program has a place");
        let folder = own.parent().and_then(Path::parent).expect("a test lies two folders deep").to_owned();
        let profile = match folder.file_name().and_then(OsStr::to_str) {
            Some("debug") | None => "dev",
            Some(name) => name,
        };
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        // What cargo told this test of itself would look like another environment, and ring would be built anew.
        let told = std::env::vars_os().map(|(name, _)| name);
        let told = told.filter(|name| name.to_str().is_some_and(is_of_a_package));
        let mut command = Command::new(cargo);
        told.for_each(|name| {
            command.env_remove(name);
        });
        let built = command
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
            .args([
                "build",
                "--quiet",
                "--locked",
                "-p",
                "zoufang-sync-server",
                "--bin",
                "zoufang-server",
                "--profile",
                profile,
            ])
            .status();
        assert!(built.is_ok_and(|status| status.success()), "zoufang-server does not build");
        Console { program: folder.join("zoufang-server") }
    }
    /// Asks it something about a data folder.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn ask(&self, data_dir: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(&self.program);
        command.args(arguments).env("LANG", "en_GB.UTF-8").env("ZOUFANG_DATA_DIR", data_dir).stdin(Stdio::null());
        command.output().expect("zoufang-server starts")
    }
    /// The same, where it must do as it is told. Gives what it says on stdout.
    ///
    /// # Panics
    /// When it does not.
    pub fn must(&self, data_dir: &Path, arguments: &[&str]) -> String {
        let output = self.ask(data_dir, arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

fn is_of_a_package(name: &str) -> bool {
    const BEGINNINGS: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
    BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}
