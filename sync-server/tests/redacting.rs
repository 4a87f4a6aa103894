//! Operations that a phone has rewritten because somebody was erased: known by what they were, held to the rules by what they are.
#![allow(clippy::unwrap_used, missing_docs)]
mod support;

use serde_json::{Value, json};
use support::{World, batch_text, create, entry};
use zoufang_domain::chain::Link;
use zoufang_domain::operation::Action;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::wire::push::{Outcome, PushAnswer};

fn reason(answer: &PushAnswer, counter: u64) -> Option<Refusal> {
    let verdict = answer.verdicts.iter().find(|one| one.from <= counter && counter <= one.to).unwrap();
    match &verdict.outcome {
        Outcome::Quarantined { reason } => Some(reason.clone()),
        _ => None,
    }
}

#[tokio::test]
async fn a_redacted_operation_is_known_and_is_held_to_the_rules_of_all() {
    use zoufang_domain::erasure::{Extent, Traces, redact};
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let mut traces = Traces::none();
    traces.add_name("试三娘");
    let whole = serde_json::to_string(&phone.visit("见到试三娘")).unwrap();
    let link = Link::START.then(whole.as_bytes());
    let first = phone.batch(std::slice::from_ref(&whole));
    let _: PushAnswer = world.call(phone.push_request(&first)).await.ok();

    // Sent again after its person was erased: the same operation, whatever is left of it.
    let clean = redact(&whole, link, Extent::Traces(&traces)).unwrap();
    let emptied = redact(&whole, link, Extent::Whole).unwrap();
    for text in [clean, emptied.clone()] {
        let again = batch_text(phone.device, Link::START, &[text]);
        let again: PushAnswer = world.call(phone.push_request(&again)).await.ok();
        assert!(again.verdicts[0].duplicate && again.verdicts[0].outcome == Outcome::Applied);
    }
    assert_eq!(world.count("SELECT count(*) FROM device WHERE status = 'forked'"), 0);

    // What it says that it was opens no door: not for another's name, not for a shape that is none, not for another place.
    let mark = |text: &str| {
        let mut map: serde_json::Map<String, Value> = serde_json::from_str(text).unwrap();
        map.insert("redacted".into(), json!({"hash": link, "link": link}));
        serde_json::to_string(&map).unwrap()
    };
    let mut forged = entry(&phone, "text", json!({"text": "试"}));
    forged.list = zoufang_domain::operation::List::Notes;
    forged.who = zoufang_domain::ids::StaffId(world.random.id());
    let append = phone.op(Kind::Visit, world.random.id(), Action::Append { entry: forged });
    let unshaped = phone.op(Kind::Visit, world.random.id(), create(json!({"outcome": "flew_away"})));
    let texts = [&append, &unshaped].map(|one| mark(&serde_json::to_string(one).unwrap()));
    let misplaced = emptied;
    let batch = batch_text(phone.device, link, &[texts[0].clone(), texts[1].clone(), misplaced]);
    let answer: PushAnswer = world.call(phone.push_request(&batch)).await.ok();
    assert_eq!(reason(&answer, 2), Some(Refusal::NotTheAuthor));
    assert!(matches!(reason(&answer, 3), Some(Refusal::Invalid { .. })));
    assert_eq!(reason(&answer, 4), Some(Refusal::Malformed));
}
