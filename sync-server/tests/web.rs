//! The supervisors' pages and the reports behind them, through the real router.
#![allow(clippy::unwrap_used, missing_docs)]
#[path = "support/field.rs"]
mod field;
mod support;

use axum::http::{StatusCode, header};
use field::PASSWORD;
use support::World;
use zoufang_domain::staff::Role;
use zoufang_sync_server::ledger::CONSOLE;
use zoufang_sync_server::staff::{self, StaffError, login};
use zoufang_sync_server::web::CONTENT_SECURITY_POLICY;

const PAGES: [&str; 8] =
    ["/overview", "/visits", "/matters", "/appointments", "/notices", "/devices", "/conflicts", "/quarantine"];
const REPORTS: [&str; 6] = ["coverage", "visits", "due", "matters", "notices", "devices"];

/// A world in which every page has something to show.
async fn lived_in() -> World {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let home = world.home(world.a, "101", "2026-01-01", None);
    world.visit(world.a, home, "2026-11-05T01:00:00Z", "door", "done");
    let report = field::entry(&world, "report", "2026-11-06T01:00:00Z", serde_json::json!({}));
    world.matter(world.a, "2026-11-09T00:00:00Z", vec![report]);
    let contested = |number: &str| {
        let was = field::fields(serde_json::json!({"phone": "13800000000"}));
        let base = [("phone".to_owned(), Vec::new())].into();
        zoufang_domain::operation::Action::Set {
            fields: field::fields(serde_json::json!({"phone": number})),
            base,
            was,
        }
    };
    let edit = phone.op(zoufang_domain::schema::Kind::Household, home, contested("<b>13900000001</b>"));
    phone.push(&world, &[edit]).await;
    let lost = phone.op(zoufang_domain::schema::Kind::Household, world.random.id(), contested("<script>1</script>"));
    phone.push(&world, &[lost]).await;
    world.supervisor("jia", world.city(), Role::Supervisor);
    world
}

#[tokio::test]
async fn pages_need_a_session_and_carry_a_strict_policy() {
    let world = lived_in().await;
    for page in PAGES {
        let answer = world.get(page, "").await;
        assert_eq!(
            (answer.status, answer.headers[header::LOCATION].to_str().unwrap()),
            (StatusCode::SEE_OTHER, "/sign-in")
        );
        assert_eq!(world.get(page, "zoufang=made-up").await.status, 303);
    }
    for report in REPORTS {
        assert_eq!(world.get(&format!("/api/v1/reports/{report}"), "").await.problem(), "session.required");
        assert_eq!(world.get(&format!("/api/v1/reports/{report}"), "zoufang=x").await.problem(), "session.expired");
    }
    let cookies = world.sign_in("jia").await;
    let mut seen = vec![world.get("/sign-in", "").await, world.get("/overview?unit=x", &cookies).await];
    for page in PAGES {
        for language in ["zh", "en"] {
            let answer = world.get(page, &format!("{cookies}; zoufang-language={language}")).await;
            assert_eq!(answer.status, 200, "{page}");
            let lang = if language == "zh" { "zh-CN" } else { "en" };
            assert!(answer.text().contains(&format!("<html lang=\"{lang}\">")), "{page} {language}");
            seen.push(answer);
        }
    }
    for answer in seen {
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy == CONTENT_SECURITY_POLICY && policy.starts_with("default-src 'self'") && !policy.contains("unsafe")
        );
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        let html = answer.text();
        for inline in ["<script", "<style", " style=", " onclick=", "javascript:", "http://", "https://"] {
            assert!(!html.contains(inline), "{inline} in {html}");
        }
        assert_eq!(html.matches("<h1").count(), 1);
        assert_eq!(html.matches("<table").count(), html.matches("<caption").count());
    }
}

#[tokio::test]
async fn pages_show_what_the_reports_say_and_escape_it() {
    let world = lived_in().await;
    let cookies = world.sign_in("jia").await;
    let text = |answer: support::Answer| answer.text();
    let overview = text(world.get("/overview", &cookies).await);
    assert!(overview.contains("100.0%") && overview.contains("1 / 1"), "{overview}");
    assert!(overview.contains("超期未答复（含往期） 1"));
    let conflicts = text(world.get("/conflicts", &cookies).await);
    assert!(conflicts.contains("1号楼2单元101室") && conflicts.contains("&#60;b&#62;13900000001"), "{conflicts}");
    let waiting = text(world.get("/quarantine", &cookies).await);
    assert!(waiting.contains("对应的记录不存在") && waiting.contains("&#60;script&#62;1"), "{waiting}");
    let matters = text(world.get("/matters", &format!("{cookies}; zoufang-language=en")).await);
    assert!(matters.contains("Reported") && matters.contains("class=\"number late\">1<"), "{matters}");
    let devices = text(world.get("/devices", &cookies).await);
    assert!(devices.contains("测试甲") && devices.contains("第一网格 · 甲微网格"));
}

#[tokio::test]
async fn another_subtree_answers_like_a_missing_one() {
    let world = lived_in().await;
    world.supervisor("yixing", world.b, Role::CommunityDesk);
    let cookies = world.sign_in("yixing").await;
    let nowhere = world.random.id();
    for (page, format) in PAGES
        .map(|page| (page.to_owned(), ""))
        .into_iter()
        .chain(REPORTS.map(|name| (format!("/api/v1/reports/{name}"), "&format=csv")))
    {
        let missing = world.get(&format!("{page}?unit={nowhere}{format}"), &cookies).await;
        assert_eq!(missing.status, 404);
        for outside in [world.a, world.grid, world.community, world.city()] {
            let answer = world.get(&format!("{page}?unit={outside}{format}"), &cookies).await;
            assert_eq!((answer.status, &answer.body), (missing.status, &missing.body), "{page}");
        }
        let own = world.get(&format!("{page}?unit={}{format}", world.b), &cookies).await;
        assert_eq!(own.status, 200);
        let own = own.text();
        assert!(!own.contains("甲微网格") && !own.contains("第一网格 · 甲") && !own.contains("101室"), "{own}");
    }
    for twice in ["/overview?unit=1&unit=2", "/visits?from=2026-11-30&to=2026-11-01"] {
        assert_eq!(world.get(twice, &cookies).await.status, 400, "{twice}");
    }
    assert_eq!(world.get("/api/v1/reports/visits?unit=1&unit=2", &cookies).await.problem(), "request.malformed");
    assert_eq!(world.get("/api/v1/reports/everything", &cookies).await.problem(), "not_found");
    assert_eq!(
        world.get("/api/v1/reports/visits?from=2026-11-30&to=2026-11-01", &cookies).await.problem(),
        "report.period"
    );
}

#[tokio::test]
async fn reports_come_as_json_and_csv() {
    let world = lived_in().await;
    let cookies = world.sign_in("jia").await;
    let json = world.get("/api/v1/reports/coverage?from=2026-11-01&to=2026-11-30", &cookies).await.json();
    assert_eq!(json["total"], serde_json::json!({"numerator": 1, "denominator": 1}));
    assert_eq!(json["unit"]["name"], "测试市");
    let csv = world.get("/api/v1/reports/coverage?from=2026-11-01&to=2026-11-30&format=csv", &cookies).await;
    assert_eq!(csv.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert!(csv.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("coverage-2026-11-01-2026-11-30.csv"));
    assert_eq!(
        csv.text(),
        "\u{feff}级别,单位,区划代码,已走访户,总户数,覆盖率\r\n社区/村,测试社区,,1,1,100.0%\r\n,合计,,1,1,100.0%\r\n"
    );
    assert_eq!(world.get("/api/v1/reports/coverage?format=pdf", &cookies).await.problem(), "request.malformed");
}

#[tokio::test]
async fn five_wrong_tries_lock_for_a_quarter_of_an_hour_whether_the_name_exists_or_not() {
    let world = World::new();
    world.supervisor("jia", world.a, Role::Supervisor);
    for name in ["jia", "nobody"] {
        for _ in 0..4 {
            assert_eq!(world.try_sign_in(name, "wrong-password").await.status, 401, "{name}");
        }
        assert_eq!(world.try_sign_in(name, "wrong-password").await.status, 423, "{name}");
        assert_eq!(world.try_sign_in(name, PASSWORD).await.status, 423, "{name}: the right one does not help");
    }
    world.pass_ms(15 * 60_000 - 1);
    assert_eq!(world.try_sign_in("jia", PASSWORD).await.status, 423);
    world.pass_ms(1);
    assert_eq!(world.try_sign_in("nobody", PASSWORD).await.status, 401);
    world.sign_in("%20JIA%20").await;
    assert_eq!(world.count("SELECT failed_count FROM staff WHERE login = 'jia'"), 0);
}

#[tokio::test]
async fn forms_from_elsewhere_are_refused() {
    let world = World::new();
    world.supervisor("jia", world.a, Role::Supervisor);
    let sent = format!("login=jia&password={PASSWORD}&form=abc");
    assert_eq!(world.post_form("/sign-in", "", &sent).await.status, 400, "no cookie");
    assert_eq!(world.post_form("/sign-in", "zoufang-form=other", &sent).await.status, 400, "another token");
    assert_eq!(world.post_form("/sign-in", "zoufang-form=", &sent.replace("abc", "")).await.status, 400, "empty");
    assert_eq!(world.count("SELECT count(*) FROM web_session"), 0);

    let cookies = world.sign_in("jia").await;
    let page = world.get("/overview", &cookies).await;
    assert_eq!(world.post_form("/sign-out", &cookies, "csrf=guess").await.status, 400);
    assert_eq!(world.post_form("/sign-out", &cookies, "").await.status, 400);
    assert_eq!(world.get("/overview", &cookies).await.status, 200, "still signed in");
    let csrf = page.hidden("csrf");
    assert_eq!(world.post_form("/sign-out", &cookies, &format!("csrf={csrf}")).await.status, 303);
    assert_eq!(world.get("/overview", &cookies).await.status, 303, "the token is gone on the server, too");
}

#[tokio::test]
async fn a_session_ends_with_time_with_the_post_and_with_a_new_password() {
    let world = World::new();
    let who = world.supervisor("jia", world.a, Role::Supervisor);
    let cookies = world.sign_in("jia").await;
    world.sql("UPDATE assignment SET to_ms = ?1 WHERE staff = ?2", (world.now_ms(), who.as_bytes()));
    assert_eq!(world.get("/overview", &cookies).await.status, 403, "no post, nothing to see");
    assert_eq!(world.get("/api/v1/reports/visits", &cookies).await.problem(), "not_found");
    world.sql("UPDATE assignment SET to_ms = NULL WHERE staff = ?1", [who.as_bytes()]);
    world.pass_ms(login::SESSION_HOURS * 3_600_000 - 1);
    assert_eq!(world.get("/overview", &cookies).await.status, 200);
    world.pass_ms(1);
    assert_eq!(world.get("/overview", &cookies).await.status, 303);
    let cookies = world.sign_in("jia").await;
    let (now_ms, hash) = (world.now_ms(), login::hash(&world.random, "another-password"));
    let set = |tx: &rusqlite::Transaction<'_>| staff::set_password(tx, now_ms, who, None, &hash);
    world.app.store.write::<_, StaffError>(set).unwrap();
    assert_eq!(world.get("/overview", &cookies).await.status, 303);
}

#[tokio::test]
async fn who_reads_no_reports_sees_nothing() {
    let world = World::new();
    for (login, role) in [("guanli", Role::SystemAdministrator), ("wangge", Role::MicroGridManager)] {
        world.supervisor(login, world.city(), role);
        let cookies = world.sign_in(login).await;
        assert_eq!(world.get("/overview", &cookies).await.status, 403, "{login}");
    }
}

#[tokio::test]
async fn the_language_switch_leads_back_here_and_nowhere_else() {
    let world = World::new();
    let answer = world.get("/language/en?back=/visits%3Funit%3D1", "").await;
    assert_eq!(
        (answer.status, answer.headers[header::LOCATION].to_str().unwrap()),
        (StatusCode::SEE_OTHER, "/visits?unit=1")
    );
    assert_eq!(answer.cookie("zoufang-language").as_deref(), Some("en"));
    let elsewhere = world.get("/language/en?back=//example.cn/", "").await;
    assert_eq!(elsewhere.headers[header::LOCATION], "/");
}

#[tokio::test]
async fn phones_learn_of_posts_and_of_their_end() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let who = world.supervisor("jia", world.a, Role::GridLeader);
    let page = phone.pull(&world).await;
    use zoufang_domain::schema::Kind;
    assert_eq!(support::ids(&page, Kind::Staff), [who.0]);
    let posts = support::ids(&page, Kind::Assignment);
    assert_eq!(posts.len(), 1);
    let (now_ms, post) = (world.now_ms() + 5000, zoufang_domain::ids::AssignmentId(posts[0]));
    let to = zoufang_domain::calendar::Moment::from_ms(now_ms);
    let end = |tx: &rusqlite::Transaction<'_>| staff::end(tx, now_ms, CONSOLE, post, to);
    world.app.store.write::<_, StaffError>(end).unwrap();
    assert!(matches!(world.app.store.write(end), Err(StaffError::NoPost)));
    let record = world.record(world.a, Kind::Assignment, post.0);
    let read: zoufang_domain::staff::Assignment = record.read().unwrap();
    assert_eq!(read.to, Some(to));
    assert_eq!(zoufang_domain::index::index(&record).status, "closed");
    assert_eq!(support::ids(&phone.pull(&world).await, Kind::Assignment), [post.0]);
}
