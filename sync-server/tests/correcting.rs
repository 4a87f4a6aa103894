//! Who may still correct a visit when the correction arrives.
#![allow(clippy::unwrap_used, missing_docs, dead_code)]
mod support;

use serde_json::json;
use support::{Phone, World, entry};
use zoufang_domain::operation::{Action, List};
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::wire::push::Outcome;

const DAY_MS: i64 = 24 * 3600 * 1000;

/// What a correction of that visit by that phone comes to.
async fn corrected(world: &World, phone: &mut Phone, visit: uuid::Uuid) -> Outcome {
    let data = json!({ "reason": "记错了", "fields": { "outcome": "no_answer" } });
    let mut correction = entry(phone, "amend", data);
    correction.list = List::Amendments;
    let correction = phone.op(Kind::Visit, visit, Action::Append { entry: correction });
    phone.push(world, &[correction]).await.verdicts.remove(0).outcome
}

fn refused() -> Outcome {
    Outcome::Quarantined { reason: Refusal::NotAllowed }
}

#[tokio::test]
async fn an_author_corrects_for_seven_days_and_whoever_is_above_at_any_time() {
    let world = World::new();
    let mut author = world.phone(world.a, Role::MicroGridManager).await;
    let mut colleague = world.phone(world.a, Role::Auxiliary).await;
    let mut leader = world.phone(world.a, Role::GridLeader).await;
    let visit = author.visit("家中两位老人");
    let id = visit.id;
    author.push(&world, &[visit]).await;
    assert_eq!(corrected(&world, &mut author, id).await, Outcome::Applied);
    assert_eq!(corrected(&world, &mut colleague, id).await, refused(), "it is not their visit");

    // Made in time and sent when a network was there, eight days later: it counts when it was made.
    let made_ms = author.wall_ms;
    world.pass_ms(8 * DAY_MS);
    author.sign_in(&world).await;
    leader.sign_in(&world).await;
    assert!(!matches!(corrected(&world, &mut author, id).await, Outcome::Quarantined { .. }));
    author.wall_ms = made_ms + 8 * DAY_MS;
    assert_eq!(corrected(&world, &mut author, id).await, refused(), "kept aside for a supervisor");
    leader.wall_ms = author.wall_ms;
    assert!(!matches!(corrected(&world, &mut leader, id).await, Outcome::Quarantined { .. }));
}
