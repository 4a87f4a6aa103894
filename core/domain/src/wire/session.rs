//! Sign-in: the phone signs what the server made up. No clock takes part, since phone clocks are wrong.

use crate::ids::DeviceId;
use serde::{Deserialize, Serialize};

/// Asks for something to sign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChallengeRequest {
    /// Which device.
    pub device: DeviceId,
}

/// Something to sign, good for one sign-in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChallengeAnswer {
    /// 256 random bits, base64.
    pub nonce: String,
}

/// The signed challenge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionRequest {
    /// Which device.
    pub device: DeviceId,
    /// The nonce.
    pub nonce: String,
    /// The device's signature over [`challenge_text`], DER in base64.
    pub signature: String,
    /// Protocol version of the phone.
    pub protocol: u16,
    /// Version of the app.
    pub app_version: String,
}

/// What the signature covers.
pub fn challenge_text(device: DeviceId, nonce: &str) -> String {
    format!("zoufang session v1\n{device}\n{nonce}")
}

/// A session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionAnswer {
    /// The bearer token, 256 random bits in base64. The server keeps only its hash.
    pub token: String,
    /// Seconds until it ends.
    pub lasts_s: u32,
}
