//! Residents' rights at the command line.

use crate::{city, done, errors, run};
use std::path::Path;
use zoufang_sync_server::store::{Store, StoreError};

/// The id of the home whose contact it is.
fn home_of(data: &Path, contact: &str) -> String {
    let store = Store::open(&data.join("server.db")).unwrap();
    let sql = "SELECT id FROM record WHERE kind = 5 AND sort = ?1";
    let found = store.read(|c| Ok::<_, StoreError>(c.query_row(sql, [contact], |row| row.get::<_, [u8; 16]>(0))?));
    uuid::Uuid::from_bytes(found.unwrap()).to_string()
}

#[test]
fn a_request_is_taken_down_copied_erased_and_listed() {
    let (_folder, data) = city();
    let home = home_of(&data, "测试甲");
    let unit = ["--unit", "第1微网格"];
    let take = |right| {
        let said = done(&run(&data, &[&["rights", "take", right, "--person", &home], &unit[..]].concat()));
        said.trim().rsplit(' ').next().unwrap().to_owned()
    };
    let (copy, delete) = (take("copy"), take("delete"));
    let listed = done(&run(&data, &["rights", "list"]));
    assert!(listed.contains("测试甲") && listed.contains("待办理 2"), "{listed}");

    let made = done(&run(&data, &[&["rights", "copy", "--person", &home], &unit[..]].concat()));
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    assert_eq!(made["household"][0]["fields"]["phone"], "13800000001");
    done(&run(&data, &[&["rights", "answer", &copy, "--answer", "已交本人"], &unit[..]].concat()));
    let again = run(&data, &[&["rights", "answer", &copy, "--answer", "已交本人"], &unit[..]].concat());
    assert_eq!(again.status.code(), Some(3), "{}", errors(&again));
    let wrong = run(&data, &[&["rights", "restrict", &delete], &unit[..]].concat());
    assert_eq!(wrong.status.code(), Some(3), "it is not what was asked for: {}", errors(&wrong));

    let erased = done(&run(&data, &[&["rights", "erase", &delete], &unit[..]].concat()));
    assert!(erased.contains("已删除"), "{erased}");
    let listed = done(&run(&data, &["rights", "list"]));
    assert!(!listed.contains("测试甲") && listed.contains("待办理 0"), "{listed}");
    let exports = done(&run(&data, &["rights", "exports"]));
    assert!(exports.contains("rights.copy") && exports.contains("household"), "{exports}");
    done(&run(&data, &["check"]));
    for file in ["server.db", "server.db.erasures"] {
        let bytes = std::fs::read(data.join(file)).unwrap();
        assert!(!bytes.windows("测试甲".len()).any(|it| it == "测试甲".as_bytes()), "{file}");
    }
}

#[test]
fn what_is_not_there_is_said() {
    let (_folder, data) = city();
    let nobody = "00000000-0000-0000-0000-000000000007";
    for arguments in [
        &["rights", "take", "copy", "--unit", "第1微网格", "--person", nobody][..],
        &["rights", "copy", "--unit", "第1微网格", "--person", nobody],
        &["rights", "erase", nobody, "--unit", "第1微网格"],
        &["rights", "lift", "--unit", "第1微网格", "--resident", nobody],
        &["rights", "release", "7"],
    ] {
        let output = run(&data, arguments);
        assert_eq!(output.status.code(), Some(4), "{arguments:?} {}", errors(&output));
    }
    let unreadable = run(&data, &["rights", "correct", nobody, "--unit", "第1微网格", "--set", "phone"]);
    assert_eq!(unreadable.status.code(), Some(2), "{}", errors(&unreadable));
}
