//! What can be set. Everything has a value that is right for a first try on one machine.

use std::path::PathBuf;

/// The settings of a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder of the database and everything else that the server keeps.
    pub data_dir: PathBuf,
    /// Certificate and key; without them the server listens on loopback addresses only.
    pub tls: Option<TlsFiles>,
    /// The address that phones use, as it stands in enrolment pictures, for example `https://zoufang.example:8443`.
    pub public_url: Option<String>,
}

/// Files in PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate chain, the server's own first.
    pub certificate: PathBuf,
    /// The private key (PKCS#8, PKCS#1 or SEC1).
    pub key: PathBuf,
}

impl Config {
    /// Settings for a data folder, the rest as it comes.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Config { data_dir: data_dir.into(), tls: None, public_url: None }
    }
    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.data_dir.join("server.db")
    }
}
