use crate::phone::{PAGE, Phone, home_draft, nobody};
use crate::server::Server;
use zoufang_bindings::error::CoreError;
use zoufang_bindings::records::{
    CareNeedDraft, ChosenValue, DraftFields, HomeDraft, HouseholdChange, MatterChange, MatterDraft, MatterField,
    NextHome, Page, ResidentChange, ResidentDraft, SplitDraft, VisitCorrection, VisitDraft, VisitField,
};
use zoufang_bindings::words::{
    Duty, Likeness, MatterFilter, MatterKind, MatterState, MatterTrack, MatterUrgency, RecordKind, ResidencyKind,
    ResidentSex, SyncState, VisitMode, VisitOutcome, VisitState,
};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{HouseholdId, VisitId};

fn field_of<T: std::fmt::Debug>(refused: Result<T, CoreError>) -> String {
    match refused {
        Err(CoreError::MendField { field, .. }) => field,
        other => panic!("expected a field to mend, got {other:?}"),
    }
}

#[test]
fn a_visit_is_saved_listed_corrected_and_found() {
    let phone = Phone::enrolled(&Server::plain());
    let home = phone.home("301");
    let matter = MatterDraft::new(MatterKind::Help, MatterTrack::Simple, "楼道灯不亮");
    let draft = VisitDraft {
        note: "家中两位老人，暖气正常".into(),
        duties: vec![Duty::Information],
        matters: vec![matter],
        ..VisitDraft::new(home.household, VisitMode::Door, VisitOutcome::Done)
    };
    let saved = phone.core.visits().save(draft).unwrap();
    assert_eq!((saved.state, saved.sync, saved.matters.len()), (VisitState::Done, SyncState::Queued, 1));
    assert_eq!(phone.core.visits().of_household(home.household, PAGE).unwrap(), std::slice::from_ref(&saved));
    let (from, to) = (saved.started_at, Moment::from_ms(saved.started_at.to_ms() + 1_000));
    assert_eq!(phone.core.visits().between(from, to, PAGE).unwrap().len(), 1);
    let open = phone.core.matters().list(MatterFilter::Open, PAGE).unwrap();
    assert_eq!((open[0].visit, open[0].state), (Some(saved.id), MatterState::Reported));

    let corrections = vec![VisitCorrection::Note { to: "暖气不热".into() }, VisitCorrection::Duties { to: vec![] }];
    let corrected = phone.core.visits().amend(saved.id, corrections, "听错了".into()).unwrap();
    assert_eq!((corrected.note.as_str(), corrected.amendments.len()), ("暖气不热", 1));
    assert_eq!(phone.core.visits().find(saved.id).unwrap(), corrected);
    let found = phone.core.search().find("暖气".into(), 10).unwrap();
    assert_eq!((found.hits[0].id, found.hits[0].field.as_str()), (saved.id.0, "note"));
    assert!(found.is_complete && phone.core.search().catch_up().unwrap());

    let listed = phone.core.households().list(Page { skip_count: 0, take_count: 1 }).unwrap();
    assert_eq!((listed[0].open_matters_count, listed[0].unsent), (1, true));
    assert_eq!(listed[0].last_visit.map(|last| last.outcome), Some(VisitOutcome::Done));
    assert!(phone.core.sync().status().unwrap().unsent_count >= 5);
}

#[test]
fn what_cannot_be_saved_names_its_field() {
    let phone = Phone::enrolled(&Server::plain());
    let home = phone.home("301");
    assert_eq!(field_of(phone.core.households().add(home_draft("301"))), "address");
    let many = vec![HouseholdChange::PeopleCount { to: Some(70_000) }];
    assert_eq!(field_of(phone.core.households().edit(home.household, many)), "people_count");
    let early = VisitDraft {
        ended_at: Some(Moment::from_ms(0)),
        ..VisitDraft::new(home.household, VisitMode::Door, VisitOutcome::Done)
    };
    assert_eq!(field_of(phone.core.visits().save(early)), "ended_at");
    assert_eq!(field_of(phone.core.search().find("长".repeat(65), 10)), "query");
    let garbled = ChosenValue::OfSide { json: "{".into() };
    assert_eq!(
        field_of(phone.core.conflicts().settle(RecordKind::Household, nobody(), "phone".into(), garbled)),
        "phone"
    );

    let missing = phone.core.households().find(HouseholdId(nobody()));
    assert!(matches!(&missing, Err(CoreError::NotHere { what, .. }) if what == "household"), "{missing:?}");
    let visit = VisitDraft::new(home.household, VisitMode::Met, VisitOutcome::NoAnswer);
    let saved = phone.core.visits().save(visit).unwrap();
    let refused = phone.core.visits().declare_void(saved.id, "写错了".into());
    assert!(matches!(refused, Err(CoreError::AskSupervisor { .. })), "{refused:?}");
}

#[test]
fn homes_residents_and_matters_change_field_by_field() {
    let phone = Phone::enrolled(&Server::plain());
    let home = phone.home("302");
    let changes =
        vec![HouseholdChange::Contact { to: None }, HouseholdChange::Phone { to: Some("13800000000".into()) }];
    let edited = phone.core.households().edit(home.household, changes).unwrap();
    assert_eq!((edited.contact, edited.phone.as_deref()), (None, Some("13800000000")));

    let draft = ResidentDraft {
        household: home.household,
        name: "张三样例".into(),
        sex: None,
        birth_year: None,
        phone: None,
        kind: ResidencyKind::Registered,
        lives_where_registered: None,
        from: None,
    };
    let lives = phone.core.residents().add(draft).unwrap();
    let sex = ResidentChange::Sex { to: Some(ResidentSex::Female) };
    phone.core.residents().edit(lives.id, vec![sex, ResidentChange::BirthYear { to: Some(1950) }]).unwrap();
    let listed = phone.core.residents().of_household(home.household).unwrap();
    assert_eq!((listed[0].sex, listed[0].birth_year), (Some(ResidentSex::Female), Some(1950)));
    let gone = phone.core.residents().move_out(lives.residency, lives.from).unwrap();
    assert_eq!(gone.to, Some(lives.from));

    let matter = MatterDraft {
        household: Some(home.household),
        ..MatterDraft::new(MatterKind::Hazard, MatterTrack::Professional, "井盖松动")
    };
    let matter = phone.core.matters().report(matter).unwrap();
    let urgent = MatterChange::Urgency { to: MatterUrgency::Urgent };
    let edited =
        phone.core.matters().edit(matter.id, vec![urgent, MatterChange::Line { to: Some("综治".into()) }]).unwrap();
    assert_eq!((edited.urgency, edited.line.as_deref()), (MatterUrgency::Urgent, Some("综治")));
    assert_eq!(phone.core.matters().add_note(matter.id, "已设围挡".into()).unwrap().events.len(), 2);
    assert_eq!(field_of(phone.core.matters().answer(matter.id, "本人".into(), "电话".into(), "好".into())), "state");
    assert!(
        phone.core.quarantine().list(PAGE).unwrap().is_empty() && phone.core.conflicts().list().unwrap().is_empty()
    );
}

#[test]
fn residents_move_and_households_split_and_merge() {
    let phone = Phone::enrolled(&Server::plain());
    let (home, other) = (phone.home("304"), phone.home("305"));
    let draft = ResidentDraft {
        household: home.household,
        name: "张三样例".into(),
        sex: None,
        birth_year: Some(1950),
        phone: None,
        kind: ResidencyKind::Registered,
        lives_where_registered: None,
        from: None,
    };
    let lives = phone.core.residents().add(draft).unwrap();
    let hints = phone.core.residents().likely_same("张三样例".into(), None, Some(1950)).unwrap();
    assert_eq!((hints[0].resident, hints[0].why.as_slice()), (lives.id, &[Likeness::Name, Likeness::BirthYear][..]));
    let next =
        NextHome { household: other.household, kind: ResidencyKind::Floating, lives_where_registered: None, on: None };
    let moved = phone.core.residents().move_home(lives.residency, next).unwrap();
    assert_eq!(phone.core.residents().homes(lives.id).unwrap().len(), 2);
    let split = SplitDraft {
        household: other.household,
        residencies: vec![moved.residency],
        home: HomeDraft { shares_dwelling: true, ..home_draft("305") },
    };
    let own = phone.core.households().split(split).unwrap();
    assert_eq!(own.split_from, Some(other.household));
    let merged = phone.core.households().merge(own.household, home.household, None).unwrap();
    assert_eq!(merged.household, home.household);
    assert_eq!(phone.core.households().find(own.household).unwrap().merged_into, Some(home.household));

    assert!(phone.core.care().types().unwrap().is_empty());
    let both = CareNeedDraft {
        of: nobody(),
        basis: "样例".into(),
        valid_until: moved.from,
        resident: Some(lives.id),
        household: Some(home.household),
        valid_from: None,
    };
    assert_eq!(field_of(phone.core.care().add(both.clone())), "resident");
    let one = CareNeedDraft { household: None, ..both };
    assert!(matches!(phone.core.care().add(one), Err(CoreError::NotHere { .. })));
    assert!(phone.core.care().of_home(home.household).unwrap().is_empty());
    assert!(phone.core.care().of_resident(lives.id).unwrap().is_empty());
    assert_eq!(field_of(phone.core.care().expiring(70_000)), "within_days");
}

#[test]
fn drafts_come_back_typed_after_the_app_was_killed() {
    let phone = Phone::enrolled(&Server::plain());
    let home = phone.home("303");
    let draft = phone.core.drafts().start_visit(home.household).unwrap();
    let taken_up = MatterDraft::new(MatterKind::Enquiry, MatterTrack::Simple, "医保怎么办");
    let fields = [
        VisitField::Mode { to: Some(VisitMode::Phone) },
        VisitField::Outcome { to: Some(VisitOutcome::Done) },
        VisitField::Note { to: "写到一半".into() },
        VisitField::Duties { to: vec![Duty::Errands] },
        VisitField::NeedsFollowUp { to: true },
        VisitField::TakenUp { to: vec![taken_up.clone()] },
        VisitField::EndedAt { to: Some(Moment::from_ms(4_102_444_800_000)) },
        VisitField::EndedAt { to: None },
    ];
    for field in fields {
        phone.core.drafts().save_visit_field(draft, field).unwrap();
    }
    let killed = phone.reopened().unwrap();
    let DraftFields::OfVisit { fields } = killed.drafts().find(draft).unwrap().fields else { panic!("it was a visit") };
    assert_eq!((fields.mode, fields.outcome), (Some(VisitMode::Phone), Some(VisitOutcome::Done)));
    assert_eq!((fields.note.as_str(), fields.needs_follow_up, fields.ended_at), ("写到一半", true, None));
    assert_eq!((fields.duties, fields.matters), (vec![Duty::Errands], vec![taken_up]));
    assert_eq!(fields.household, Some(home.household));
    let saved = killed.drafts().save_as_visit(draft).unwrap();
    assert_eq!((saved.id, saved.matters.len()), (VisitId(draft.0), 1));
    assert!(killed.drafts().list().unwrap().is_empty());

    let draft = killed.drafts().start_matter(Some(home.household)).unwrap();
    assert_eq!(field_of(killed.drafts().save_as_matter(draft)), "kind");
    let fields = [
        MatterField::Kind { to: Some(MatterKind::Dispute) },
        MatterField::Track { to: Some(MatterTrack::Hard) },
        MatterField::Summary { to: "漏水纠纷".into() },
        MatterField::Urgency { to: Some(MatterUrgency::Urgent) },
    ];
    for field in fields {
        killed.drafts().save_matter_field(draft, field).unwrap();
    }
    let DraftFields::OfMatter { fields } = killed.drafts().list().unwrap().remove(0).fields else { panic!("a matter") };
    assert_eq!((fields.kind, fields.track, fields.line), (Some(MatterKind::Dispute), Some(MatterTrack::Hard), None));
    assert_eq!(killed.drafts().save_as_matter(draft).unwrap().urgency, MatterUrgency::Urgent);
}
