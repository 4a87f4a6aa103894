use crate::moves::{day, person};
use crate::phone::{Phone, home_draft, invalid_field};
use zoufang_core::households::HomeDraft;
use zoufang_core::matters::MatterDraft;
use zoufang_core::residents::ResidentDraft;
use zoufang_core::splits::SplitDraft;
use zoufang_core::views::Page;
use zoufang_core::visits::VisitDraft;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::HouseholdId;
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::visit::{Mode, Outcome};

fn visit(phone: &Phone, household: HouseholdId, on: u32) {
    let started_at = Some(Moment::start_of(day(on)));
    let draft = VisitDraft { started_at, ..VisitDraft::new(household, Mode::Door, Outcome::Done) };
    phone.core.save_visit(draft).unwrap();
}

fn old_home(phone: &Phone, building: &str, room: &str) -> HouseholdId {
    let draft = HomeDraft { from: Some(day(1)), ..home_draft(building, room, "测试户") };
    phone.core.add_home(&draft).unwrap().household
}

fn visits_count(phone: &Phone, household: HouseholdId) -> usize {
    phone.core.visits_of(household, Page::FIRST).unwrap().len()
}

#[test]
fn some_people_begin_a_household_of_their_own() {
    let phone = Phone::manager();
    let home = old_home(&phone, "1", "101");
    let stays = phone.core.add_resident(&person(home, "测试甲")).unwrap();
    let goes = phone.core.add_resident(&person(home, "测试乙")).unwrap();
    visit(&phone, home, 2);
    phone.clock.set(Moment::start_of(day(20)).to_ms());
    let split = SplitDraft {
        household: home,
        residencies: vec![goes.residency],
        home: HomeDraft { from: Some(day(10)), shares_dwelling: true, ..home_draft("1", "101", "测试乙") },
    };
    let before = phone.operations_count();
    assert_eq!(
        invalid_field(phone.core.split_household(&SplitDraft { residencies: vec![], ..split.clone() })),
        "residencies"
    );
    let alone = HomeDraft { shares_dwelling: false, ..split.home.clone() };
    assert_eq!(invalid_field(phone.core.split_household(&SplitDraft { home: alone, ..split.clone() })), "address");
    assert_eq!(phone.operations_count(), before);

    let own = phone.core.split_household(&split).unwrap();
    assert_eq!((own.split_from, own.from, own.contact.as_deref()), (Some(home), Some(day(10)), Some("测试乙")));
    assert_eq!(own.dwelling, phone.core.home(home).unwrap().dwelling, "the same dwelling, two households");
    let living = |household| {
        let all = phone.core.residents_of(household).unwrap();
        all.into_iter().filter(|one| one.to.is_none()).map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!((living(home), living(own.household)), (vec![stays.id], vec![goes.id]));
    assert_eq!(invalid_field(phone.core.split_household(&split)), "residencies", "who has gone does not go twice");

    visit(&phone, home, 15);
    visit(&phone, own.household, 16);
    assert_eq!(visits_count(&phone, own.household), 2, "its own, and those of before the split");
    assert_eq!(visits_count(&phone, home), 2, "what came after is each one's own");
}

#[test]
fn one_household_becomes_part_of_another_and_nothing_open_drops_out_of_sight() {
    let phone = Phone::manager();
    let (gone, into) = (old_home(&phone, "1", "101"), old_home(&phone, "2", "201"));
    let moves = phone.core.add_resident(&person(gone, "测试甲")).unwrap();
    let both = phone.core.add_resident(&ResidentDraft { ..person(gone, "测试乙") }).unwrap();
    phone
        .core
        .move_in(&zoufang_domain::resident::Residency {
            resident: both.id,
            household: into,
            kind: both.kind,
            lives_where_registered: None,
            from: day(3),
            to: None,
        })
        .unwrap();
    let mut matter = MatterDraft::new(MatterKind::Help, Track::Simple, "测试诉求");
    matter.household = Some(gone);
    phone.core.report_matter(matter).unwrap();
    visit(&phone, gone, 4);
    phone.clock.set(Moment::start_of(day(20)).to_ms());
    assert_eq!(invalid_field(phone.core.merge_households(gone, gone, None)), "into");

    let merged = phone.core.merge_households(gone, into, Some(day(10))).unwrap();
    assert_eq!((merged.household, merged.open_matters_count), (into, 1));
    assert_eq!(merged.last_visit.unwrap().at.day(), day(4));
    let closed = phone.core.home(gone).unwrap();
    assert_eq!((closed.to, closed.merged_into), (Some(day(9)), Some(into)));
    let there = phone.core.residents_of(into).unwrap();
    assert_eq!(there.iter().filter(|one| one.to.is_none()).count(), 2, "who lived in both lives there once");
    assert!(there.iter().any(|one| one.id == moves.id && one.from == day(10)));
    assert_eq!(phone.core.matters_of(into, Page::FIRST).unwrap().len(), 1);
    assert_eq!((visits_count(&phone, into), visits_count(&phone, gone)), (1, 1));
    let listed = phone.core.homes(Page::FIRST).unwrap();
    assert_eq!(listed.iter().map(|home| (home.household, home.open_matters_count)).collect::<Vec<_>>(), [(into, 1)]);
    assert_eq!(invalid_field(phone.core.merge_households(gone, into, None)), "household");
    assert_eq!(invalid_field(phone.core.merge_households(into, gone, None)), "into");
}
