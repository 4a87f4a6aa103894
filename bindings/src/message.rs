//! Texts for people.

use zoufang_domain::message::{self, Language};

/// What a person is told, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Message {
    /// Stable id, for logs and help pages.
    pub id: String,
    /// What happened, in Chinese.
    pub title_zh: String,
    /// What to do, in Chinese.
    pub detail_zh: String,
    /// What happened, in English.
    pub title_en: String,
    /// What to do, in English.
    pub detail_en: String,
}

impl Message {
    /// The message of that id. An id that this version does not know keeps its name and reads as the unexpected error.
    pub fn of(id: &str) -> Self {
        let found = message::find(id);
        Message {
            id: id.to_owned(),
            title_zh: found.title(Language::Zh).to_owned(),
            detail_zh: found.detail(Language::Zh).to_owned(),
            title_en: found.title(Language::En).to_owned(),
            detail_en: found.detail(Language::En).to_owned(),
        }
    }
}
