//! Appointments: two people change one offline, and what no appointment can become does not pass the server.

use serde_json::{Value, json};
use uuid::Uuid;
use zoufang_core::appointments::AppointmentDraft;
use zoufang_core::views::{AppointmentView, Page};
use zoufang_domain::appointment::{AppointmentState, Party, Purpose, STANDING, Slot, Standing};
use zoufang_domain::calendar::{Moment, Period};
use zoufang_domain::conflict;
use zoufang_domain::ids::AppointmentId;
use zoufang_domain::operation::Fields;
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_sync_server::appointments::{self, Wish};
use zoufang_sync_server::reports::{Asked, appointments as lists};
use zoufang_sync_server::store::scope::{Console, Scope};
use zoufang_tests::ports::{DAY_MS, HOUR_MS, MINUTE_MS};
use zoufang_tests::world::{Handset, World};

/// An hour from now on, so many hours away.
fn in_hours(phone: &Handset, hours: i64) -> Slot {
    let from = phone.clock.now_ms() + hours * HOUR_MS;
    Slot { from: Moment::from_ms(from), to: Moment::from_ms(from + HOUR_MS) }
}

/// A world with two managers of one micro-grid, and an appointment that the first agreed on with a home; all in sync.
async fn agreed(seed: u64) -> (World, Handset, Handset, AppointmentView) {
    let mut world = World::new(seed);
    let area = world.micro_grid("测试微网格", 3);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let slot = in_hours(&a, 2);
    let household = a.first_home().household;
    let draft = AppointmentDraft {
        note: "测试".into(),
        agreed: Some(slot),
        ..AppointmentDraft::new(household, Purpose::Errand, Party::Resident, vec![slot])
    };
    let made = a.core().propose_appointment(&draft).unwrap();
    world.settle_and_check(&[&a, &b]).await;
    (world, a, b, made)
}

fn shown(phone: &Handset, id: AppointmentId) -> AppointmentView {
    phone.core().appointment(id).unwrap()
}

/// The appointment's record in the phone's file.
fn record(phone: &Handset, of: &AppointmentView) -> Record {
    let found = phone.found();
    serde_json::from_str(&found.areas[&of.micro_grid][&(Kind::Appointment.number(), of.id.0)]).unwrap()
}

#[tokio::test]
async fn an_appointment_reaches_a_colleague_and_is_the_same_task_on_both_phones() {
    let (world, a, b, made) = agreed(61).await;
    let here = shown(&b, made.id);
    assert_eq!((here.state, here.slot, here.staff), (AppointmentState::Agreed, made.slot, made.staff));
    assert_eq!(here.staff_name.as_deref(), Some("测试甲"));
    let task = |phone: &Handset| phone.core().due_list(None).unwrap().homes[0].tasks[0].id;
    assert_eq!(task(&a), task(&b));
    world.forward(&[&a, &b], DAY_MS);
    b.core().keep_appointment(made.id, None).unwrap();
    world.settle_and_check(&[&a, &b]).await;
    assert!(a.core().due_list(None).unwrap().homes.is_empty());
    assert_eq!(world.server.evidence().conflicts_opened_count, 0);
}

#[tokio::test]
async fn two_offline_changes_of_one_appointment_are_both_kept_until_a_person_settles_them() {
    let (world, a, b, made) = agreed(62).await;
    world.forward(&[&a, &b], MINUTE_MS);
    let moved = in_hours(&a, 30);
    a.core().change_appointment(made.id, moved, "居民改到明天").unwrap();
    world.forward(&[&a, &b], MINUTE_MS);
    b.core().cancel_appointment(made.id, Some("居民来电取消")).unwrap();
    // The later change arrives first: order of arrival decides nothing.
    b.must_sync().await;
    world.settle_and_check(&[&a, &b]).await;
    for phone in [&a, &b] {
        let here = shown(phone, made.id);
        assert_eq!((here.state, here.has_conflict), (AppointmentState::Cancelled, true));
        let open = phone.core().conflicts().unwrap();
        assert_eq!((open.len(), open[0].household), (1, Some(made.household)));
        let states: Vec<&Value> = open[0].sides.iter().map(|side| &side.value.value["state"]).collect();
        assert_eq!(states, ["cancelled", "changed"]);
        assert_eq!(open[0].base.value["state"], "agreed");
    }
    assert_eq!(world.server.evidence().conflicts_opened_count, 1);

    let chosen = a.core().conflicts().unwrap()[0].sides[1].value.value.clone();
    a.core().settle_conflict(Kind::Appointment, made.id.0, STANDING, chosen).unwrap();
    world.settle_and_check(&[&a, &b]).await;
    for phone in [&a, &b] {
        let here = shown(phone, made.id);
        assert_eq!((here.state, here.slot, here.has_conflict), (AppointmentState::Changed, Some(moved), false));
    }
}

#[tokio::test]
async fn a_change_that_cannot_follow_waits_in_quarantine_and_alters_nothing() {
    let (world, a, b, made) = agreed(63).await;
    a.core().miss_appointment(made.id, Party::Resident).unwrap();
    world.settle_and_check(&[&a, &b]).await;
    let known = record(&b, &made);
    let back = Standing { slot: made.slot, staff: made.staff, ..Standing::proposed() };
    let back = json!(Standing { state: AppointmentState::Agreed, ..back });
    let action = conflict::edit(&known, Fields::from([(STANDING.to_owned(), back)]));
    b.plant(made.micro_grid, Kind::Appointment, made.id.0, action);
    b.must_sync().await;
    a.must_sync().await;
    assert_eq!(shown(&a, made.id).state, AppointmentState::Missed);
    assert_eq!(b.core().quarantined(Page::FIRST).unwrap().len(), 1);
    assert_eq!(world.server.count("SELECT count(*) FROM quarantine"), 1);
}

#[tokio::test]
async fn what_the_community_desk_takes_down_is_agreed_on_the_phone_offline() {
    let mut world = World::new(64);
    let area = world.micro_grid("测试微网格", 3);
    let a = world.managers_phone("测试甲", area).await;
    let desk = world.staff("测试台", world.community, Role::CommunityDesk);
    let household = a.first_home().household;
    let (id, slot) = (AppointmentId(Uuid::from_u128(64)), in_hours(&a, 3));
    let wish = Wish { id, area, household, purpose: Purpose::Visit, note: "测试来电".into(), slots: vec![slot] };
    let now_ms = world.clock.now_ms();
    world.server.app.store.write(|tx| appointments::take_down(tx, now_ms, desk, &wish)).unwrap();
    a.must_sync().await;
    let here = shown(&a, id);
    assert_eq!(
        (here.state, here.proposed_by, here.note.as_str()),
        (AppointmentState::Proposed, Party::Resident, "测试来电")
    );

    // No connection from here on.
    a.core().agree_appointment(id, slot).unwrap();
    let task = a.core().due_list(None).unwrap().homes[0].tasks[0].id;
    world.settle_and_check(&[&a]).await;
    let (scope, now) = (Console::at_the_command_line(), Moment::from_ms(now_ms));
    let listed = world.server.app.store.read(|c| {
        let asked = Asked { unit: area, period: Period::month_of(now.day()), now };
        lists::appointments(c, &Scope::of_console(c, scope)?, &asked)
    });
    let listed = listed.unwrap().appointments;
    assert_eq!(
        (listed[0].state, listed[0].slot, listed[0].who.as_str()),
        (AppointmentState::Agreed, Some(slot), "测试甲")
    );
    assert_eq!(listed[0].task, Some(task), "the server finds the task that the phone shows");
}
