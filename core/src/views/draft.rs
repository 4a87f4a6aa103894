//! What is being written and never leaves the phone.

use std::fmt;
use uuid::Uuid;
use zoufang_domain::ids::HouseholdId;
use zoufang_domain::operation::Fields;
use zoufang_domain::schema::Kind;

/// One draft. What is saved from it takes over this id, so a save that is repeated after a crash saves once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DraftId(pub Uuid);

impl fmt::Display for DraftId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A draft as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftView {
    /// The draft.
    pub id: DraftId,
    /// What it will be: a visit or a matter.
    pub kind: Kind,
    /// The home.
    pub household: Option<HouseholdId>,
    /// The fields so far, by the names of [`crate::visits::VisitDraft`] or [`crate::matters::MatterDraft`].
    pub fields: Fields,
    /// When it was begun, Unix milliseconds by the phone's clock.
    pub created_ms: i64,
    /// When a field was last saved, Unix milliseconds by the phone's clock.
    pub updated_ms: i64,
}
