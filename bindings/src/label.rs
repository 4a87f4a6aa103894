//! What words are called in front of people: one table for the apps and the server's pages, kept in the domain.

use crate::words::{
    AppointmentParty, AppointmentPurpose, AppointmentState, Duty, DwellingUse, FormFieldType, Likeness, MatterEnding,
    MatterEvent, MatterKind, MatterSource, MatterState, MatterStep, MatterTrack, MatterTurn, MatterUrgency, NoticeKind,
    NoticeState, RecordKind, ResidencyKind, ResidentSex, Role, TaskState, UnitLevel, VisitMode, VisitOutcome,
    VisitState,
};
use zoufang_domain::label;

/// A word of the field, to be shown.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Word {
    /// What a record is.
    OfRecord {
        /// The word.
        of: RecordKind,
    },
    /// A field of a record, as a conflict names it.
    OfField {
        /// The field's name.
        of: String,
    },
    /// A unit's level.
    OfLevel {
        /// The word.
        of: UnitLevel,
    },
    /// A role.
    OfRole {
        /// The word.
        of: Role,
    },
    /// What a dwelling is used for.
    OfUse {
        /// The word.
        of: DwellingUse,
    },
    /// A resident's sex.
    OfSex {
        /// The word.
        of: ResidentSex,
    },
    /// A kind of residence.
    OfResidency {
        /// The word.
        of: ResidencyKind,
    },
    /// How a visit was made.
    OfMode {
        /// The word.
        of: VisitMode,
    },
    /// What came of a visit.
    OfOutcome {
        /// The word.
        of: VisitOutcome,
    },
    /// A visit's state.
    OfVisit {
        /// The word.
        of: VisitState,
    },
    /// One of the five duties.
    OfDuty {
        /// The word.
        of: Duty,
    },
    /// A kind of matter.
    OfMatterKind {
        /// The word.
        of: MatterKind,
    },
    /// A matter's track.
    OfTrack {
        /// The word.
        of: MatterTrack,
    },
    /// A matter's urgency.
    OfUrgency {
        /// The word.
        of: MatterUrgency,
    },
    /// Where a matter comes from.
    OfSource {
        /// The word.
        of: MatterSource,
    },
    /// A matter's state.
    OfMatter {
        /// The word.
        of: MatterState,
    },
    /// What happened to a matter.
    OfEvent {
        /// The word.
        of: MatterEvent,
    },
    /// Whose turn a matter is.
    OfTurn {
        /// The word.
        of: MatterTurn,
    },
    /// How a matter ended.
    OfEnding {
        /// The word.
        of: MatterEnding,
    },
    /// What the clock of a matter's work counts.
    OfStep {
        /// The word.
        of: MatterStep,
    },
    /// What a text of an event is.
    OfText {
        /// The text's name.
        of: String,
    },
    /// Why two residents may be one.
    OfLikeness {
        /// The word.
        of: Likeness,
    },
    /// How a visit task stands.
    OfTask {
        /// The word.
        of: TaskState,
    },
    /// What an appointment is for.
    OfPurpose {
        /// The word.
        of: AppointmentPurpose,
    },
    /// A side of an appointment.
    OfParty {
        /// The word.
        of: AppointmentParty,
    },
    /// An appointment's state.
    OfAppointment {
        /// The word.
        of: AppointmentState,
    },
    /// What a notice is for.
    OfNoticeKind {
        /// The word.
        of: NoticeKind,
    },
    /// How a notice stands.
    OfNotice {
        /// The word.
        of: NoticeState,
    },
    /// A kind of answer.
    OfAnswer {
        /// The word.
        of: FormFieldType,
    },
}

/// What a word is called.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Label {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// What a word is called; an unknown one is shown as it is. Labels never change while an app runs, so they may be kept.
#[uniffi::export]
pub fn label_of(word: Word) -> Label {
    let (zh, en) = match word {
        Word::OfRecord { of } => label::both("kind", &of),
        Word::OfField { of } => label::both("field", &of),
        Word::OfLevel { of } => label::both("level", &of),
        Word::OfRole { of } => label::both("role", &of),
        Word::OfUse { of } => label::both("use", &of),
        Word::OfSex { of } => label::both("sex", &of),
        Word::OfResidency { of } => label::both("residency", &of),
        Word::OfMode { of } => label::both("mode", &of),
        Word::OfOutcome { of } => label::both("outcome", &of),
        Word::OfVisit { of } => label::both("visit_state", &of),
        Word::OfDuty { of } => label::both("duty", &of),
        Word::OfMatterKind { of } => label::both("matter_kind", &of),
        Word::OfTrack { of } => label::both("track", &of),
        Word::OfUrgency { of } => label::both("urgency", &of),
        Word::OfSource { of } => label::both("source", &of),
        Word::OfMatter { of } => label::both("state", &of),
        Word::OfEvent { of } => label::both("event", &of),
        Word::OfTurn { of } => label::both("turn", &of),
        Word::OfEnding { of } => label::both("ending", &of),
        Word::OfStep { of } => label::both("step", &of.name()),
        Word::OfText { of } => label::both("told", &of),
        Word::OfLikeness { of } => label::both("likeness", &of),
        Word::OfTask { of } => label::both("task", &of),
        Word::OfPurpose { of } => label::both("purpose", &of),
        Word::OfParty { of } => label::both("party", &of),
        Word::OfAppointment { of } => label::both("appointment", &of),
        Word::OfNoticeKind { of } => label::both("notice_kind", &of),
        Word::OfNotice { of } => label::both("notice", &of),
        Word::OfAnswer { of } => label::both("answer", &of),
    };
    Label { zh, en }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_labelled(word: Word) {
        let label = label_of(word.clone());
        assert!(!label.zh.is_empty() && !label.zh.is_ascii() && label.en.is_ascii(), "{word:?}: {label:?}");
    }

    #[test]
    fn every_word_that_an_app_shows_has_both_labels() {
        use zoufang_domain::{matter, visit};
        visit::Mode::ALL.into_iter().for_each(|of| is_labelled(Word::OfMode { of }));
        visit::Outcome::ALL.into_iter().for_each(|of| is_labelled(Word::OfOutcome { of }));
        [TaskState::Overdue, TaskState::Due, TaskState::Moved, TaskState::Done, TaskState::Cancelled]
            .into_iter()
            .for_each(|of| is_labelled(Word::OfTask { of }));
        AppointmentState::ALL.iter().for_each(|of| is_labelled(Word::OfAppointment { of: *of }));
        AppointmentPurpose::ALL.iter().for_each(|of| is_labelled(Word::OfPurpose { of: *of }));
        AppointmentParty::ALL.iter().for_each(|of| is_labelled(Word::OfParty { of: *of }));
        NoticeKind::ALL.iter().for_each(|of| is_labelled(Word::OfNoticeKind { of: *of }));
        NoticeState::ALL.iter().for_each(|of| is_labelled(Word::OfNotice { of: *of }));
        FormFieldType::ALL.into_iter().for_each(|of| is_labelled(Word::OfAnswer { of }));
        [Likeness::Phone, Likeness::Name, Likeness::Pinyin, Likeness::BirthYear]
            .into_iter()
            .for_each(|of| is_labelled(Word::OfLikeness { of }));
        matter::MatterState::ALL.iter().for_each(|of| is_labelled(Word::OfMatter { of: *of }));
        matter::MatterKind::ALL.iter().for_each(|of| is_labelled(Word::OfMatterKind { of: *of }));
        matter::Track::ALL.iter().for_each(|of| is_labelled(Word::OfTrack { of: *of }));
        matter::Urgency::ALL.iter().for_each(|of| is_labelled(Word::OfUrgency { of: *of }));
        matter::Source::ALL.iter().for_each(|of| is_labelled(Word::OfSource { of: *of }));
        matter::EventKind::ALL.iter().for_each(|of| is_labelled(Word::OfEvent { of: *of }));
        matter::Turn::ALL.iter().for_each(|of| is_labelled(Word::OfTurn { of: *of }));
        matter::Ending::ALL.iter().for_each(|of| is_labelled(Word::OfEnding { of: *of }));
        [MatterStep::Accept, MatterStep::Handle].into_iter().for_each(|of| is_labelled(Word::OfStep { of }));
        let needed = matter::TRANSITIONS.iter().flat_map(|row| row.needs);
        needed.for_each(|name| is_labelled(Word::OfText { of: (*name).to_owned() }));
        Role::ALL.into_iter().for_each(|of| is_labelled(Word::OfRole { of }));
        UnitLevel::ALL.into_iter().for_each(|of| is_labelled(Word::OfLevel { of }));
        RecordKind::ALL.iter().for_each(|of| is_labelled(Word::OfRecord { of: *of }));
        [Duty::Information, Duty::Errands, Duty::Mediation, Duty::CoManagement, Duty::Publicity]
            .into_iter()
            .for_each(|of| is_labelled(Word::OfDuty { of }));
        [DwellingUse::Own, DwellingUse::Rented, DwellingUse::Vacant, DwellingUse::Shop, DwellingUse::Other]
            .into_iter()
            .for_each(|of| is_labelled(Word::OfUse { of }));
        [ResidencyKind::Registered, ResidencyKind::Floating, ResidencyKind::LeftBehind, ResidencyKind::FromAbroad]
            .into_iter()
            .for_each(|of| is_labelled(Word::OfResidency { of }));
        [ResidentSex::Female, ResidentSex::Male].into_iter().for_each(|of| is_labelled(Word::OfSex { of }));
        [
            VisitState::Planned,
            VisitState::Rescheduled,
            VisitState::Cancelled,
            VisitState::Draft,
            VisitState::Done,
            VisitState::NoAnswer,
            VisitState::Refused,
            VisitState::Corrected,
            VisitState::Voided,
        ]
        .into_iter()
        .for_each(|of| is_labelled(Word::OfVisit { of }));
        assert_eq!(label_of(Word::OfField { of: "unheard_of".into() }).zh, "unheard_of");
    }
}
