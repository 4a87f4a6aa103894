//! What a search finds, as it crosses.

use crate::groups::all;
use crate::words::RecordKind;
use uuid::Uuid;
use zoufang_core::views;
use zoufang_domain::ids::HouseholdId;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SearchView {
    /// Homes and people first, then visits and matters; the newest of each first.
    pub hits: Vec<SearchHit>,
    /// False while the index does not hold everything yet (after a first sync): search again for the rest.
    pub is_complete: bool,
}

/// One record that was found.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SearchHit {
    /// What kind of record.
    pub kind: RecordKind,
    /// Which record.
    pub id: Uuid,
    /// Whose home.
    pub household: Option<HouseholdId>,
    /// Where or who: an address, a name.
    pub title: String,
    /// Which field holds the match: `note`, `summary`, `name`, `contact`, `phone`, `address`, `event`.
    pub field: String,
    /// The text around the match, with `…` where it was cut.
    pub excerpt: String,
    /// Where the match begins in the excerpt, in code points (Unicode scalar values): what Swift calls `unicodeScalars` and Java
    /// `offsetByCodePoints`.
    pub match_start_chars: u32,
    /// How long it is, in code points.
    pub match_len_chars: u32,
}

impl From<views::SearchView> for SearchView {
    fn from(view: views::SearchView) -> Self {
        SearchView { hits: all(view.hits), is_complete: view.is_complete }
    }
}

impl From<views::SearchHit> for SearchHit {
    fn from(hit: views::SearchHit) -> Self {
        SearchHit {
            kind: hit.kind,
            id: hit.id,
            household: hit.household,
            title: hit.title,
            field: hit.field.to_owned(),
            excerpt: hit.excerpt,
            match_start_chars: hit.match_start_chars,
            match_len_chars: hit.match_len_chars,
        }
    }
}
