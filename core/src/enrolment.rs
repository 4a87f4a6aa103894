//! Enrolment: a supervisor's one-time code makes this phone one of the server's devices. Both ends then show the same six digits.

use crate::beside::beside;
use crate::error::Error;
use crate::store::profile::{self, Area, Profile};
use crate::sync::http::{HttpProtocol, ReqwestTransport};
use crate::sync::sign_in::{APP_VERSION, public_key, sign};
use crate::{ChangeSet, Core};
use rusqlite::Connection;
use serde::Deserialize;
use zoufang_domain::ids::StaffId;
use zoufang_domain::schema::Kind;
use zoufang_domain::wire::enrol::{EnrolAnswer, EnrolRequest, fingerprint, proof_text};
use zoufang_domain::wire::version::CURRENT;
use zoufang_domain::wire::{ExchangeError, SyncProtocol};

/// Longest text of a QR picture, in bytes: the largest picture holds 2,953.
pub const QR_MAX_BYTES: usize = 2_953;
/// Longest code, in bytes.
pub const CODE_MAX_BYTES: usize = 128;
/// The version of the QR picture's content.
const QR_VERSION: u32 = 1;

/// What a phone needs to know to enrol.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolInput {
    /// Where the server is.
    pub server_url: String,
    /// The authority that its certificate must chain to; `None` only for plain HTTP on this machine.
    pub ca_pem: Option<String>,
    /// The one-time code.
    pub code: String,
}

/// The profile of an enrolled phone.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub areas: Vec<Area>,
}

/// The JSON in the picture.
#[derive(Deserialize)]
struct Qr {
    v: u32,
    url: String,
    #[serde(default)]
    ca: Option<String>,
    code: String,
}

impl EnrolInput {
    /// Reads the text of a supervisor's QR picture.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `qr` (another picture, or made for a newer app), `server_url`, `server_ca_pem` or `code`.
    pub fn from_qr(text: &str) -> Result<Self, Error> {
        let invalid = || Error::Invalid { field: "qr".into() };
        if text.len() > QR_MAX_BYTES {
            return Err(invalid());
        }
        let qr: Qr = serde_json::from_str(text).map_err(|_| invalid())?;
        if qr.v != QR_VERSION {
            return Err(invalid());
        }
        let input = EnrolInput { server_url: qr.url, ca_pem: qr.ca, code: qr.code };
        input.check()?;
        Ok(input)
    }

    /// The protocol to the server that this names.
    ///
    /// # Errors
    /// As [`ReqwestTransport::new`].
    pub fn protocol(&self) -> Result<HttpProtocol<ReqwestTransport>, Error> {
        Ok(HttpProtocol::new(ReqwestTransport::new(&self.server_url, self.ca_pem.as_deref())?))
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.code.trim().is_empty() || self.code.len() > CODE_MAX_BYTES {
            return Err(Error::Invalid { field: "code".into() });
        }
        self.protocol().map(|_| ())
    }
}

impl std::fmt::Debug for EnrolInput {
    /// Without the code: it is a secret for as long as it lasts.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("EnrolInput").field("server_url", &self.server_url).finish_non_exhaustive()
    }
}

impl Core {
    /// Makes this phone one of the server's devices.
    ///
    /// # Errors
    /// [`Error::AlreadyEnrolled`], [`Error::Invalid`] for input that cannot be right, [`Error::Exchange`] with the
    /// server's reason (`enrol.code_wrong`, `enrol.code_expired`, …), or what the store and the key store say. Nothing is stored then.
    pub async fn enrol<P: SyncProtocol>(&self, protocol: &P, input: EnrolInput) -> Result<Enrolled, Error> {
        input.check()?;
        let code = input.code.trim().to_owned();
        let request = beside(self, move |core| {
            if core.read(profile::find)?.is_some() {
                return Err(Error::AlreadyEnrolled);
            }
            let public_key = public_key(core);
            let proof = sign(core, &proof_text(&code, &public_key))?;
            Ok(EnrolRequest { proof, ..unproven(code, public_key) })
        })
        .await?;
        let answer = exchange(protocol, &request).await?;
        beside(self, move |core| store(core, &answer, &input)).await
    }

    /// The profile of this phone; `None` before enrolment and after it was wiped.
    ///
    /// # Errors
    /// When the store fails.
    pub fn profile(&self) -> Result<Option<Enrolled>, Error> {
        if self.0.sync.is_wiped() {
            return Ok(None);
        }
        self.read(|c| profile::find(c)?.map(|profile| enrolled(c, profile)).transpose())
    }

    /// The protocol to the server that this phone is enrolled with. Keep it for all syncs: its connection stays open between them.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`], [`Error::Practice`], or as [`ReqwestTransport::new`].
    pub fn protocol(&self) -> Result<HttpProtocol<ReqwestTransport>, Error> {
        let profile = self.read(profile::get)?;
        if profile.practice {
            return Err(Error::Practice);
        }
        Ok(HttpProtocol::new(ReqwestTransport::new(&profile.server_url, profile.server_ca_pem.as_deref())?))
    }
}

/// What a phone sends, without the proof.
pub(crate) fn unproven(code: String, public_key: String) -> EnrolRequest {
    EnrolRequest {
        protocol: CURRENT,
        code,
        public_key,
        proof: String::new(),
        platform: std::env::consts::OS.to_owned(),
        app_version: APP_VERSION.to_owned(),
        returning: None,
    }
}

/// Asks, and holds the answer to the key and code that were sent.
pub(crate) async fn exchange<P: SyncProtocol>(protocol: &P, request: &EnrolRequest) -> Result<EnrolAnswer, Error> {
    let answer = protocol.enrol(request).await?;
    // Computed here and not taken over: otherwise a stranger in between could show the digits that people expect.
    if answer.fingerprint != fingerprint(&request.public_key, &request.code) {
        return Err(Error::Exchange(ExchangeError::NotZoufang("a fingerprint of another key".into())));
    }
    Ok(answer)
}

fn store(core: &Core, answer: &EnrolAnswer, input: &EnrolInput) -> Result<Enrolled, Error> {
    core.write(|tx| {
        profile::begin(tx, answer, &input.server_url, input.ca_pem.as_deref())?;
        let enrolled = enrolled(tx, profile::get(tx)?)?;
        let kinds = [Kind::OrgUnit].into();
        Ok((enrolled, ChangeSet { kinds, status: true, ..ChangeSet::default() }))
    })
}

pub(crate) fn enrolled(c: &Connection, profile: Profile) -> Result<Enrolled, Error> {
    let Profile { staff, staff_name, server_url, fingerprint, .. } = profile;
    Ok(Enrolled { staff, staff_name, server_url, fingerprint, areas: profile::areas(c)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_supervisors_picture_reads_and_others_do_not() {
        let text = r#"{"v":1,"url":"http://127.0.0.1:8080","ca":null,"code":"ABCD-EFGH-2345"}"#;
        let input = EnrolInput::from_qr(text).unwrap();
        assert_eq!((input.server_url.as_str(), input.ca_pem.as_deref()), ("http://127.0.0.1:8080", None));
        assert!(!format!("{input:?}").contains("ABCD"), "a code is not printed");
        let long = format!(r#"{{"v":1,"url":"http://127.0.0.1","ca":null,"code":"{}"}}"#, "x".repeat(QR_MAX_BYTES));
        for (text, expected) in [
            ("https://example.com/wifi", "qr"),
            ("", "qr"),
            (r#"{"v":2,"url":"http://127.0.0.1","ca":null,"code":"A"}"#, "qr"),
            (r#"{"v":1,"url":"http://10.0.0.1","ca":null,"code":"A"}"#, "server_url"),
            (r#"{"v":1,"url":"https://zoufang.example","ca":null,"code":"A"}"#, "server_ca_pem"),
            (r#"{"v":1,"url":"http://127.0.0.1","code":" "}"#, "code"),
            (long.as_str(), "qr"),
        ] {
            match EnrolInput::from_qr(text) {
                Err(Error::Invalid { field }) => assert_eq!(field, expected, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
