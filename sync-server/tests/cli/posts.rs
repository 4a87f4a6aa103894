//! Who stands where, and how a post changes hands; what waits in quarantine, when nothing does.

use crate::{city, done, errors, run, run_in};

#[test]
fn a_second_manager_stands_beside_or_in_for_the_first_and_a_post_changes_hands() {
    let (_folder, data) = city();
    let add = |name: &str, more: &[&str]| {
        let asked = ["staff", "add", name, "--role", "micro_grid_manager", "--unit", "第1微网格"];
        run(&data, &[&asked[..], more].concat())
    };
    done(&add("测试甲", &[]));
    let second = add("测试乙", &[]);
    assert_eq!(second.status.code(), Some(3));
    assert!(errors(&second).contains("--co"), "{}", errors(&second));
    done(&add("测试乙", &["--co"]));
    assert_eq!(add("测试丙", &["--acting-for", "测试甲"]).status.code(), Some(2), "until when?");
    done(&add("测试丙", &["--acting-for", "测试甲", "--to", "2099-12-31"]));
    let id = "0198c0de-0000-7000-8000-000000000077";
    done(&add("测试戊", &["--co", "--id", id]));
    assert_eq!(add("测试己", &["--co", "--id", id]).status.code(), Some(3), "somebody else has it");
    let listed = done(&run(&data, &["staff", "list"]));
    assert!(listed.contains(id), "under the id that the person had: {listed}");
    assert!(listed.contains("（协管）") && listed.contains("（代管）"), "{listed}");

    let make =
        |from: &str, to: &str| run(&data, &["handover", "make", "--unit", "第1微网格", "--from", from, "--to", to]);
    done(&run(&data, &["staff", "add", "测试丁", "--role", "supervisor", "--unit", "9901"]));
    assert_eq!(make("测试丁", "测试甲").status.code(), Some(4), "no post there");
    assert_eq!(make("测试甲", "测试甲").status.code(), Some(2));
    let said = done(&make("测试甲", "测试丁"));
    assert!(said.contains("已交接") && said.contains("0 部手机"), "{said}");
    assert_eq!(make("测试甲", "测试丁").status.code(), Some(4), "it is no longer theirs");
    let listed = done(&run_in(&data, "C", &["--lang", "en", "handover", "list"]));
    assert!(listed.contains("测试甲") && listed.contains("测试丁") && listed.contains("erased"), "{listed}");
}

#[test]
fn an_empty_quarantine_and_an_entry_that_is_not_there_are_told() {
    let (_folder, data) = city();
    assert!(done(&run(&data, &["quarantine", "list"])).contains("编号"));
    for verb in [
        &["quarantine", "show", "7"][..],
        &["quarantine", "accept", "7"],
        &["quarantine", "rehome", "7", "--to", "第1微网格"],
        &["quarantine", "refuse", "7", "--answer", "测试"],
        &["device", "readmit", "0198c0de-0000-7000-8000-000000000001"],
    ] {
        let told = run(&data, verb);
        assert_eq!(told.status.code(), Some(4), "{verb:?}: {}", errors(&told));
    }
}
