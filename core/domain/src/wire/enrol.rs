//! Enrolment: a supervisor hands out a one-time code (as text and as a QR picture), the phone answers with its public key.

use crate::chain::Link;
use crate::ids::{DeviceId, StaffId, UnitId};
use crate::staff::Role;
use crate::stamp::Stamp;
use crate::unit::Level;
use serde::{Deserialize, Serialize};

/// What a phone sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// Protocol version of the phone.
    pub protocol: u16,
    /// The code as handed out.
    pub code: String,
    /// The device's public key: P-256, uncompressed point, base64.
    pub public_key: String,
    /// The device's signature over [`EnrolRequest::proof_text`], DER in base64: shows that it holds the private key.
    pub proof: String,
    /// What kind of device, for the list of devices: `android 14`, `ios 18`, `cli`.
    pub platform: String,
    /// Version of the app.
    pub app_version: String,
    /// Set by a phone that was enrolled before, with a server that has forgotten it because it came back from a backup. A server that does
    /// not know this field finds the proof wrong and enrols nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returning: Option<Returning>,
}

impl EnrolRequest {
    /// What the proof covers.
    pub fn proof_text(&self) -> String {
        match &self.returning {
            None => proof_text(&self.code, &self.public_key),
            Some(returning) => returning.proof_text(&self.code, &self.public_key),
        }
    }
}

/// What the proof of a phone covers that enrols for the first time.
pub fn proof_text(code: &str, public_key: &str) -> String {
    format!("zoufang enrol v1\n{code}\n{public_key}")
}

/// Who a phone was, and where what it still keeps begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returning {
    /// The device's id as it was given out. All of the device's operations and versions bear it.
    pub device: DeviceId,
    /// Whose phone it is. A code of somebody else is refused.
    pub staff: StaffId,
    /// The counter after which the phone keeps every operation; 0 when it keeps all. What came before is older than phones keep operations
    /// for, and cannot come again.
    pub after: u64,
    /// The chain link after that counter; [`Link::START`] when it is 0.
    pub link: Link,
}

impl Returning {
    /// What the proof covers.
    pub fn proof_text(&self, code: &str, public_key: &str) -> String {
        let Returning { device, staff, after, link } = self;
        format!("zoufang return v1\n{code}\n{public_key}\n{device}\n{staff}\n{after}\n{link}")
    }
    /// Whether the chain can begin there.
    pub fn is_well_formed(&self) -> bool {
        i64::try_from(self.after).is_ok() && (self.after > 0 || self.link == Link::START)
    }
}

/// What it gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnrolAnswer {
    /// The device's id from now on.
    pub device: DeviceId,
    /// Whose phone it is.
    pub staff: StaffId,
    /// Their name.
    pub staff_name: String,
    /// Which server life this is; changes when a server comes back from a backup.
    pub epoch: u32,
    /// The areas and roles.
    pub grants: Vec<Grant>,
    /// Six digits that both ends show, for people to compare.
    pub fingerprint: String,
    /// The server's clock.
    pub server_time: Stamp,
}

/// What a device may see, and as what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The area.
    pub unit: UnitId,
    /// Its level.
    pub level: Level,
    /// Its name.
    pub name: String,
    /// The role; `None` for a unit above, of which the unit's own record is sent and what it sets for everyone below
    /// ([`crate::schema::Kind::goes_down`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// The six digits for a public key and a code.
pub fn fingerprint(public_key: &str, code: &str) -> String {
    let link = crate::chain::Link::START.then(format!("zoufang fingerprint v1\n{public_key}\n{code}").as_bytes());
    let number = link.0[..8].iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{:06}", number % 1_000_000)
}
