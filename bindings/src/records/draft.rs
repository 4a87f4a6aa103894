//! Drafts as they cross: typed fields, so that no app writes JSON. The core keeps them by the names of its own drafts.

use crate::records::{MapPoint, MatterDraft};
use crate::words::{Duty, MatterKind, MatterSource, MatterTrack, MatterUrgency, RecordKind, VisitMode, VisitOutcome};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zoufang_core::views::{self, DraftId};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{AppointmentId, HouseholdId, NoticeId, ResidentId, StaffId, UnitId, VisitId};
use zoufang_domain::operation::Fields;

/// A draft as it stands.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct DraftView {
    /// The draft.
    pub id: DraftId,
    /// The home.
    pub household: Option<HouseholdId>,
    /// What is written so far.
    pub fields: DraftFields,
    /// When it was begun, by the phone's clock.
    pub created_at: Moment,
    /// When a field was last saved, by the phone's clock.
    pub updated_at: Moment,
}

/// What a draft will be, and what is written of it.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum DraftFields {
    /// A visit.
    OfVisit {
        /// Its fields.
        fields: VisitDraftFields,
    },
    /// A matter.
    OfMatter {
        /// Its fields.
        fields: MatterDraftFields,
    },
}

/// What is written of a visit.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct VisitDraftFields {
    /// The home.
    pub household: Option<HouseholdId>,
    /// How.
    pub mode: Option<VisitMode>,
    /// What came of it.
    pub outcome: Option<VisitOutcome>,
    /// Start.
    pub started_at: Option<Moment>,
    /// End.
    pub ended_at: Option<Moment>,
    /// Which duties it served.
    pub duties: Vec<Duty>,
    /// What was found.
    pub note: String,
    /// Whether someone should come again.
    pub needs_follow_up: bool,
    /// Where.
    pub location: Option<MapPoint>,
    /// Colleagues who were there.
    pub others_present: Vec<StaffId>,
    /// Matters taken up.
    pub matters: Vec<MatterDraft>,
    /// Notices given.
    pub notices: Vec<NoticeId>,
    /// The agreed appointment that it keeps.
    pub appointment: Option<AppointmentId>,
}

/// What is written of a matter.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct MatterDraftFields {
    /// The micro-grid.
    pub micro_grid: Option<UnitId>,
    /// Whose home.
    pub household: Option<HouseholdId>,
    /// Whose matter.
    pub resident: Option<ResidentId>,
    /// The visit on which it was taken up.
    pub visit: Option<VisitId>,
    /// Where it comes from.
    pub source: Option<MatterSource>,
    /// What kind.
    pub kind: Option<MatterKind>,
    /// How it is worked on.
    pub track: Option<MatterTrack>,
    /// What it is.
    pub summary: String,
    /// How urgent.
    pub urgency: Option<MatterUrgency>,
    /// Which of the merged grids it belongs to.
    pub line: Option<String>,
    /// Which duties it calls for.
    pub duties: Vec<Duty>,
    /// What was done about it on the spot.
    pub done: Option<String>,
}

impl From<views::DraftView> for DraftView {
    fn from(view: views::DraftView) -> Self {
        let fields = match view.kind {
            RecordKind::Visit => DraftFields::OfVisit { fields: VisitDraftFields::from(&view.fields) },
            _ => DraftFields::OfMatter { fields: MatterDraftFields::from(&view.fields) },
        };
        DraftView {
            id: view.id,
            household: view.household,
            fields,
            created_at: Moment::from_ms(view.created_ms),
            updated_at: Moment::from_ms(view.updated_ms),
        }
    }
}

impl From<&Fields> for VisitDraftFields {
    fn from(fields: &Fields) -> Self {
        VisitDraftFields {
            household: read(fields, "household"),
            mode: read(fields, "mode"),
            outcome: read(fields, "outcome"),
            started_at: read(fields, "started_at"),
            ended_at: read(fields, "ended_at"),
            duties: read(fields, "duties").unwrap_or_default(),
            note: read(fields, "note").unwrap_or_default(),
            needs_follow_up: read(fields, "needs_follow_up").unwrap_or_default(),
            location: read(fields, "location"),
            others_present: read(fields, "others_present").unwrap_or_default(),
            matters: read(fields, "matters").unwrap_or_default(),
            notices: read(fields, "notices").unwrap_or_default(),
            appointment: read(fields, "appointment"),
        }
    }
}

impl From<&Fields> for MatterDraftFields {
    fn from(fields: &Fields) -> Self {
        MatterDraftFields {
            micro_grid: read(fields, "micro_grid"),
            household: read(fields, "household"),
            resident: read(fields, "resident"),
            visit: read(fields, "visit"),
            source: read(fields, "source"),
            kind: read(fields, "kind"),
            track: read(fields, "track"),
            summary: read(fields, "summary").unwrap_or_default(),
            urgency: read(fields, "urgency"),
            line: read(fields, "line"),
            duties: read(fields, "duties").unwrap_or_default(),
            done: read(fields, "done"),
        }
    }
}

/// A field, if it is written. The core takes only values that read, so one that does not was written by a newer app.
fn read<T: DeserializeOwned>(fields: &Fields, name: &str) -> Option<T> {
    fields.get(name).and_then(|value| T::deserialize(value).ok())
}

/// Declares the fields of a draft that can be saved: the variant, the core's name and the type. `None` and an empty text or list clear.
macro_rules! draft_fields {
    ($($variant:ident $name:literal,)*) => {
        /// The core's name of the field and its value as the core keeps it.
        pub(crate) fn named(&self) -> (&'static str, Value) {
            match self {
                $(Self::$variant { to } => ($name, json(to)),)*
            }
        }
    };
}

/// One field of a visit that is being written; without a value it is cleared.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum VisitField {
    /// The home.
    Household {
        /// Which.
        to: HouseholdId,
    },
    /// How.
    Mode {
        /// The mode.
        to: Option<VisitMode>,
    },
    /// What came of it.
    Outcome {
        /// The outcome.
        to: Option<VisitOutcome>,
    },
    /// Start.
    StartedAt {
        /// The moment.
        to: Option<Moment>,
    },
    /// End.
    EndedAt {
        /// The moment.
        to: Option<Moment>,
    },
    /// Which duties it served.
    Duties {
        /// All of them.
        to: Vec<Duty>,
    },
    /// What was found.
    Note {
        /// The whole text.
        to: String,
    },
    /// Whether someone should come again.
    NeedsFollowUp {
        /// Whether.
        to: bool,
    },
    /// Where.
    Location {
        /// The point.
        to: Option<MapPoint>,
    },
    /// Colleagues who were there.
    OthersPresent {
        /// All of them.
        to: Vec<StaffId>,
    },
    /// Matters taken up.
    TakenUp {
        /// All of them.
        to: Vec<MatterDraft>,
    },
    /// Notices given.
    NoticesGiven {
        /// All of them.
        to: Vec<NoticeId>,
    },
    /// The agreed appointment that it keeps.
    Appointment {
        /// Which.
        to: Option<AppointmentId>,
    },
}

impl VisitField {
    draft_fields! {
        Household "household",
        Mode "mode",
        Outcome "outcome",
        StartedAt "started_at",
        EndedAt "ended_at",
        Duties "duties",
        Note "note",
        NeedsFollowUp "needs_follow_up",
        Location "location",
        OthersPresent "others_present",
        TakenUp "matters",
        NoticesGiven "notices",
        Appointment "appointment",
    }
}

/// One field of a matter that is being written; without a value it is cleared.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum MatterField {
    /// The micro-grid.
    MicroGrid {
        /// Which.
        to: Option<UnitId>,
    },
    /// Whose home.
    Household {
        /// Which.
        to: Option<HouseholdId>,
    },
    /// Whose matter.
    Resident {
        /// Who.
        to: Option<ResidentId>,
    },
    /// The visit on which it was taken up.
    Visit {
        /// Which.
        to: Option<VisitId>,
    },
    /// Where it comes from; a visit if not said.
    Source {
        /// The source.
        to: Option<MatterSource>,
    },
    /// What kind.
    Kind {
        /// The kind.
        to: Option<MatterKind>,
    },
    /// How it is worked on.
    Track {
        /// The track.
        to: Option<MatterTrack>,
    },
    /// What it is.
    Summary {
        /// The whole text.
        to: String,
    },
    /// How urgent.
    Urgency {
        /// The urgency.
        to: Option<MatterUrgency>,
    },
    /// Which of the merged grids.
    Line {
        /// Its configured name.
        to: Option<String>,
    },
    /// Which duties it calls for.
    Duties {
        /// All of them.
        to: Vec<Duty>,
    },
    /// What was done about it on the spot.
    Done {
        /// The whole text.
        to: Option<String>,
    },
}

impl MatterField {
    draft_fields! {
        MicroGrid "micro_grid",
        Household "household",
        Resident "resident",
        Visit "visit",
        Source "source",
        Kind "kind",
        Track "track",
        Summary "summary",
        Urgency "urgency",
        Line "line",
        Duties "duties",
        Done "done",
    }
}

fn json(value: &impl Serialize) -> Value {
    // Only a map with keys that are no texts does not serialise, and there is none.
    serde_json::to_value(value).unwrap_or_default()
}
