//! What a search finds.

use uuid::Uuid;
use zoufang_domain::ids::HouseholdId;
use zoufang_domain::schema::Kind;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchView {
    /// Homes and people first, then visits and matters; the newest of each first.
    pub hits: Vec<SearchHit>,
    /// False while the index does not hold everything yet (after a first sync): search again for the rest.
    pub is_complete: bool,
}

/// One record that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchHit {
    /// What kind of record.
    pub kind: Kind,
    /// Which record.
    pub id: Uuid,
    /// Whose home.
    pub household: Option<HouseholdId>,
    /// Where or who: an address, a name.
    pub title: String,
    /// Which field holds the match: `note`, `summary`, `name`, `contact`, `phone`, `address`, `event`.
    pub field: &'static str,
    /// The text around the match, with `…` where it was cut.
    pub excerpt: String,
    /// Where the match begins in the excerpt, in characters (Unicode scalar values).
    pub match_start_chars: u32,
    /// How long it is, in characters.
    pub match_len_chars: u32,
}
