//! Search.

use crate::call::call;
use crate::error::CoreError;
use crate::records::SearchView;
use zoufang_core::Core;

/// Search: any two neighbouring characters of notes, names, addresses, phone numbers and matters, and the pinyin initials of names.
#[derive(uniffi::Object)]
pub struct Search(Core);

impl Search {
    pub(crate) fn new(core: Core) -> Self {
        Search(core)
    }
}

#[uniffi::export]
impl Search {
    /// Searches; at most 100 hits. A query without a letter, digit or character finds nothing.
    ///
    /// Throws MendField with `query` when it is longer than 64 characters.
    pub fn find(&self, query: String, limit_count: u32) -> Result<SearchView, CoreError> {
        call(|| self.0.search(&query, limit_count as usize).map(SearchView::from))
    }
    /// Indexes what has come since, some thousand records at a time; true when nothing is left. Every search does this first. An app may
    /// do it after a sync, until it is true.
    ///
    /// Throws Retry, FreeSpace.
    pub fn catch_up(&self) -> Result<bool, CoreError> {
        call(|| self.0.index_for_search())
    }
}
