//! Notices: who may send and withdraw one, whose phones get it, whose receipts are taken, and what desks read of both.
#![allow(clippy::unwrap_used, missing_docs)]
#[path = "support/field.rs"]
mod field;
mod support;

use serde_json::{Value, json};
use support::World;
use uuid::Uuid;
use zoufang_domain::ids::{NoticeId, StaffId, UnitId, derived};
use zoufang_domain::notice::{Notice, NoticeKind, NoticeState, VISIT_NOTICES, receipt_id};
use zoufang_domain::operation::{Action, Operation};
use zoufang_domain::refusal::Refusal;
use zoufang_domain::report::Rate;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::unit::{Level, OrgUnit};
use zoufang_domain::wire::push::Outcome;
use zoufang_sync_server::audit;
use zoufang_sync_server::ledger::{CONSOLE, LedgerError};
use zoufang_sync_server::notices::{self, Sender};
use zoufang_sync_server::reports::notices::{self as lists, Notices, Receipts};
use zoufang_sync_server::reports::{Asked, ReportError};
use zoufang_sync_server::store::StoreError;
use zoufang_sync_server::store::scope::Scope;
use zoufang_sync_server::units;

fn notice(title: &str) -> Notice {
    Notice {
        title: title.into(),
        body: "测试正文\n第二行".into(),
        kind: NoticeKind::Publicity,
        valid_from: "2026-11-20".parse().unwrap(),
        valid_to: "2026-12-10".parse().unwrap(),
        needs_receipt: true,
    }
}

fn id(title: &str) -> NoticeId {
    NoticeId(derived(&["test", title]))
}

fn send(world: &World, sender: Sender, unit: UnitId, title: &str) -> Result<NoticeId, LedgerError> {
    let now_ms = world.now_ms();
    world.app.store.write(|tx| notices::send(tx, now_ms, sender, unit, id(title), &notice(title)))?;
    Ok(id(title))
}

fn withdraw(world: &World, sender: Sender, unit: UnitId, of: NoticeId) -> Result<(), LedgerError> {
    let now_ms = world.now_ms();
    world.app.store.write(|tx| notices::withdraw(tx, now_ms, sender, unit, of, "测试：日期有误"))
}

#[track_caller]
fn refusal<T: std::fmt::Debug>(outcome: Result<T, LedgerError>) -> Refusal {
    match outcome {
        Err(LedgerError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

/// Another community of the city, with a micro-grid.
fn elsewhere(world: &World) -> (UnitId, UnitId) {
    let [community, micro_grid] = ["other community", "other micro-grid"].map(|it| UnitId(derived(&["test", it])));
    let add = |id, level, name: &str, parent| {
        let unit = OrgUnit { level, name: name.into(), code: None, parent: Some(parent), from: None, to: None };
        let now_ms = world.now_ms();
        world.app.store.write(|tx| units::create(tx, now_ms, CONSOLE, id, &unit)).unwrap();
    };
    add(community, Level::Community, "别的社区", world.city());
    add(micro_grid, Level::MicroGrid, "丙微网格", community);
    (community, micro_grid)
}

fn receipt(phone: &mut support::Phone, of: NoticeId) -> Operation {
    let fields = json!({"notice": of, "staff": phone.staff, "read_at": "2026-11-23T00:10:00Z"});
    let id = receipt_id(of, phone.staff);
    phone.op(Kind::NoticeReceipt, id, support::create(fields))
}

fn add(phone: &mut support::Phone, visit: Uuid, of: NoticeId) -> Operation {
    let (set, element) = (VISIT_NOTICES.to_owned(), of.to_string());
    phone.op(Kind::Visit, visit, Action::Add { set, element, value: Value::Bool(true) })
}

fn list(world: &World, scope: &Scope, unit: UnitId) -> Result<Notices, ReportError> {
    world.app.store.read(|c| lists::notices(c, scope, &world.asked(unit)))
}

fn read_by(world: &World, scope: &Scope, unit: UnitId, of: NoticeId) -> Result<Receipts, ReportError> {
    world.app.store.read(|c| lists::receipts(c, scope, &world.asked(unit), of))
}

fn scope(world: &World, staff: StaffId) -> Scope {
    world.app.store.read::<_, StoreError>(|c| Scope::of_supervisor(c, staff, world.now_ms())).unwrap()
}

fn titles(found: &Notices) -> Vec<&str> {
    found.notices.iter().map(|one| one.title.as_str()).collect()
}

fn rate(numerator: u64, denominator: u64) -> Rate {
    Rate { numerator, denominator }
}

#[tokio::test]
async fn a_notice_reaches_every_phone_under_its_unit_and_no_other() {
    let world = World::new();
    let (far_community, far) = elsewhere(&world);
    let mut here = world.phone(world.a, Role::MicroGridManager).await;
    let mut leader = world.phone(world.grid, Role::GridLeader).await;
    let mut there = world.phone(far, Role::MicroGridManager).await;
    let desk = Sender::Desk(world.supervisor("taizi", world.community, Role::CommunityDesk));
    let all = send(&world, Sender::Console, world.city(), "全市").unwrap();
    let ours = send(&world, desk, world.community, "本社区").unwrap();
    let one_grid = send(&world, desk, world.b, "只给乙").unwrap();
    let theirs = send(&world, Sender::Console, far_community, "别的社区").unwrap();
    let pulled = |answer| {
        let mut ids = support::ids(&answer, Kind::Notice);
        ids.sort();
        ids
    };
    let sorted = |ids: &[NoticeId]| {
        let mut ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        ids.sort();
        ids
    };
    assert_eq!(pulled(here.pull(&world).await), sorted(&[all, ours]));
    assert_eq!(pulled(leader.pull(&world).await), sorted(&[all, ours, one_grid]));
    assert_eq!(pulled(there.pull(&world).await), sorted(&[all, theirs]));
    // A withdrawal comes down, too.
    withdraw(&world, desk, world.community, ours).unwrap();
    assert_eq!(pulled(here.pull(&world).await), [ours.0]);
    assert!(pulled(there.pull(&world).await).is_empty());
}

#[tokio::test]
async fn desks_send_and_withdraw_within_their_own_scope_and_it_is_audited() {
    let world = World::new();
    let (far_community, _) = elsewhere(&world);
    let desk = Sender::Desk(world.supervisor("taizi", world.community, Role::CommunityDesk));
    let viewer = Sender::Desk(world.supervisor("kan", world.community, Role::Supervisor));
    let leader = Sender::Desk(world.supervisor("zhang", world.grid, Role::GridLeader));
    assert_eq!(refusal(send(&world, desk, far_community, "x")), Refusal::NotAssigned);
    assert_eq!(refusal(send(&world, desk, world.city(), "x")), Refusal::NotAssigned, "the unit above is not theirs");
    assert_eq!(refusal(send(&world, desk, UnitId(Uuid::from_u128(9)), "x")), Refusal::NotAssigned);
    for who in [viewer, leader] {
        assert_eq!(refusal(send(&world, who, world.grid, "x")), Refusal::NotAllowed);
    }
    assert_eq!(refusal(send(&world, desk, world.community, " ")), Refusal::Invalid { field: "title".into() });
    let sent = send(&world, desk, world.community, "测试").unwrap();
    send(&world, desk, world.community, "测试").unwrap();
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 19"), 1, "sent twice is one");
    let other = Notice { body: "别的".into(), ..notice("测试") };
    let now_ms = world.now_ms();
    let again = |unit| world.app.store.write(|tx| notices::send(tx, now_ms, desk, unit, sent, &other));
    assert_eq!(refusal(again(world.community)), Refusal::NotNow, "it is never edited");
    assert_eq!(refusal(again(world.grid)), Refusal::NotNow, "one id is one notice of the whole server");

    let far = send(&world, Sender::Console, far_community, "别处").unwrap();
    assert_eq!(refusal(withdraw(&world, desk, far_community, far)), Refusal::NotAssigned);
    assert_eq!(refusal(withdraw(&world, desk, world.community, far)), Refusal::RecordMissing);
    assert_eq!(refusal(withdraw(&world, viewer, world.community, sent)), Refusal::NotAllowed);
    let silent = world.app.store.write(|tx| notices::withdraw(tx, now_ms, desk, world.community, sent, " "));
    assert_eq!(refusal(silent), Refusal::Invalid { field: "reason".into() });
    withdraw(&world, desk, world.community, sent).unwrap();
    assert_eq!(refusal(withdraw(&world, desk, world.community, sent)), Refusal::NotNow);
    let record = world.record(world.community, Kind::Notice, sent.0);
    assert_eq!(record.void.unwrap().reason, "测试：日期有误");
    assert_eq!(refusal(send(&world, desk, world.community, "测试")), Refusal::NotNow, "it does not come back");
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE what = 'notice.sent'"), 2);
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE what = 'notice.withdrawn' AND actor LIKE 'staff:%'"), 1);
    assert_eq!(world.app.store.read(audit::verify).unwrap().1, None);
}

#[tokio::test]
async fn only_ones_own_receipt_for_a_notice_of_the_own_chain_is_taken() {
    let world = World::new();
    let (far_community, _) = elsewhere(&world);
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let ours = send(&world, Sender::Console, world.city(), "全市").unwrap();
    let theirs = send(&world, Sender::Console, far_community, "别处").unwrap();
    let mut foreign = receipt(&mut phone, ours);
    if let Action::Create { fields, .. } = &mut foreign.action {
        fields.insert("staff".into(), json!(world.staff("别人")));
    }
    let fields =
        json!({"title": "假通知", "body": "假", "kind": "task", "valid_from": "2026-11-01", "valid_to": "2026-11-30"});
    let far = receipt(&mut phone, theirs);
    let never_sent = receipt(&mut phone, NoticeId(world.random.id()));
    let forged = phone.op(Kind::Notice, world.random.id(), support::create(fields));
    let void = phone.op(Kind::Notice, ours.0, Action::Void { reason: "假".into() });
    let void = Operation { area: world.city(), ..void };
    let own = receipt(&mut phone, ours);
    let mut reasons = Vec::new();
    for operation in [foreign, far, never_sent, forged, void, own] {
        let answer = phone.push(&world, &[operation]).await;
        reasons.push(match &answer.verdicts[0].outcome {
            Outcome::Quarantined { reason } => Some(reason.clone()),
            _ => None,
        });
    }
    let (missing, no) = (Some(Refusal::RecordMissing), Some(Refusal::NotAllowed));
    assert_eq!(
        reasons[..3],
        [no.clone(), missing.clone(), missing],
        "sent elsewhere and never sent are not told apart"
    );
    // A manager sets no notice, and has no post in the city.
    assert_eq!(reasons[3..], [no, Some(Refusal::NotAssigned), None]);
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 20"), 1);

    // The same person's second phone says it once more: nothing changes and nothing is contested.
    let mut second = world.phone_of(phone.staff, world.a).await;
    let again = receipt(&mut second, ours);
    second.push(&world, &[again]).await;
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 20"), 1);
    assert_eq!(world.count("SELECT count(*) FROM conflict_log"), 0);
}

#[tokio::test]
async fn a_visit_is_kept_whatever_notices_it_names_and_whoever_was_there_says_which() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let mut stranger = world.phone(world.a, Role::GridWorker).await;
    let visit = phone.visit("测试");
    let id = visit.id;
    let unknown = NoticeId(world.random.id());
    let operations = [visit, add(&mut phone, id, unknown)];
    let answer = phone.push(&world, &operations).await;
    assert!(answer.verdicts.iter().all(|verdict| matches!(verdict.outcome, Outcome::Applied)), "{answer:?}");
    let record = world.record(world.a, Kind::Visit, id);
    assert_eq!(zoufang_domain::notice::given(&record), [unknown]);
    let foreign = add(&mut stranger, id, NoticeId(world.random.id()));
    let answer = stranger.push(&world, &[foreign]).await;
    let refused = Outcome::Quarantined { reason: Refusal::NotAllowed };
    assert_eq!(answer.verdicts[0].outcome, refused, "who was not there does not know");
    assert_eq!(world.record(world.a, Kind::Visit, id), record);
}

/// Homes and managers of both micro-grids, and a notice to each level.
#[tokio::test]
async fn a_report_counts_readers_once_and_homes_told_and_stays_inside_its_unit() {
    let world = World::new();
    let (far_community, far) = elsewhere(&world);
    let mut a = world.phone(world.a, Role::MicroGridManager).await;
    let mut b = world.phone(world.b, Role::MicroGridManager).await;
    let mut c = world.phone(far, Role::MicroGridManager).await;
    // One person has a micro-grid on either side; their one receipt lies on the other.
    world.assign(c.staff, world.b, Role::MicroGridManager);
    world.sql("UPDATE staff SET name = '测试丙' WHERE id = ?1", [c.staff.as_bytes()]);
    let all = send(&world, Sender::Console, world.city(), "全市").unwrap();
    let ours = send(&world, Sender::Console, world.community, "本社区").unwrap();
    let theirs = send(&world, Sender::Console, far_community, "别处").unwrap();
    let read = [receipt(&mut a, all), receipt(&mut a, ours)];
    a.push(&world, &read).await;
    let read = receipt(&mut c, all);
    c.push(&world, &[read]).await;

    let (one, two) = (world.home(world.a, "101", "2026-01-01", None), world.home(world.a, "102", "2026-01-01", None));
    world.home(world.b, "201", "2026-01-01", None);
    world.home(far, "301", "2026-01-01", None);
    let mut visit = |home: Uuid, outcome: &str| {
        let whole = json!({"household": home, "staff": [a.staff], "started_at": "2026-11-22T01:00:00Z", "mode": "door",
            "outcome": outcome});
        let id = world.random.id();
        [a.op(Kind::Visit, id, support::create(whole)), add(&mut a, id, all)]
    };
    let visits = [visit(one, "done"), visit(one, "done"), visit(two, "no_answer")].concat();
    a.push(&world, &visits).await;
    world.write(world.a, Kind::Visit, visits[2].id, Action::Void { reason: "测试".into() });

    let console = world.console();
    let found = list(&world, &console, world.community).unwrap();
    assert_eq!((found.total, titles(&found)), (2, vec!["本社区", "全市"]), "of above and below, not of beside");
    let row = |found: &Notices, title: &str| found.notices.iter().find(|one| one.title == title).unwrap().clone();
    let city = row(&found, "全市");
    assert_eq!((city.read, city.visits_count, city.homes), (Some(rate(2, 3)), 2, rate(1, 3)));
    assert_eq!((city.state, row(&found, "本社区").read), (NoticeState::InForce, Some(rate(1, 3))));
    let top = list(&world, &console, world.city()).unwrap();
    assert_eq!(row(&top, "全市").read, Some(rate(2, 3)), "a person with two micro-grids counts once");
    assert_eq!((row(&top, "全市").homes, row(&top, "别处").homes), (rate(1, 4), rate(0, 1)));
    assert_eq!(row(&top, "别处").read, Some(rate(0, 1)));

    let found = read_by(&world, &console, world.community, all).unwrap();
    let people: Vec<(&str, &str, bool)> =
        found.readers.iter().map(|one| (one.units.as_str(), one.name.as_str(), one.has_read)).collect();
    let (one, two) = ("第一网格 · 乙微网格", "第一网格 · 甲微网格");
    assert_eq!(people, [(one, "测试丙", true), (one, "测试甲", false), (two, "测试甲", true)], "by unit, then by name");
    let json = serde_json::to_string(&found).unwrap();
    assert!(!json.contains("read_at"), "who was first is nobody's question: {json}");
    let _ = b.pull(&world).await;

    // A desk of one community sees nothing of another's.
    let desk = scope(&world, world.supervisor("taizi", world.community, Role::CommunityDesk));
    assert_eq!(titles(&list(&world, &desk, world.community).unwrap()), ["本社区", "全市"]);
    assert!(matches!(list(&world, &desk, far_community), Err(ReportError::NotFound)));
    assert!(matches!(list(&world, &desk, world.city()), Err(ReportError::NotFound)));
    assert!(matches!(read_by(&world, &desk, world.community, theirs), Err(ReportError::NotFound)));
    assert!(matches!(read_by(&world, &desk, far_community, theirs), Err(ReportError::NotFound)));
    assert!(matches!(read_by(&world, &console, world.community, theirs), Err(ReportError::NotFound)));
    assert!(matches!(read_by(&world, &desk, world.community, id("never sent")), Err(ReportError::NotFound)));
}

#[tokio::test]
async fn the_list_has_what_is_in_force_or_to_come_and_what_was_in_the_period() {
    let world = World::new();
    let now_ms = world.now_ms();
    let of = |title: &str, from: &str, to: &str| {
        let (valid_from, valid_to) = (from.parse().unwrap(), to.parse().unwrap());
        let notice = Notice { valid_from, valid_to, needs_receipt: false, ..notice(title) };
        let send = |tx: &rusqlite::Transaction<'_>| {
            notices::send(tx, now_ms, Sender::Console, world.community, id(title), &notice)
        };
        world.app.store.write(send).unwrap();
    };
    of("十月", "2026-10-01", "2026-10-31");
    of("跨月", "2026-10-20", "2026-11-02");
    of("现在", "2026-11-01", "2026-11-30");
    of("明年", "2027-01-01", "2027-01-31");
    let console = world.console();
    let november = list(&world, &console, world.community).unwrap();
    assert_eq!(titles(&november), ["明年", "现在", "跨月"]);
    let states: Vec<NoticeState> = november.notices.iter().map(|one| one.state).collect();
    assert_eq!(states, [NoticeState::Ahead, NoticeState::InForce, NoticeState::Expired]);
    assert!(november.notices.iter().all(|one| one.read.is_none()), "nobody was asked");
    assert!(read_by(&world, &console, world.community, id("现在")).unwrap().readers.is_empty());
    let period =
        zoufang_domain::calendar::Period { from: "2026-10-01".parse().unwrap(), to: "2026-10-31".parse().unwrap() };
    let asked = Asked { period, ..world.asked(world.community) };
    let october = world.app.store.read(|c| lists::notices(c, &console, &asked)).unwrap();
    assert_eq!(titles(&october), ["明年", "现在", "跨月", "十月"]);
}

#[tokio::test]
async fn a_desk_sends_one_on_its_page_and_takes_it_back_and_nobody_else_does() {
    let world = World::new();
    let (far_community, _) = elsewhere(&world);
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    world.supervisor("taizi", world.community, Role::CommunityDesk);
    world.supervisor("kan", world.community, Role::Supervisor);
    world.supervisor("bieren", far_community, Role::CommunityDesk);
    let cookies = world.sign_in("taizi").await;
    let page = world.get("/notices", &cookies).await;
    let hidden = ["csrf", "notice", "unit"].map(|name| format!("{name}={}", page.hidden(name))).join("&");
    let sent = format!(
        "{hidden}&back=%2Fnotices&kind=safety&title=%3Cb%3E%E6%B5%8B%E8%AF%95&body=%E4%B8%80%0D%0A%E4%BA%8C\
         &valid_from=2026-11-20&valid_to=2026-12-10&needs_receipt=yes"
    );
    for (sent, status) in [
        (sent.replace(&page.hidden("csrf"), "guess"), 400),
        (sent.replace("%2Fnotices", "%2F%2Fexample.cn"), 400),
        (sent.replace("valid_to=2026-12-10", "valid_to=2026-11-01"), 422),
        (sent.replace("valid_to=2026-12-10", "valid_to=soon"), 422),
        (sent.replace("kind=safety", "kind=party"), 422),
        (sent.replace("title=%3Cb%3E%E6%B5%8B%E8%AF%95", "title=+"), 422),
        (sent.replace(&page.hidden("unit"), &far_community.to_string()), 404),
        (sent.replace(&page.hidden("unit"), &world.city().to_string()), 404),
    ] {
        assert_eq!(world.post_form("/notices/send", &cookies, &sent).await.status, status, "{sent}");
    }
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 19"), 0);
    for _ in 0..2 {
        assert_eq!(world.post_form("/notices/send", &cookies, &sent).await.status, 303);
    }
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 19"), 1, "pressed twice is one");
    let shown = world.get("/notices", &cookies).await.text();
    assert!(shown.contains("&#60;b&#62;测试") && !shown.contains("<b>测试"), "{shown}");
    assert!(shown.contains("安全提醒") && shown.contains("0 / 1"), "{shown}");
    let of = NoticeId(page.hidden("notice").parse().unwrap());
    let stored: Notice = world.record(world.community, Kind::Notice, of.0).read().unwrap();
    assert_eq!((stored.body.as_str(), stored.needs_receipt), ("一\n二", true));

    let path = format!("/notices/one?unit={}&notice={of}", world.community);
    let one = world.get(&path, &cookies).await;
    assert!(
        one.text().contains("还未阅读 <span class=\"count\">1</span>") && one.text().contains("测试甲"),
        "{}",
        one.text()
    );
    let read = receipt(&mut phone, of);
    phone.push(&world, &[read]).await;
    let english = world.get(&path, &format!("{cookies}; zoufang-language=en")).await.text();
    assert!(
        english.contains("Not read yet <span class=\"count\">0</span>") && english.contains("Safety warning"),
        "{english}"
    );
    let csv = world.get(&format!("/api/v1/reports/notices?unit={}&format=csv", world.community), &cookies).await.text();
    assert!(csv.contains("安全提醒,有效,2026-11-20,2026-12-10,测试社区,张三样例,1,1,0,0,0"), "{csv}");

    // Who only looks sees it and has no form; who is elsewhere is told what anyone is told of what does not exist.
    let viewer = world.sign_in("kan").await;
    let seen = world.get(&path, &viewer).await;
    assert!(seen.status == 200 && !seen.text().contains("/notices/withdraw"));
    assert!(!world.get("/notices", &viewer).await.text().contains("/notices/send"));
    let stranger = world.sign_in("bieren").await;
    assert_eq!(world.get(&path, &stranger).await.status, 404);
    let theirs = format!("/notices/one?unit={far_community}&notice={of}");
    assert_eq!(world.get(&theirs, &stranger).await.status, 404);
    assert!(!world.get("/notices", &stranger).await.text().contains("&#60;b&#62;"));
    assert_eq!(world.get(&path, "").await.status, 303);

    let back = |page: &support::Answer, reason: &str| {
        let csrf = page.hidden("csrf");
        format!("csrf={csrf}&back=%2Fnotices&notice={of}&unit={}&reason={reason}", world.community)
    };
    let refused = [
        (&viewer, back(&seen, "x"), 403),
        (&stranger, back(&world.get("/notices", &stranger).await, "x"), 404),
        (&cookies, back(&one, ""), 422),
        (&cookies, back(&one, "x").replace(&of.to_string(), &world.random.id().to_string()), 404),
    ];
    for (who, sent, status) in refused {
        assert_eq!(world.post_form("/notices/withdraw", who, &sent).await.status, status, "{sent}");
    }
    assert_eq!(world.post_form("/notices/withdraw", &cookies, &back(&one, "%E6%9C%89%E8%AF%AF")).await.status, 303);
    assert_eq!(world.post_form("/notices/withdraw", &cookies, &back(&one, "x")).await.status, 409);
    let gone = world.get(&path, &cookies).await.text();
    assert!(gone.contains("撤回原因： 有误") && !gone.contains("/notices/withdraw"), "{gone}");
}
