//! Forms, from the server that publishes them to the visit that answers them and back.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use zoufang_core::Error;
use zoufang_core::visits::{VisitChange, VisitDraft};
use zoufang_domain::calendar::Moment;
use zoufang_domain::form::answers::{AnswerFault, FilledForm};
use zoufang_domain::form::{FormField, definition_id};
use zoufang_domain::ids::UnitId;
use zoufang_domain::operation::Fields;
use zoufang_domain::schema::Kind;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_sync_server::forms::{self, Published, Wanted};
use zoufang_sync_server::ledger::{CONSOLE, LedgerError};
use zoufang_sync_server::units;
use zoufang_tests::ports::DAY_MS;
use zoufang_tests::world::{Handset, World};

fn fields(of: Value) -> Vec<FormField> {
    serde_json::from_value(of).unwrap()
}

fn field(id: &str, kind: &str, more: Value) -> Value {
    let mut field = json!({"id": id, "type": kind, "label": {"zh": "测试问题"}, "purpose": "测试"});
    field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    field
}

/// Whether there is gas, and if so, since when the hose is there.
fn gas() -> Vec<FormField> {
    fields(json!([
        field("gas", "yes_no", json!({"required": true})),
        field("hose_on", "date", json!({"shown_when": "${gas}", "required": true, "limits": ". >= '2000-01-01'"})),
        field("people", "number", json!({"limits": ". >= 0 and . <= 20"})),
    ]))
}

fn publish(world: &World, unit: UnitId, name: &str, asked: Vec<FormField>) -> Result<Published, LedgerError> {
    let now_ms = world.clock.now_ms();
    let wanted = Wanted { form: "safety".into(), name: name.into(), fields: asked };
    world.server.app.store.write(|tx| forms::publish(tx, now_ms, CONSOLE, unit, wanted.clone()))
}

fn withdraw(world: &World, to_in_ms: i64) -> bool {
    let now_ms = world.clock.now_ms();
    let to = Moment::from_ms(now_ms + to_in_ms).day();
    world.server.app.store.write(|tx| forms::withdraw(tx, now_ms, CONSOLE, "safety", to)).unwrap()
}

fn city(world: &World, area: UnitId) -> UnitId {
    world.server.app.store.read(|c| units::ancestors(c, area)).unwrap().first().unwrap().id
}

fn offered(phone: &Handset) -> Vec<(String, u32)> {
    phone.core().forms().unwrap().into_iter().map(|form| (form.form, form.version)).collect()
}

fn faults(error: Error) -> Vec<(String, AnswerFault)> {
    match error {
        Error::Answers { problems } => problems.into_iter().map(|it| (it.field, it.what)).collect(),
        other => panic!("{other:?}"),
    }
}

fn answers(of: Value) -> Fields {
    of.as_object().unwrap().clone().into_iter().collect()
}

#[tokio::test]
async fn a_form_of_the_city_is_filled_in_offline_and_arrives_with_the_visit() {
    let mut world = World::new(71);
    let area = world.micro_grid("测试微网格甲", 2);
    let elsewhere = world.micro_grid("测试微网格乙", 1);
    let phone = world.managers_phone("测试甲", area).await;
    let far = world.managers_phone("测试乙", elsewhere).await;
    let colleague = world.staff("测试丙", area, zoufang_domain::staff::Role::Auxiliary);
    let colleague = world.phone(colleague).await;
    let top = city(&world, area);
    assert_eq!(publish(&world, top, "测试安全检查", gas()).unwrap(), Published { version: 1, changed: true });
    assert_eq!(publish(&world, top, "测试安全检查", gas()).unwrap(), Published { version: 1, changed: false });
    world.settle(&[&phone, &far, &colleague]).await;
    assert_eq!(offered(&phone), [("safety".to_owned(), 1)]);

    // No connection from here on.
    let core = phone.core();
    let draft = core.start_visit_draft(phone.first_home().household).unwrap();
    assert!(core.draft_form(draft).unwrap().is_none());
    core.set_draft_form(draft, Some("safety")).unwrap();
    core.save_draft_field(draft, "mode", json!("door")).unwrap();
    core.save_draft_field(draft, "outcome", json!("done")).unwrap();
    core.save_draft_answer(draft, "people", json!(21)).unwrap();
    core.save_draft_answer(draft, "gas", json!(true)).unwrap();
    let shape = core.save_draft_answer(draft, "hose_on", json!(3)).unwrap_err();
    assert_eq!(faults(shape), [("hose_on".to_owned(), AnswerFault::Shape)]);
    assert!(
        matches!(core.save_draft_answer(draft, "nobody", json!(1)), Err(Error::Invalid { field }) if field == "nobody")
    );
    let before = core.draft(draft).unwrap();
    let wrong = [("hose_on".to_owned(), AnswerFault::Missing), ("people".to_owned(), AnswerFault::Limits)];
    assert_eq!(faults(core.save_draft_as_visit(draft).unwrap_err()), wrong, "each is named");
    assert_eq!(core.draft(draft).unwrap(), before, "nothing of the draft is lost");
    let shown = core.draft_form(draft).unwrap().unwrap();
    assert_eq!(shown.shown, ["gas", "hose_on", "people"]);
    assert_eq!(shown.problems.len(), 2);

    core.save_draft_answer(draft, "people", json!(4)).unwrap();
    core.save_draft_answer(draft, "hose_on", json!("2026-05-01")).unwrap();
    core.save_draft_answer(draft, "gas", json!(false)).unwrap();
    let visit = core.save_draft_as_visit(draft).unwrap();
    let form = visit.form.unwrap();
    assert_eq!((form.form.as_str(), form.version), ("safety", 1));
    assert_eq!(form.answers, answers(json!({"gas": false, "people": 4})), "what is not asked stays behind");
    world.settle_and_check(&[&phone, &far, &colleague]).await;
    assert_eq!(colleague.core().visit(visit.id).unwrap().form.unwrap(), form);
    assert_eq!(offered(&far), [("safety".to_owned(), 1)]);
    assert!(far.core().visit(visit.id).is_err(), "answers do not leave their area");

    // A correction replaces the answers, and is held to the same form.
    let change = |of: Value| VisitChange { answers: Some(answers(of)), ..VisitChange::default() };
    let refused = core.amend_visit(visit.id, &change(json!({"gas": true})), "测试更正").unwrap_err();
    assert_eq!(faults(refused), [("hose_on".to_owned(), AnswerFault::Missing)]);
    let corrected = change(json!({"gas": true, "hose_on": "2026-05-01"}));
    let visit = core.amend_visit(visit.id, &corrected, "测试更正").unwrap();
    assert_eq!(visit.amendments[0].fields, ["form"]);
    world.settle_and_check(&[&phone, &far, &colleague]).await;
    let seen = colleague.core().visit(visit.id).unwrap().form.unwrap();
    assert_eq!(seen.answers, answers(json!({"gas": true, "hose_on": "2026-05-01"})));
    assert_eq!(world.server.count("SELECT count(*) FROM ledger_operation WHERE outcome IS NOT NULL"), 0);
}

#[tokio::test]
async fn a_new_version_changes_nothing_for_a_draft_that_is_open() {
    let mut world = World::new(72);
    let area = world.micro_grid("测试微网格", 1);
    let phone = world.managers_phone("测试甲", area).await;
    publish(&world, area, "测试安全检查", gas()).unwrap();
    phone.must_sync().await;
    let core = phone.core();
    let home = phone.first_home().household;
    let draft = core.start_visit_draft(home).unwrap();
    core.set_draft_form(draft, Some("safety")).unwrap();
    core.save_draft_answer(draft, "gas", json!(false)).unwrap();

    let mut next = gas();
    next.extend(fields(json!([field("alarm", "yes_no", json!({"required": true}))])));
    assert_eq!(publish(&world, area, "测试安全检查", next).unwrap(), Published { version: 2, changed: true });
    phone.must_sync().await;
    assert_eq!(offered(&phone), [("safety".to_owned(), 2)]);
    core.set_draft_form(draft, Some("safety")).unwrap();
    let form = core.draft_form(draft).unwrap().unwrap();
    assert_eq!((form.filled.version, form.shown.len(), form.problems.len()), (1, 2, 0));

    // Withdrawn: offered no longer, and the draft still becomes a visit.
    assert!(withdraw(&world, 0));
    assert!(!withdraw(&world, 0));
    phone.must_sync().await;
    assert_eq!(offered(&phone).len(), 1, "its last day");
    world.forward(&[&phone], DAY_MS);
    assert!(offered(&phone).is_empty());
    assert_eq!(core.form("safety", 2).unwrap().fields.len(), 4, "what was asked stays readable");
    core.save_draft_field(draft, "mode", json!("door")).unwrap();
    core.save_draft_field(draft, "outcome", json!("done")).unwrap();
    assert_eq!(core.save_draft_as_visit(draft).unwrap().form.unwrap().version, 1);
    let late = core.start_visit_draft(home).unwrap();
    assert!(matches!(core.set_draft_form(late, Some("safety")), Err(Error::NotFound { .. })));
    assert_eq!(
        publish(&world, area, "测试安全检查", gas()).unwrap().version,
        3,
        "offered again as a version of its own"
    );
    world.settle_and_check(&[&phone]).await;
    assert_eq!(offered(&phone), [("safety".to_owned(), 3)]);
}

#[tokio::test]
async fn answers_to_a_form_that_the_phone_does_not_know_are_kept_as_they_are() {
    let mut world = World::new(73);
    let area = world.micro_grid("测试微网格", 1);
    let phone = world.managers_phone("测试甲", area).await;
    phone.must_sync().await;
    let unknown: FilledForm = serde_json::from_value(
        json!({"form": "of_a_newer_server", "version": 9, "answers": {"a": {"b": [1]}}, "signed": true}),
    )
    .unwrap();
    let draft = VisitDraft {
        form: Some(unknown.clone()),
        ..VisitDraft::new(phone.first_home().household, Mode::Door, Outcome::Done)
    };
    let visit = phone.core().save_visit(draft).unwrap();
    assert_eq!(visit.form.as_ref(), Some(&unknown));
    world.settle_and_check(&[&phone]).await;
    assert_eq!(phone.core().visit(visit.id).unwrap().form, Some(unknown));
}

#[tokio::test]
async fn an_attempt_is_not_asked_for_answers_and_another_form_does_not_push_answers_out() {
    let mut world = World::new(74);
    let area = world.micro_grid("测试微网格", 1);
    let phone = world.managers_phone("测试甲", area).await;
    publish(&world, area, "测试安全检查", gas()).unwrap();
    let now_ms = world.clock.now_ms();
    let other = Wanted { form: "other".into(), name: "测试其他".into(), fields: gas() };
    world.server.app.store.write(|tx| forms::publish(tx, now_ms, CONSOLE, area, other.clone())).unwrap();
    phone.must_sync().await;
    let core = phone.core();
    let draft = core.start_visit_draft(phone.first_home().household).unwrap();
    core.save_draft_field(draft, "mode", json!("door")).unwrap();
    core.save_draft_field(draft, "outcome", json!("no_answer")).unwrap();
    core.set_draft_form(draft, Some("safety")).unwrap();
    core.save_draft_answer(draft, "people", json!(2)).unwrap();
    assert!(matches!(core.set_draft_form(draft, Some("other")), Err(Error::Invalid { field }) if field == "form"));
    core.set_draft_form(draft, None).unwrap();
    assert!(
        matches!(core.save_draft_answer(draft, "people", json!(2)), Err(Error::Invalid { field }) if field == "form")
    );
    core.set_draft_form(draft, Some("other")).unwrap();
    let visit = core.save_draft_as_visit(draft).unwrap();
    assert_eq!(visit.form.unwrap().form, "other");
    let matter = core.start_matter_draft(None).unwrap();
    assert!(core.set_draft_form(matter, Some("other")).is_err());
    world.settle_and_check(&[&phone]).await;
}

#[tokio::test]
async fn a_form_belongs_to_one_unit_and_is_never_altered() {
    let world = World::new(75);
    let (area, elsewhere) = (world.micro_grid("测试微网格甲", 1), world.micro_grid("测试微网格乙", 1));
    publish(&world, area, "测试安全检查", gas()).unwrap();
    let refused = publish(&world, elsewhere, "测试安全检查", gas()).unwrap_err();
    assert!(refused.to_string().contains("form"), "{refused}");
    let mut circular = gas();
    circular[0].shown_when = Some("${hose_on} = ''".into());
    assert!(publish(&world, area, "测试安全检查", circular).unwrap_err().to_string().contains("shown_when"));
    assert_eq!(world.server.count("SELECT count(*) FROM record WHERE kind = 16"), 1);
    // Not from a phone, and not over what is published.
    let (now_ms, id) = (world.clock.now_ms(), definition_id("safety", 1));
    let altered = world.server.app.store.write(|tx| {
        let fields = Fields::from([("name".to_owned(), json!("测试另一个"))]);
        let record = zoufang_sync_server::ledger::record(tx, area, Kind::FormDefinition, id)?.unwrap();
        let action = zoufang_domain::conflict::edit(&record, fields);
        zoufang_sync_server::ledger::write_own(tx, now_ms, CONSOLE, area, Kind::FormDefinition, id, action)
    });
    assert!(altered.unwrap_err().to_string().contains("name"));
}

#[tokio::test]
async fn what_a_restored_server_never_published_is_offered_no_longer_and_the_draft_is_kept() {
    let mut world = World::new(76);
    let area = world.micro_grid("测试微网格", 1);
    let phone = world.managers_phone("测试甲", area).await;
    let top = city(&world, area);
    phone.must_sync().await;
    let backup = world.backup();
    world.forward(&[&phone], DAY_MS);
    publish(&world, top, "测试安全检查", gas()).unwrap();
    phone.must_sync().await;
    let core = phone.core();
    let draft = core.start_visit_draft(phone.first_home().household).unwrap();
    core.save_draft_field(draft, "mode", json!("door")).unwrap();
    core.save_draft_field(draft, "outcome", json!("done")).unwrap();
    core.set_draft_form(draft, Some("safety")).unwrap();
    core.save_draft_answer(draft, "people", json!(3)).unwrap();

    world.restore(&backup, &[&phone]);
    world.settle(&[&phone]).await;
    assert!(offered(&phone).is_empty(), "a form of the lost day");
    let form = core.draft_form(draft).unwrap().unwrap();
    assert!(form.definition.is_none() && form.filled.answers == answers(json!({"people": 3})));
    core.save_draft_answer(draft, "gas", json!("as it is")).unwrap();
    let visit = core.save_draft_as_visit(draft).unwrap();
    assert_eq!(visit.form.unwrap().answers, answers(json!({"people": 3, "gas": "as it is"})));
    world.settle_and_check(&[&phone]).await;
}
