//! Errors on the wire: RFC 9457 problem details, with a stable id that both languages' messages hang on.

use serde::{Deserialize, Serialize};

/// The media type.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A problem. Holds ids and numbers, never what a record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// `about:zoufang/<id>`.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// The stable id, for example `session.expired`.
    pub id: String,
    /// HTTP status.
    pub status: u16,
    /// Short text in the language asked for.
    pub title: String,
    /// What to do, in the language asked for.
    pub detail: String,
    /// Seconds after which trying again makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    /// The last counter that the server holds from this device, where that helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_counter: Option<u64>,
}

impl Problem {
    /// A problem in one language, from the message table.
    pub fn new(id: &str, status: u16, language: crate::message::Language) -> Self {
        let message = crate::message::find(id);
        Problem {
            type_uri: format!("about:zoufang/{id}"),
            id: id.to_owned(),
            status,
            title: message.title(language).to_owned(),
            detail: message.detail(language).to_owned(),
            retry_after_s: None,
            last_counter: None,
        }
    }
}
