use crate::phone::{Phone, home_draft, invalid_field};
use zoufang_core::households::{DwellingEdit, HomeDraft, HouseholdEdit};
use zoufang_core::matters::MatterDraft;
use zoufang_core::residents::ResidentDraft;
use zoufang_core::views::SearchHit;
use zoufang_core::visits::{VisitChange, VisitDraft};
use zoufang_domain::home::Address;
use zoufang_domain::ids::HouseholdId;
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::resident::ResidencyKind;
use zoufang_domain::schema::Kind;
use zoufang_domain::visit::{Mode, Outcome};

fn noted(phone: &Phone, home: HouseholdId, note: &str) -> uuid::Uuid {
    let draft = VisitDraft { note: note.into(), ..VisitDraft::new(home, Mode::Door, Outcome::Done) };
    phone.core.save_visit(draft).unwrap().id.0
}

fn found(phone: &Phone, query: &str) -> Vec<SearchHit> {
    let view = phone.core.search(query, 100).unwrap();
    assert!(view.is_complete);
    for hit in &view.hits {
        let shown = hit.excerpt.chars().skip(hit.match_start_chars as usize).take(hit.match_len_chars as usize);
        assert_eq!(shown.count(), hit.match_len_chars as usize, "the match lies inside {}", hit.excerpt);
    }
    view.hits
}

fn ids(phone: &Phone, query: &str) -> Vec<uuid::Uuid> {
    found(phone, query).iter().map(|hit| hit.id).collect()
}

fn matched(hit: &SearchHit) -> String {
    hit.excerpt.chars().skip(hit.match_start_chars as usize).take(hit.match_len_chars as usize).collect()
}

#[test]
fn any_two_characters_are_found_in_order_and_next_to_each_other() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲").household;
    let leak = noted(&phone, home, "厨房水管漏水，已报修");
    let water = noted(&phone, home, "水表正常，漏。水");
    assert_eq!(ids(&phone, "漏水"), [leak]);
    assert_eq!(ids(&phone, "水管漏水"), [leak]);
    assert_eq!(ids(&phone, "管漏"), [leak]);
    assert_eq!(ids(&phone, "水漏"), [] as [uuid::Uuid; 0], "not in this order");
    assert_eq!(ids(&phone, "漏水已"), [] as [uuid::Uuid; 0], "not across a comma");
    assert_eq!(ids(&phone, "水管 报修"), [leak], "both words");
    assert_eq!(ids(&phone, "水管，水表"), [] as [uuid::Uuid; 0]);
    assert_eq!(ids(&phone, "正常 漏"), [water], "a single character narrows");
    let hit = &found(&phone, "漏水")[0];
    assert_eq!((hit.kind, hit.field, hit.household, matched(hit).as_str()), (Kind::Visit, "note", Some(home), "漏水"));
    assert_eq!(hit.title, "3号楼1单元301室 测试甲");
}

#[test]
fn every_noun_is_found_and_homes_come_first() {
    let phone = Phone::manager();
    let home = phone
        .core
        .add_home(&HomeDraft { phone: Some("00012345678".into()), ..home_draft("3", "301", "张三样例") })
        .unwrap();
    let person = ResidentDraft {
        household: home.household,
        name: "欧阳样例".into(),
        sex: None,
        birth_year: None,
        phone: None,
        kind: ResidencyKind::Registered,
        lives_where_registered: None,
        from: None,
    };
    let person = phone.core.add_resident(&person).unwrap();
    let matter = MatterDraft {
        household: Some(home.household),
        ..MatterDraft::new(MatterKind::Help, Track::Simple, "样例楼道灯坏")
    };
    let matter = phone.core.report_matter(matter).unwrap();
    phone.core.note(matter.id, "电工周三来").unwrap();
    let visit = noted(&phone, home.household, "样例说路灯坏了");
    let hits = found(&phone, "样例");
    let kinds: Vec<Kind> = hits.iter().map(|hit| hit.kind).collect();
    assert_eq!(kinds, [Kind::Resident, Kind::Household, Kind::Visit, Kind::Matter]);
    assert!(hits.iter().all(|hit| hit.household == Some(home.household)));
    assert_eq!(ids(&phone, "1单元301"), [home.dwelling.0]);
    assert_eq!(ids(&phone, "3-1-301"), [home.dwelling.0], "as people write it");
    assert_eq!(ids(&phone, "3-2-301"), [] as [uuid::Uuid; 0]);
    assert_eq!(ids(&phone, "3 301"), [home.dwelling.0]);
    assert_eq!(ids(&phone, "1234"), [home.household.0]);
    assert_eq!(found(&phone, "电工")[0].field, "event");
    assert_eq!(phone.core.search("样例", 2).unwrap().hits.len(), 2);
    assert_eq!(ids(&phone, "路灯"), [visit]);
    assert_eq!(ids(&phone, "欧阳"), [person.id.0]);
}

#[test]
fn names_are_found_by_initials_with_every_reading() {
    let phone = Phone::manager();
    let zhang = phone.home("1", "101", "张三样例").household.0;
    let shan = phone.home("1", "102", "单样例").household.0;
    let zeng = phone.home("1", "103", "曾样例").household.0;
    let lv = phone.home("1", "104", "吕测试").household.0;
    noted(&phone, HouseholdId(zhang), "张三说 zsyl 是暗号");
    assert_eq!(ids(&phone, "zsy")[0], zhang);
    assert_eq!(found(&phone, "zsy").len(), 2, "the name, and the note that holds the letters");
    assert_eq!(matched(&found(&phone, "zs")[0]), "张三");
    assert_eq!(ids(&phone, "syl")[0], shan, "单 is read shan");
    assert!(ids(&phone, "dyl").contains(&shan), "and dan");
    assert!(ids(&phone, "zyl").contains(&zeng) && ids(&phone, "cyl").contains(&zeng), "曾 is read zeng and ceng");
    assert_eq!(ids(&phone, "lcs"), [lv]);
    assert_eq!(ids(&phone, "ZS")[0], zhang, "case does not matter");
    assert_eq!(ids(&phone, "zy"), [zeng], "neighbours only: 张…样 is not next to each other");
    // The index holds zs, sy and yl of one name and also of others; the order is tried on the name.
    assert!(ids(&phone, "ylzs").is_empty());
}

#[test]
fn width_case_and_rare_characters_do_not_matter() {
    let phone = Phone::manager();
    let home = phone.home("甲", "101", "测试𬱖样").household;
    let visit = noted(&phone, home, "ＷＩＦＩ密码 Abc１２３，温度-5℃");
    for query in ["wifi", "ＷiＦi", "bc12", "ａｂｃ", "密码ABC"] {
        let expected = if query == "密码ABC" { vec![] } else { vec![visit] };
        assert_eq!(ids(&phone, query), expected, "{query}");
    }
    assert_eq!(matched(&found(&phone, "wifi")[0]), "ＷＩＦＩ", "shown as it was written");
    assert_eq!(ids(&phone, "试𬱖"), [home.0], "a character of Unicode 8");
}

#[test]
fn no_query_is_syntax() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲").household;
    noted(&phone, home, "普通记录 and or not near");
    for query in [
        "\"",
        "漏\" OR \"水",
        "NOT",
        "a*",
        "(测试",
        "测试)",
        "pairs:测试",
        "^测试",
        "%",
        "_",
        "\\",
        "'; DROP TABLE record; --",
        "home",
        "z",
        "i",
    ] {
        let hits = found(&phone, query);
        assert!(hits.len() <= 3, "{query}: {hits:?}");
    }
    assert_eq!(found(&phone, "home").len(), 0, "the index's own terms are no text");
    assert_eq!(found(&phone, "near").len(), 1);
    assert_eq!(found(&phone, "").len() + found(&phone, " ，。").len(), 0);
    assert_eq!(phone.core.search("测试", 0).unwrap().hits.len(), 0);
    assert_eq!(invalid_field(phone.core.search(&"长".repeat(65), 10)), "query");
}

#[test]
fn one_character_is_looked_for_without_the_index() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "张三样例");
    let visit = noted(&phone, home.household, "渗水");
    assert_eq!(ids(&phone, "渗"), [visit]);
    assert_eq!(ids(&phone, "张"), [home.household.0]);
    assert!(ids(&phone, "z").contains(&home.household.0), "an initial");
    assert_eq!(ids(&phone, "％"), [] as [uuid::Uuid; 0]);
    assert_eq!(ids(&phone, "3"), [home.dwelling.0]);
}

#[test]
fn the_index_follows_edits_corrections_and_removals() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "旧名样例");
    let visit = noted(&phone, home.household, "原来的话");
    assert_eq!(ids(&phone, "旧名"), [home.household.0]);
    let edit = HouseholdEdit { contact: Some(Some("新名样例".into())), ..HouseholdEdit::default() };
    phone.core.edit_household(home.household, &edit).unwrap();
    assert_eq!((ids(&phone, "旧名").len(), ids(&phone, "新名")), (0, vec![home.household.0]));
    let address = Address { building: "九".into(), unit: String::new(), room: "地下室".into() };
    phone.core.edit_dwelling(home.dwelling, &DwellingEdit { address: Some(address), used_as: None }).unwrap();
    assert_eq!((ids(&phone, "301").len(), ids(&phone, "地下室")), (0, vec![home.dwelling.0]));
    let change = VisitChange { note: Some("更正的话".into()), ..VisitChange::default() };
    phone.core.amend_visit(zoufang_domain::ids::VisitId(visit), &change, "写错了").unwrap();
    assert_eq!((ids(&phone, "原来").len(), ids(&phone, "更正")), (0, vec![visit]));
    phone.remove(Kind::Visit, visit);
    assert_eq!(ids(&phone, "更正").len(), 0);
    // The removed row's number is given out again: to a record that must be found, and under which the old text must not be.
    let next = noted(&phone, home.household, "后来的话");
    assert_eq!((ids(&phone, "后来"), ids(&phone, "更正").len()), (vec![next], 0));
    phone.remove(Kind::Visit, next);
    let last = noted(&phone, home.household, "最后的话");
    assert_eq!((ids(&phone, "最后"), ids(&phone, "后来").len()), (vec![last], 0));
    assert_eq!(phone.count("SELECT count(*) FROM search_stale"), 0);
}

#[test]
fn a_large_backlog_is_indexed_in_bounded_steps() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲").household;
    let first = noted(&phone, home, "最早的漏水");
    let last = noted(&phone, home, "最新的漏水");
    // 3,000 rows between the two, as a first pull brings them.
    phone.execute(&format!(
        "UPDATE record SET row = 10000 WHERE id = x'{}';
         INSERT INTO record (row, kind, id, area, status, class, sort, conflicts_count, body)
         WITH RECURSIVE n (at) AS (SELECT 100 UNION ALL SELECT at + 1 FROM n WHERE at < 3099)
         SELECT at, 6, randomblob(16), x'00', '', '', '', 0, json_object('kind', 'resident') FROM n;",
        last.simple()
    ));
    let view = phone.core.search("漏水", 10).unwrap();
    assert_eq!((view.hits.len(), view.hits[0].id, view.is_complete), (1, first, false));
    assert!(phone.core.index_for_search().unwrap());
    let view = phone.core.search("漏水", 10).unwrap();
    assert_eq!((view.hits.iter().map(|hit| hit.id).collect::<Vec<_>>(), view.is_complete), (vec![last, first], true));
}
