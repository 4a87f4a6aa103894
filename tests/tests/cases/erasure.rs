//! Case 7 and what belongs to it: somebody is erased while others work, offline, on the same home; nothing of them is left anywhere, and
//! nothing that a worker saved is lost.

use crate::visit;
use zoufang_core::Error;
use zoufang_core::households::{HomeDraft, HouseholdEdit};
use zoufang_core::matters::MatterDraft;
use zoufang_core::residents::{ResidentDraft, ResidentEdit};
use zoufang_core::rights::AskedBy;
use zoufang_core::views::{Page, ResidentView};
use zoufang_core::visits::VisitDraft;
use zoufang_domain::erasure::{HELD, REMOVED};
use zoufang_domain::home::{Address, Use};
use zoufang_domain::ids::{HouseholdId, RightsRequestId, UnitId};
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::resident::ResidencyKind;
use zoufang_domain::rights::{RequestState, Right};
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_sync_server::ledger::{self, Review, Settler};
use zoufang_sync_server::rights::{self, Decision};
use zoufang_tests::canary;
use zoufang_tests::ports::{DAY_MS, HOUR_MS};
use zoufang_tests::world::{Handset, World};

const NAME: &str = "试三娘";
const PHONE: &str = "13900007777";

fn add_resident(phone: &Handset, household: HouseholdId) -> ResidentView {
    let draft = ResidentDraft {
        household,
        name: NAME.to_owned(),
        sex: None,
        birth_year: Some(1950),
        phone: Some(PHONE.to_owned()),
        kind: ResidencyKind::Registered,
        lives_where_registered: None,
        from: None,
    };
    phone.core().add_resident(&draft).unwrap()
}

fn matter_of(phone: &Handset, resident: &ResidentView, summary: &str) -> zoufang_domain::ids::MatterId {
    let mut draft = MatterDraft::new(MatterKind::Help, Track::Simple, summary);
    draft.resident = Some(resident.id);
    phone.core().report_matter(draft).unwrap().id
}

/// Carries out a request at the server's own desk.
fn decide(world: &World, area: UnitId, request: RightsRequestId, decision: &Decision) -> rights::Done {
    let store = &world.server.app.store;
    let now_ms = world.server.now_ms();
    let done = store.write(|tx| rights::decide(tx, now_ms, Settler::Console, area, request, decision)).unwrap();
    store.empty_log().unwrap();
    done
}

/// Where the person still stands, on the server and on the phones.
fn places(world: &World, phones: &[&Handset]) -> Vec<String> {
    let mut found = Vec::new();
    for text in [NAME, PHONE] {
        found.extend(canary::in_server(world.server.app.store.path(), text).unwrap());
        for phone in phones {
            found.extend(phone.places_of(text).unwrap().into_iter().map(|place| format!("phone: {place}")));
        }
    }
    found
}

fn held_ids(world: &World) -> Vec<i64> {
    let sql = "SELECT id FROM held_text WHERE settled_ms IS NULL ORDER BY id";
    let read = world.server.app.store.read(|c| {
        let mut statement = c.prepare(sql)?;
        let ids = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        Ok::<_, zoufang_sync_server::store::StoreError>(ids)
    });
    read.unwrap()
}

fn review(world: &World, id: i64, way: Review) {
    let now_ms = world.server.now_ms();
    let store = &world.server.app.store;
    assert!(store.write(|tx| ledger::review(tx, now_ms, Settler::Console, id, way)).unwrap());
    store.empty_log().unwrap();
}

#[tokio::test]
async fn case_07_work_for_a_resident_erased_meanwhile_is_kept_and_brings_nobody_back() {
    let mut world = World::new(7);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let home = a.first_home().household;
    let resident = add_resident(&a, home);
    visit(&a, home, "见到试三娘，一切都好，电话 13900007777");
    matter_of(&a, &resident, "试三娘要求装扶手");
    world.settle_and_check(&[&a, &b]).await;
    assert_eq!(b.core().search(NAME, 10).unwrap().hits.len(), 3);

    // B is offline when she asks A to be erased, and the desk carries it out.
    world.forward(&[&a, &b], HOUR_MS);
    let note =
        VisitDraft { note: "试三娘说楼道灯不亮".into(), ..VisitDraft::new(home, Mode::Door, Outcome::Done) };
    let unaware = b.core().save_visit(note).unwrap();
    let matter = matter_of(&b, &resident, "试三娘要求修楼道灯");
    let edit = ResidentEdit { phone: Some(Some("13900008888".into())), ..ResidentEdit::default() };
    b.core().edit_resident(resident.id, &edit).unwrap();
    let request = a.core().ask_right(AskedBy::Resident(resident.id), Right::Delete).unwrap();
    a.must_sync().await;
    world.forward(&[&a, &b], HOUR_MS);
    let done = decide(&world, area, request.id, &Decision::Erase);
    assert_eq!(
        (done.erased.removed_count, done.erased.redacted_count),
        (2, 2),
        "she and her residence; a visit, a matter"
    );
    assert_eq!(places(&world, &[]), Vec::<String>::new(), "nothing of her is left on the server");
    a.must_sync().await;
    assert_eq!(places(&world, &[&a]), Vec::<String>::new(), "nor on the phone that knew her");

    let report = b.must_sync().await;
    assert_eq!(report.quarantined_count, 1, "what was said of her record alone");
    world.settle_and_check(&[&a, &b]).await;
    let server = world.server.evidence();
    assert!(server.visits.contains_key(&unaware.id.0), "the visit is kept");
    let of_her = "SELECT count(*) FROM record WHERE kind = 6";
    let before = world.server.count(of_her);
    assert_eq!(b.core().residents_of(home).unwrap().len(), 0, "she is not there, and not brought back");
    let kept = b.core().matter(matter).unwrap();
    assert_eq!(kept.resident, None, "what pointed to her is dropped");
    assert!(kept.summary.starts_with(HELD), "its text waits: {}", kept.summary);
    let seen = a.core().visits_of(home, Page::FIRST).unwrap();
    assert!(seen.iter().any(|one| one.note.starts_with(HELD)), "and the visit's");
    // Until somebody has read them, the texts stand in what is held, in the ledger, and on the phone of their author.
    let waiting = places(&world, &[&a]);
    assert_eq!(waiting, ["held_text.text", "ledger_batch.body"]);
    let ids = held_ids(&world);
    assert_eq!(ids.len(), 2, "the visit's note and the matter's summary");

    ids.iter().for_each(|id| review(&world, *id, Review::Remove));
    world.settle_and_check(&[&a, &b]).await;
    assert_eq!(places(&world, &[&a, &b]), Vec::<String>::new());
    assert_eq!(world.server.count(of_her), before);
    assert!(b.core().matter(matter).unwrap().summary.starts_with(REMOVED));
    assert!(a.core().search(NAME, 10).unwrap().hits.is_empty() && b.core().search(NAME, 10).unwrap().hits.is_empty());
    let file = std::fs::read(world.server.app.store.path()).unwrap();
    assert!(!canary::contains(&file, NAME), "not in the free space of the file either");
    let said = b.core().rights_requests(Page::FIRST).unwrap();
    assert_eq!((said[0].state, said[0].name.as_str(), said[0].right), (RequestState::Done, "", Right::Delete));
    let refused = b.core().quarantined(Page::FIRST).unwrap();
    assert_eq!(refused[0].reason_message_id, "quarantine.record_erased");
    assert!(!refused[0].operation_json.contains("13900008888"), "nor is what was said of her kept there");
}

#[tokio::test]
async fn a_text_that_names_nobody_who_was_erased_goes_back_to_its_place() {
    let mut world = World::new(107);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let home = a.first_home().household;
    let resident = add_resident(&a, home);
    world.settle_and_check(&[&a, &b]).await;
    visit(&b, home, "楼道灯不亮");
    let elsewhere = b.homes()[1].household;
    visit(&b, elsewhere, "别家");
    let request = a.core().ask_right(AskedBy::Resident(resident.id), Right::Delete).unwrap();
    a.must_sync().await;
    decide(&world, area, request.id, &Decision::Erase);
    world.forward(&[&a, &b], HOUR_MS);
    world.settle_and_check(&[&a, &b]).await;
    let note = |phone: &Handset, home| phone.core().visits_of(home, Page::FIRST).unwrap()[0].note.clone();
    assert!(note(&a, home).starts_with(HELD));
    assert_eq!(note(&a, elsewhere), "别家", "texts of other homes are not held");
    held_ids(&world).iter().for_each(|id| review(&world, *id, Review::Release));
    world.settle_and_check(&[&a, &b]).await;
    assert_eq!((note(&a, home), note(&b, home)), ("楼道灯不亮".to_owned(), "楼道灯不亮".to_owned()));
    // What is written now is written by somebody who knows, and goes straight through.
    world.forward(&[&a, &b], HOUR_MS);
    visit(&b, home, "灯修好了");
    world.settle_and_check(&[&a, &b]).await;
    assert_eq!((note(&a, home).as_str(), held_ids(&world).len()), ("灯修好了", 0));
}

#[tokio::test]
async fn who_was_erased_after_a_backup_stays_erased_when_it_comes_back_and_work_is_not_lost() {
    let mut world = World::new(207);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let home = a.first_home().household;
    let resident = add_resident(&a, home);
    world.settle_and_check(&[&a, &b]).await;
    let backup = world.backup();
    world.forward(&[&a, &b], HOUR_MS);
    let named = visit(&a, home, "见到试三娘");
    world.settle_and_check(&[&a, &b]).await;
    let request = a.core().ask_right(AskedBy::Resident(resident.id), Right::Delete).unwrap();
    a.must_sync().await;
    decide(&world, area, request.id, &Decision::Erase);
    world.settle_and_check(&[&a, &b]).await;
    world.forward(&[&a, &b], DAY_MS);

    world.restore(&backup, &[&a, &b]);
    assert_eq!(places(&world, &[]), Vec::<String>::new(), "she is erased before anybody is answered");
    for phone in [&a, &b] {
        phone.sync().await.unwrap();
    }
    world.settle_and_check(&[&a, &b]).await;
    assert!(world.server.evidence().visits.contains_key(&named.id.0), "the visit came back from its phone");
    // This server cannot tell what the phone knew when it wrote, so somebody reads the text again.
    held_ids(&world).iter().for_each(|id| review(&world, *id, Review::Release));
    world.settle_and_check(&[&a, &b]).await;
    let note = b.core().visits_of(home, Page::FIRST).unwrap()[0].note.clone();
    assert_eq!(note, format!("见到{REMOVED}"));
    assert_eq!(places(&world, &[&a, &b]), Vec::<String>::new());
}

#[tokio::test]
async fn the_contact_of_a_home_is_erased_and_a_roster_does_not_bring_them_back() {
    let mut world = World::new(307);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let home = a.first_home();
    let (household, contact) = (home.household, home.contact.clone().unwrap());
    visit(&a, household, &format!("{contact}在家"));
    world.settle_and_check(&[&a, &b]).await;
    let request = a.core().ask_right(AskedBy::Contact(household), Right::Delete).unwrap();
    a.must_sync().await;
    decide(&world, area, request.id, &Decision::Erase);
    world.settle_and_check(&[&a, &b]).await;
    let now = b.core().home(household).unwrap();
    assert_eq!((now.contact, now.phone), (None, None));
    assert_eq!(a.core().visits_of(household, Page::FIRST).unwrap()[0].note, format!("{REMOVED}在家"));
    assert_eq!(a.places_of(&format!("{contact}在家")).unwrap(), Vec::<String>::new(), "nor in what was sent");

    // The same roster once more.
    world.micro_grid("测试微网格", 6);
    world.settle_and_check(&[&a, &b]).await;
    assert_eq!(b.core().home(household).unwrap().contact, None);
}

#[tokio::test]
async fn restricted_data_is_kept_shown_by_name_alone_and_changed_by_nobody_until_that_is_lifted() {
    let mut world = World::new(407);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    let home = a.first_home().household;
    let resident = add_resident(&a, home);
    let request = a.core().ask_right(AskedBy::Resident(resident.id), Right::Restrict).unwrap();
    assert_eq!(a.core().ask_right(AskedBy::Resident(resident.id), Right::Restrict).unwrap().id, request.id, "once");
    a.must_sync().await;
    decide(&world, area, request.id, &Decision::Restrict);
    world.settle_and_check(&[&a]).await;
    let shown = a.core().residents_of(home).unwrap().remove(0);
    assert!(shown.is_restricted);
    assert_eq!((shown.name.as_str(), shown.phone, shown.birth_year), (NAME, None, None));
    let edit = ResidentEdit { phone: Some(None), ..ResidentEdit::default() };
    assert!(matches!(a.core().edit_resident(resident.id, &edit), Err(Error::Restricted)));
    assert!(a.core().search(NAME, 10).unwrap().hits.is_empty());
    assert!(a.core().likely_same(NAME, Some(PHONE), None).unwrap().is_empty());

    let now_ms = world.server.now_ms();
    let store = &world.server.app.store;
    assert!(store.write(|tx| rights::lift(tx, now_ms, Settler::Console, area, resident.id)).unwrap());
    world.settle_and_check(&[&a]).await;
    assert_eq!(a.core().residents_of(home).unwrap().remove(0).phone.as_deref(), Some(PHONE));
    a.core().edit_resident(resident.id, &edit).unwrap();
}

#[tokio::test]
async fn a_correction_reaches_the_phones_and_a_copy_holds_all_that_is_kept() {
    let mut world = World::new(507);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    let home = a.first_home().household;
    let resident = add_resident(&a, home);
    visit(&a, home, "见到试三娘");
    matter_of(&a, &resident, "要求装扶手");
    let correct = a.core().ask_right(AskedBy::Resident(resident.id), Right::Correct).unwrap();
    let copy = a.core().ask_right(AskedBy::Resident(resident.id), Right::Copy).unwrap();
    a.must_sync().await;
    let fields = serde_json::from_value(serde_json::json!({"name": "试三姐", "phone": null})).unwrap();
    decide(&world, area, correct.id, &Decision::Correct { fields });
    world.settle_and_check(&[&a]).await;
    let shown = a.core().residents_of(home).unwrap().remove(0);
    assert_eq!((shown.name.as_str(), shown.phone), ("试三姐", None));

    let now_ms = world.server.now_ms();
    let person = ledger::Person::Resident(resident.id);
    let store = &world.server.app.store;
    let made = store.write(|tx| rights::copy(tx, now_ms, Settler::Console, area, person)).unwrap();
    let count = |kind: &str| made[kind].as_array().map_or(0, Vec::len);
    let counts = ["resident", "residency", "visit", "matter", "rights_request"].map(count);
    assert_eq!(counts, [1, 1, 1, 1, 2]);
    assert_eq!(made["resident"][0]["fields"]["name"], "试三姐");
    assert_eq!(world.server.count("SELECT rows_count FROM export WHERE what = 'rights.copy'"), 7);
    let answered = Decision::Answered { answer: Some("已交本人".into()) };
    decide(&world, area, copy.id, &answered);
    world.settle_and_check(&[&a]).await;
    let requests = a.core().rights_requests(Page::FIRST).unwrap();
    assert!(requests.iter().all(|one| one.state == RequestState::Done));
    assert!(requests.iter().any(|one| one.answer.as_deref() == Some("已交本人")));
}

#[tokio::test]
async fn a_contact_that_a_restored_server_has_lost_is_not_taken_for_one_who_was_erased() {
    let mut world = World::new(607);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let address = Address { building: "9".into(), unit: "1".into(), room: "901".into() };
    let home = a.core().add_home(&HomeDraft {
        micro_grid: area,
        address,
        used_as: Use::Own,
        contact: None,
        phone: None,
        people_count: None,
        from: None,
        shares_dwelling: false,
    });
    let home = home.unwrap().household;
    world.settle_and_check(&[&a, &b]).await;
    let backup = world.backup();
    let edit = HouseholdEdit { contact: Some(Some("试六郎".into())), ..HouseholdEdit::default() };
    a.core().edit_household(home, &edit).unwrap();
    world.settle_and_check(&[&a, &b]).await;
    let draft = b.core().start_visit_draft(home).unwrap();
    b.core().save_draft_field(draft, "note", serde_json::json!("试六郎在家")).unwrap();
    world.restore(&backup, &[&a, &b]);
    for phone in [&b, &a, &b] {
        phone.sync().await.unwrap();
    }
    world.settle_and_check(&[&a, &b]).await;
    assert_eq!(b.core().draft(draft).unwrap().fields["note"], "试六郎在家", "the draft keeps the name");
    assert_eq!(b.core().home(home).unwrap().contact.as_deref(), Some("试六郎"), "and the name comes back");
}
