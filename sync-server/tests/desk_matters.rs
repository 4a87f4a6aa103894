//! What desks do with matters: from report to close over three desks, on pages and at the command line's hand.
#![allow(clippy::unwrap_used, missing_docs)]
#[path = "support/field.rs"]
mod field;
mod support;

use field::{entry, fields};
use serde_json::{Value, json};
use support::World;
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{HouseholdId, MatterId, StaffId, UnitId};
use zoufang_domain::matter::{EventKind as E, Hindrance, MatterKind, MatterRule, MatterState, Obstacle, Source, Track};
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_sync_server::ledger::{CONSOLE, LedgerError};
use zoufang_sync_server::matters::{self, Move, MoveError, Report, Standing, Wanted};
use zoufang_sync_server::reports::matters::work_overdue;
use zoufang_sync_server::reports::{Asked, ReportError};
use zoufang_sync_server::rules;
use zoufang_sync_server::store::StoreError;

const DAY_MS: i64 = 24 * 3_600_000;

fn reported(world: &World, area: UnitId, track: &str) -> MatterId {
    let now = Moment::from_ms(world.now_ms()).to_string();
    let whole =
        json!({"source": "direct_line", "kind": "help", "track": track, "summary": "测试诉求：路灯不亮", "due": now});
    MatterId(world.create_with(area, Kind::Matter, whole, vec![entry(world, "report", &now, json!({}))]))
}

fn attempt(
    world: &World,
    staff: StaffId,
    (area, matter): (UnitId, MatterId),
    event: E,
    data: Value,
) -> Result<Standing, MoveError> {
    let asked = Move { staff, area, matter, event, data: fields(data) };
    world.app.store.write(|tx| matters::make(tx, world.now_ms(), asked))
}

fn hindrance(outcome: Result<Standing, MoveError>) -> Hindrance {
    match outcome {
        Err(MoveError::Hindered(hindrance)) => hindrance,
        other => panic!("{:?}", other.map(|standing| standing.folded.state)),
    }
}

struct Desks {
    community: StaffId,
    city: StaffId,
    water: StaffId,
}

fn desks(world: &World) -> Desks {
    Desks {
        community: world.supervisor("shequ", world.community, Role::CommunityDesk),
        city: world.supervisor("diaodu", world.city(), Role::StreetDispatcher),
        water: world.supervisor("shuiwu", world.city(), Role::Department),
    }
}

#[tokio::test]
async fn a_matter_goes_from_desk_to_desk_and_each_move_is_its_desks_alone() {
    let world = World::new();
    let Desks { community, city, water } = desks(&world);
    let id = (world.a, reported(&world, world.a, "professional"));
    let steps = |staff, event, data| attempt(&world, staff, id, event, data).unwrap().folded.state;
    assert_eq!(
        hindrance(attempt(&world, community, id, E::Close, json!({"ending": "resolved"}))),
        Hindrance::Matter(Obstacle::State)
    );
    assert_eq!(steps(community, E::Accept, json!({})), MatterState::Accepted);
    assert_eq!(
        hindrance(attempt(&world, community, id, E::Accept, json!({}))),
        Hindrance::Matter(Obstacle::State),
        "twice"
    );
    let elsewhere = attempt(&world, city, id, E::Dispatch, json!({"unit": world.b}));
    assert!(matches!(elsewhere, Err(MoveError::Field(field)) if field == "unit"), "who could not even see it");
    assert!(matches!(attempt(&world, water, id, E::Sign, json!({})), Err(MoveError::NotHere)), "not given to it yet");
    assert_eq!(steps(city, E::Dispatch, json!({"unit": world.city()})), MatterState::Dispatched);
    assert_eq!(hindrance(attempt(&world, community, id, E::Sign, json!({}))), Hindrance::OtherUnit);
    assert_eq!(steps(water, E::Sign, json!({})), MatterState::Signed);
    assert_eq!(steps(water, E::Start, json!({})), MatterState::InProgress);
    assert!(matches!(
        attempt(&world, water, id, E::AskExtension, json!({"reason": "零件未到", "until": "2020-01-01"})),
        Err(MoveError::Field(field)) if field == "until"
    ));
    assert_eq!(
        steps(water, E::AskExtension, json!({"reason": "零件未到", "until": "2030-01-01"})),
        MatterState::ExtensionAsked
    );
    assert_eq!(
        hindrance(attempt(&world, water, id, E::GrantExtension, json!({"until": "2030-01-01"}))),
        Hindrance::Role
    );
    assert_eq!(steps(city, E::RefuseExtension, json!({"reason": "不能再等"})), MatterState::InProgress);
    assert_eq!(steps(water, E::Handle, json!({"done": "已更换"})), MatterState::Handled);
    assert_eq!(steps(water, E::Answer, json!({"told": "测试甲", "how": "电话"})), MatterState::Answered);
    assert_eq!(hindrance(attempt(&world, water, id, E::VerifyOk, json!({}))), Hindrance::Matter(Obstacle::HandledIt));
    assert_eq!(steps(community, E::VerifyOk, json!({})), MatterState::VerifiedOk);
    assert_eq!(steps(city, E::Close, json!({"ending": "resolved"})), MatterState::Closed);
    assert_eq!(steps(city, E::Reopen, json!({"reason": "又坏了"})), MatterState::InProgress);
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE what LIKE 'matter.%'"), 11, "each move, and no attempt");
    let refused = "SELECT count(*) FROM record WHERE kind = 9 AND json_array_length(body, '$.lists.events') = 12";
    assert_eq!(world.count(refused), 1, "what was refused left nothing behind");
}

#[tokio::test]
async fn who_has_no_post_there_finds_no_such_matter() {
    let world = World::new();
    desks(&world);
    let other = world.supervisor("yixing", world.b, Role::CommunityDesk);
    let viewer = world.supervisor("kan", world.city(), Role::Supervisor);
    let id = (world.a, reported(&world, world.a, "simple"));
    assert!(matches!(attempt(&world, other, id, E::Accept, json!({})), Err(MoveError::NotHere)));
    assert_eq!(hindrance(attempt(&world, viewer, id, E::Accept, json!({}))), Hindrance::Role);
    world.sql("UPDATE assignment SET to_ms = ?1", [world.now_ms()]);
    assert!(matches!(attempt(&world, viewer, id, E::Accept, json!({})), Err(MoveError::NotHere)), "the post has ended");
}

#[tokio::test]
async fn a_matter_is_joined_only_to_another_that_the_desk_can_see() {
    let world = World::new();
    let only_b = world.supervisor("yixing", world.b, Role::StreetDispatcher);
    let Desks { community, .. } = desks(&world);
    let (one, other) = (reported(&world, world.b, "hard"), reported(&world, world.a, "hard"));
    let join = |staff, into: Uuid| attempt(&world, staff, (world.b, one), E::Merge, json!({"into": into}));
    assert!(matches!(join(only_b, other.0), Err(MoveError::Field(field)) if field == "into"));
    assert!(matches!(join(community, one.0), Err(MoveError::Field(field)) if field == "into"), "to itself");
    let merged = join(community, other.0).unwrap().folded;
    assert_eq!((merged.state, merged.merged_into), (MatterState::Merged, Some(other)));
    assert!(merged.waits_for_answer(), "it keeps its own right to an answer");
}

#[tokio::test]
async fn the_page_shows_the_moves_of_who_looks_and_makes_them() {
    let world = World::new();
    desks(&world);
    world.supervisor("kan", world.community, Role::Supervisor);
    world.supervisor("yixing", world.b, Role::CommunityDesk);
    let id = reported(&world, world.a, "professional");
    let page = format!("/matters/one?unit={}&matter={id}", world.a);
    assert_eq!(world.get(&page, "").await.status, 303, "to the door");
    let outside = world.sign_in("yixing").await;
    let (missing, hidden) =
        (format!("/matters/one?unit={}&matter={}", world.b, Uuid::nil()), world.get(&page, &outside).await);
    assert_eq!((hidden.status.as_u16(), &hidden.body), (404, &world.get(&missing, &outside).await.body));
    let department = world.sign_in("shuiwu").await;
    assert_eq!(world.get(&page, &department).await.status, 404, "not given to it");
    let viewer = world.get(&page, &world.sign_in("kan").await).await.text();
    assert!(viewer.contains("路灯不亮") && !viewer.contains("name=\"move\""), "sees, and changes nothing: {viewer}");

    let cookies = world.sign_in("shequ").await;
    let list = world.get(&format!("/matters?unit={}", world.community), &cookies).await.text();
    assert!(list.contains(&format!("/matters/one?unit={}&#38;matter={id}", world.a)), "{list}");
    let answer = world.get(&page, &cookies).await;
    let html = answer.text();
    for name in ["accept", "return", "decline", "supervise", "escalate", "note"] {
        assert!(html.contains(&format!("name=\"move\" value=\"{name}\"")), "{name}: {html}");
    }
    for name in ["dispatch", "sign", "close", "self_handle", "withdraw"] {
        assert!(!html.contains(&format!("name=\"move\" value=\"{name}\"")), "{name}");
    }
    let english = world.get(&page, &format!("{cookies}; zoufang-language=en")).await.text();
    assert!(english.contains("What you may do now") && english.contains("Not accepted"));
    let form = |csrf: &str, name: &str, more: &str| {
        format!("csrf={csrf}&back=%2Fmatters&area={}&matter={id}&move={name}{more}", world.a)
    };
    let csrf = answer.hidden("csrf");
    assert_eq!(world.post_form("/matters/move", &cookies, &form("forged", "accept", "")).await.status, 400);
    assert_eq!(world.post_form("/matters/move", &cookies, &form(&csrf, "return", "&reason=+")).await.status, 422);
    assert_eq!(world.post_form("/matters/move", &cookies, &form(&csrf, "close", "&ending=resolved")).await.status, 409);
    assert_eq!(world.post_form("/matters/move", &cookies, &form(&csrf, "accept", "&desk=forged")).await.status, 303);
    let taken = world.get(&page, &cookies).await.text();
    assert!(taken.contains("已受理") && taken.contains("测试社区") && !taken.contains("value=\"accept\""), "{taken}");
    let theirs = world.get("/matters/one", &outside).await;
    assert_eq!(theirs.status, 400, "an address without a matter");

    let city = world.sign_in("diaodu").await;
    let csrf = world.get(&page, &city).await.hidden("csrf");
    let dispatch = form(&csrf, "dispatch", &format!("&unit={}", world.city()));
    assert_eq!(world.post_form("/matters/move", &city, &dispatch).await.status, 303);
    let overview = world.get("/overview", &department).await;
    assert_eq!((overview.status.as_u16(), overview.headers["location"].to_str().unwrap()), (303, "/matters/mine"));
    let mine = world.get("/matters/mine", &department).await.text();
    assert!(mine.contains("路灯不亮") && mine.contains("本单位承办"), "{mine}");
    let given = world.get(&page, &department).await.text();
    assert!(given.contains("value=\"sign\"") && given.contains("value=\"reject_back\""), "{given}");
    let matters = world.get(&format!("/matters?unit={}", world.city()), &department).await;
    assert_eq!(matters.status, 303, "no unit's figures");
}

#[tokio::test]
async fn terms_go_down_to_phones_and_decide_what_is_overdue() {
    let world = World::new();
    let desks = desks(&world);
    let today = Moment::from_ms(world.now_ms()).day();
    let rule = MatterRule {
        name: "测试时限".into(),
        track: None,
        kind: None,
        accept_days: 1,
        handle_days: 2,
        answer_days: 3,
        from: today,
        to: None,
    };
    let set = |rule: &MatterRule| {
        world.app.store.write::<_, LedgerError>(|tx| {
            rules::set_matter_rule(tx, world.now_ms(), CONSOLE, world.city(), rule).map(|written| written.changed)
        })
    };
    assert!(set(&rule).unwrap() && !set(&rule).unwrap(), "the same again changes nothing");
    assert!(set(&MatterRule { answer_days: 9, ..rule.clone() }).is_err(), "terms that hold are never altered");
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    assert_eq!(support::ids(&phone.pull(&world).await, Kind::MatterRule).len(), 1);

    let late = reported(&world, world.a, "hard");
    let put_off = (world.a, reported(&world, world.a, "hard"));
    attempt(&world, desks.community, put_off, E::Return, json!({"reason": "写明位置"})).unwrap();
    let overdue = || {
        let asked: Asked = world.asked(world.community);
        world.app.store.read::<_, ReportError>(|c| work_overdue(c, &world.console(), &asked)).unwrap()
    };
    assert_eq!(overdue(), 0);
    world.pass_ms(9 * DAY_MS);
    assert_eq!(overdue(), 1, "the one that was sent back for more is not the desk's");
    let cookies = world.sign_in("shequ").await;
    let report = world.get(&format!("/api/v1/reports/matters?unit={}", world.community), &cookies).await.json();
    assert_eq!(report["work_overdue"], 1);
    let page = world.get(&format!("/matters?unit={}", world.community), &cookies).await.text();
    assert!(page.contains("办理超期: <strong class=\"late\">1<"), "{page}");
    let wanted = Wanted::Open { unit: world.city() };
    let now = Moment::from_ms(world.now_ms());
    let rows = world.app.store.read::<_, StoreError>(|c| matters::list(c, &world.console(), wanted, now)).unwrap();
    let clock_of = |id: MatterId| rows.iter().find(|row| row.id == id).unwrap().work.unwrap();
    assert!(clock_of(late).is_overdue(now.day()) && clock_of(put_off.1).is_stopped);
    assert!(rows.iter().all(|row| row.is_overdue), "the residents wait in both");
    let id = rules::id_by_name(Kind::MatterRule, world.city(), "测试时限");
    let ended = |to| world.app.store.write::<_, LedgerError>(|tx| rules::end_rule(tx, world.now_ms(), CONSOLE, id, to));
    assert!(ended(now.day()).unwrap() && !ended(now.day()).unwrap());
}

#[tokio::test]
async fn a_desk_takes_a_matter_down_and_the_homes_manager_has_it() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let home = world.home(world.a, "101", "2026-01-01", None);
    let foreign = world.home(world.b, "201", "2026-01-01", None);
    phone.pull(&world).await;
    let desk = world.supervisor("taizi", world.community, Role::CommunityDesk);
    let viewer = world.supervisor("kan", world.community, Role::Supervisor);
    let stranger = world.supervisor("linqu", world.b, Role::CommunityDesk);
    let report = Report {
        id: MatterId(world.random.id()),
        area: world.a,
        household: Some(HouseholdId(home)),
        source: Source::Hotline,
        kind: MatterKind::Help,
        track: Track::Professional,
        urgency: None,
        summary: " 楼道灯不亮 ".into(),
    };
    let open = |staff, report: &Report| {
        let now_ms = world.now_ms();
        world.app.store.write(|tx| matters::open(tx, now_ms, staff, report))
    };
    assert!(matches!(open(viewer, &report), Err(MoveError::Ledger(LedgerError::Refused(Refusal::NotAllowed)))));
    assert!(matches!(open(stranger, &report), Err(MoveError::NotHere)));
    let elsewhere = Report { household: Some(HouseholdId(foreign)), ..report.clone() };
    assert!(matches!(open(desk, &elsewhere), Err(MoveError::NotHere)), "a home of another area");
    let wide = Report { area: world.community, household: None, ..report.clone() };
    assert!(matches!(open(desk, &wide), Err(MoveError::NotHere)), "matters lie in micro-grids");
    let visit = Report { source: Source::Visit, ..report.clone() };
    assert!(matches!(open(desk, &visit), Err(MoveError::Field(field)) if field == "source"));
    let empty = Report { summary: "  ".into(), ..report.clone() };
    assert!(matches!(open(desk, &empty), Err(MoveError::Field(field)) if field == "summary"));
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 9"), 0);

    let opened = open(desk, &report).unwrap();
    assert_eq!((opened.folded.state, opened.matter.summary.as_str()), (MatterState::Reported, "楼道灯不亮"));
    assert!(opened.matter.due.to_ms() > world.now_ms());
    open(desk, &report).unwrap();
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 9"), 1, "sent twice is one matter");
    let other = Report { summary: "别的事".into(), ..report };
    assert!(matches!(open(desk, &other), Err(MoveError::Ledger(LedgerError::Refused(Refusal::NotNow)))));
    assert_eq!(support::ids(&phone.pull(&world).await, Kind::Matter), [opened.record.id]);

    // On the page of the micro-grid.
    let cookies = world.sign_in("taizi").await;
    let page = world.get(&format!("/matters?unit={}", world.a), &cookies).await;
    assert!(page.text().contains("/matters/open"), "{}", page.text());
    let form = format!(
        "csrf={}&back=%2Fmatters&matter={}&area={}&household={home}&source=direct_line&kind=complaint&track=simple&summary=%E5%99%AA%E5%A3%B0",
        page.hidden("csrf"),
        page.hidden("matter"),
        world.a
    );
    assert_eq!(world.post_form("/matters/open", &cookies, &form).await.status, 303);
    assert_eq!(world.post_form("/matters/open", &cookies, &form).await.status, 303, "sent twice is one matter");
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 9"), 2);
    let seen = world.sign_in("kan").await;
    assert!(!world.get(&format!("/matters?unit={}", world.a), &seen).await.text().contains("/matters/open"));
}
