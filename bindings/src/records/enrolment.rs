//! Opening and enrolling, as they cross.

use crate::words::{Role, UnitLevel};
use zoufang_core::Options;
use zoufang_domain::ids::{StaffId, UnitId};

pub use zoufang_core::enrolment::{EnrolInput, Enrolled};
pub use zoufang_core::store::profile::Area as AreaView;

/// Where the database is and under which name its key is kept.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct OpenOptions {
    /// The database file, in an existing folder of the app's own that no backup service copies.
    pub path: String,
    /// The key's name in the vault, 1 to 64 of `a-z 0-9 - _`; two profiles on one phone have two files and two keys.
    #[uniffi(default = None)]
    pub key_name: Option<String>,
}

impl From<OpenOptions> for Options {
    fn from(options: OpenOptions) -> Self {
        let usual = Options::new(options.path);
        Options { key_name: options.key_name.unwrap_or(usual.key_name), path: usual.path }
    }
}

impl From<Options> for OpenOptions {
    fn from(options: Options) -> Self {
        OpenOptions { path: options.path.to_string_lossy().into_owned(), key_name: Some(options.key_name) }
    }
}

/// What a phone needs to know to enrol.
#[uniffi::remote(Record)]
pub struct EnrolInput {
    /// Where the server is.
    pub server_url: String,
    /// The authority that its certificate must chain to; none only for plain HTTP on this machine.
    pub ca_pem: Option<String>,
    /// The one-time code. Do not log this record.
    pub code: String,
}

/// The profile of an enrolled phone.
#[uniffi::remote(Record)]
pub struct Enrolled {
    /// Whose phone it is.
    pub staff: StaffId,
    /// Their name.
    pub staff_name: String,
    /// Where the server is.
    pub server_url: String,
    /// Six digits that the server shows too, for people to compare.
    pub fingerprint: String,
    /// What it may see, the widest first.
    pub areas: Vec<AreaView>,
}

/// One area that the phone knows.
#[uniffi::remote(Record)]
pub struct AreaView {
    /// The unit.
    pub unit: UnitId,
    /// Its level.
    pub level: UnitLevel,
    /// Its name.
    pub name: String,
    /// The role held there; none for a unit above.
    pub role: Option<Role>,
}
