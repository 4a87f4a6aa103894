//! What a unit sets for everyone below: rules, lists, calendars, forms, types of care need.

use crate::{city, done, errors, run, run_in};
use std::path::Path;

#[test]
fn rules_lists_and_calendars_are_set_listed_and_ended() {
    let (folder, data) = city();
    let list = ["rule", "must-visit", "六必访", "--unit", "9901", "--reason", "测试", "--use", "rented"];
    assert!(done(&run(&data, &list)).starts_with("清单编号 "));
    let monthly = ["rule", "add", "每月必访", "--unit", "990101", "--every", "month", "--list", "六必访"];
    let added = done(&run(&data, &monthly));
    let rule = added.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(done(&run(&data, &monthly)).starts_with("已有同样的规则"), "twice is once");
    done(&run(&data, &["rule", "add", "五来听", "--unit", "9901", "--days", "5,15,25"]));
    let listed = done(&run(&data, &["rule", "list"]));
    for text in ["每月 5、15、25 日", "六必访", &rule] {
        assert!(listed.contains(text), "{listed}");
    }
    let cases: [(&[&str], i32, &str); 5] = [
        (&["rule", "add", "五来听", "--unit", "9901", "--every", "week"], 3, "rule end"),
        (&["rule", "add", "x", "--unit", "9901", "--days", "0"], 3, "1 到 31"),
        (&["rule", "add", "x", "--unit", "9901"], 2, "--days"),
        (&["rule", "add", "x", "--unit", "9901", "--every", "week", "--list", "没有"], 4, "没有这个清单"),
        (&["rule", "end", "0198c0de-0000-7000-8000-000000000003"], 4, "没有这条规则"),
    ];
    for (arguments, code, text) in cases {
        let output = run(&data, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {}", errors(&output));
        assert!(errors(&output).contains(text), "{arguments:?} {}", errors(&output));
    }
    done(&run(&data, &["rule", "end", &rule]));
    assert_eq!(run(&data, &["rule", "end", &rule]).status.code(), Some(4));

    let file = folder.path().join("2026.csv");
    std::fs::write(&file, "日期,安排\n2026-10-01,休\n2026-10-10,班\n").unwrap();
    let calendar = ["rule", "calendar", file.to_str().unwrap()];
    assert_eq!(done(&run(&data, &calendar)).trim(), "2026 年：休 1 天，调休上班 1 天");
    assert!(done(&run(&data, &calendar)).contains("未变"));
    std::fs::write(&file, "日期,安排\n2026-10-32,休\n").unwrap();
    let wrong = run(&data, &calendar);
    assert_eq!(wrong.status.code(), Some(3));
    assert!(errors(&wrong).contains("2026-10-01 的样子"), "{}", errors(&wrong));
}

/// A form's workbook with one question of that type.
fn form(folder: &Path, kind: &str) -> String {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheets: [(&str, [&[&str]; 2]); 2] = [
        ("settings", [&["form_id", "form_title"], &["safety", "测试安全检查"]]),
        ("survey", [&["type", "name", "label", "relevant", "purpose"], &[kind, "gas", "有燃气吗", "", "消防检查"]]),
    ];
    for (name, rows) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name).unwrap();
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, *cell).unwrap();
            }
        }
    }
    let file = folder.join("safety.xlsx");
    workbook.save(&file).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn forms_are_imported_shown_withdrawn_and_their_answers_exported() {
    let (folder, data) = city();
    let file = form(folder.path(), "yes_no");
    let import = ["form", "import", &file, "--unit", "9901"];
    assert_eq!(done(&run(&data, &import)).trim(), "已发布表单 safety 第 1 版，共 1 题");
    assert_eq!(done(&run(&data, &import)).trim(), "表单 safety 与第 1 版相同，没有改动");
    let elsewhere = run(&data, &["form", "import", &file, "--unit", "990101"]);
    assert_eq!(elsewhere.status.code(), Some(3));
    assert!(errors(&elsewhere).contains("form_id"), "{}", errors(&elsewhere));
    form(folder.path(), "geopoint");
    let wrong = run_in(&data, "en_US.UTF-8", &import);
    assert_eq!(wrong.status.code(), Some(3));
    let told = errors(&wrong);
    assert!(told.contains("sheet survey, row 2, column A \"type\": this type is not supported"), "{told}");
    assert!(told.contains("the form has 1 errors, and nothing of it was imported"), "{told}");
    form(folder.path(), "text");
    assert!(done(&run(&data, &import)).contains("第 2 版"));
    let listed = done(&run(&data, &["form", "list"]));
    assert!(listed.contains("测试安全检查") && listed.matches("safety").count() == 2, "{listed}");
    let shown = done(&run(&data, &["form", "show", "safety"]));
    assert!(shown.contains("有燃气吗") && shown.contains("文字") && shown.contains("消防检查"), "{shown}");
    assert!(done(&run(&data, &["form", "show", "safety", "1"])).contains("是否"));

    let answers = done(&run(&data, &["form", "answers", "safety", "--unit", "990101"]));
    assert_eq!(answers.trim_end(), "\u{feff}走访编号,微网格,户编号,开始时间,结果,表单版本,gas");
    done(&run(&data, &["form", "withdraw", "safety"]));
    let cases: [(&[&str], i32, &str); 5] = [
        (&["form", "withdraw", "safety"], 4, "已停用"),
        (&["form", "show", "nothing"], 4, "没有这张表单"),
        (&["form", "answers", "nothing", "--unit", "9901"], 4, "没有这张表单"),
        (&["form", "answers", "safety"], 2, "--unit"),
        (&["form", "answers", "safety", "--unit", "没有"], 4, ""),
    ];
    for (arguments, code, text) in cases {
        let output = run(&data, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {}", errors(&output));
        assert!(errors(&output).contains(text), "{arguments:?} {}", errors(&output));
    }
}

#[test]
fn types_of_care_need_are_set_once_and_lists_follow_them() {
    let (_folder, data) = city();
    let add = |name: &'static str, roles: &'static str, days: &'static str| {
        [
            "care-type",
            "add",
            name,
            "--unit",
            "9901",
            "--purpose",
            "测试问候",
            "--seen-by",
            roles,
            "--valid-max-days",
            days,
        ]
    };
    let added = done(&run(&data, &add("测试独居", "grid_leader,micro_grid_manager", "180")));
    assert!(added.starts_with("已新增关爱需求类型 "), "{added}");
    let again = done(&run(&data, &add("测试独居", "micro_grid_manager,grid_leader", "180")));
    assert!(again.starts_with("已有同样的类型"), "the order of roles says nothing: {again}");
    let cases: [(&[&str], i32, &str); 4] = [
        (&add("测试独居", "auxiliary", "180"), 3, "请换一个名称"),
        (&add("测试其他", "auxiliary", "0"), 3, "1 到 731"),
        (&add("测试其他", "mayor", "90"), 2, "micro_grid_manager"),
        (
            &["rule", "must-visit", "x", "--unit", "9901", "--reason", "测试", "--care-need", "没有"],
            4,
            "没有这个关爱需求类型",
        ),
    ];
    for (arguments, code, text) in cases {
        let output = run(&data, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {}", errors(&output));
        assert!(errors(&output).contains(text), "{arguments:?} {}", errors(&output));
    }
    let list = ["rule", "must-visit", "测试清单", "--unit", "990101", "--reason", "测试", "--care-need", "测试独居"];
    assert!(done(&run(&data, &list)).starts_with("清单编号 "));
    let listed = done(&run(&data, &["care-type", "list"]));
    for text in ["测试独居", "测试问候", "180", "网格长"] {
        assert!(listed.contains(text), "{listed}");
    }
}

#[test]
fn a_notice_is_sent_listed_counted_and_withdrawn() {
    let (folder, data) = city();
    done(&run(&data, &["staff", "add", "测试管理员", "--role", "micro_grid_manager", "--unit", "第1微网格"]));
    done(&run(&data, &["staff", "add", "测试台乙", "--role", "community_desk", "--unit", "乙社区居民委员会"]));
    done(&run(&data, &["staff", "add", "测试台甲", "--role", "community_desk", "--unit", "甲社区居民委员会"]));
    let send = |by: &[&str], more: &[&str]| {
        let unit = ["notice", "send", "--unit", "990101001001", "--kind", "safety", "--title", "冬季用火安全"];
        run(&data, &[&unit[..], more, by].concat())
    };
    let body = ["--body", "测试正文", "--needs-receipt"];
    let sent = done(&send(&["--by", "测试台甲"], &body));
    assert!(sent.starts_with("已发出通知 "), "{sent}");
    let id = sent.trim().rsplit(' ').next().unwrap().to_owned();
    let file = folder.path().join("notice.txt");
    std::fs::write(&file, "\u{feff}第一行\r\n第二行\r\n").unwrap();
    let from_file = ["--body-file", file.to_str().unwrap(), "--to", "2099-12-31"];
    assert!(
        done(&run_in(&data, "en_US.UTF-8", &{
            let unit = ["notice", "send", "--unit", "9901", "--kind", "task", "--title", "全市"];
            [&unit[..], &from_file].concat()
        }))
        .starts_with("notice sent: ")
    );
    let long = "字".repeat(2001);
    let cases: [(&[&str], &[&str], i32, &str); 6] = [
        (&["--by", "测试台乙"], &body, 3, "没有任职"),
        (&["--by", "测试管理员"], &body, 3, "没有任职"),
        (&[], &["--body", &long], 2, "2000"),
        (&[], &["--body", "测试", "--from", "2026-12-02", "--to", "2026-12-01"], 2, "早于起始日"),
        (&[], &[], 2, "--body"),
        (&[], &["--body-file", "/nonexistent"], 4, "无法读写"),
    ];
    for (by, more, code, says) in cases {
        let output = send(by, more);
        assert_eq!(output.status.code(), Some(code), "{}", errors(&output));
        assert!(errors(&output).contains(says), "{}", errors(&output));
    }
    let list = done(&run(&data, &["notice", "list", "--unit", "990101001001"]));
    for text in ["冬季用火安全", "安全提醒", "有效", "测试台甲", "全市", &id] {
        assert!(list.contains(text), "{text}: {list}");
    }
    let elsewhere = done(&run(&data, &["notice", "list", "--unit", "990101001002"]));
    assert!(!elsewhere.contains("冬季用火安全") && elsewhere.contains("全市"), "{elsewhere}");
    let report = done(&run(&data, &["report", "notices", "--format", "csv"]));
    assert!(report.contains("冬季用火安全,安全提醒,有效") && report.contains(",0,1,0,0,3"), "{report}");

    let receipts = ["notice", "receipts", &id];
    let table = done(&run(&data, &receipts));
    for text in ["已读 0 / 1 人", "走访告知 0 次，0 / 3 户", "第1微网格", "测试管理员", "未读"] {
        assert!(table.contains(text), "{text}: {table}");
    }
    let english = done(&run_in(&data, "en_US.UTF-8", &[&receipts[..], &["--format", "csv"]].concat()));
    assert!(english.contains("unit,name,receipt\r\n") && english.contains("测试管理员,not read"), "{english}");
    let json: serde_json::Value =
        serde_json::from_str(&done(&run(&data, &[&receipts[..], &["--format", "json"]].concat()))).unwrap();
    assert_eq!(json["notice"]["read"], serde_json::json!({"numerator": 0, "denominator": 1}));
    assert_eq!(json["readers"][0]["has_read"], false);
    assert_eq!(run(&data, &[&receipts[..], &["--unit", "990101001002"]].concat()).status.code(), Some(4));

    let withdraw =
        |id: &str, by: &[&str]| run(&data, &[&["notice", "withdraw", id, "--reason", "日期有误"][..], by].concat());
    assert_eq!(withdraw(&id, &["--by", "测试台乙"]).status.code(), Some(3));
    assert_eq!(done(&withdraw(&id, &["--by", "测试台甲"])).trim(), "通知已撤回");
    assert!(errors(&withdraw(&id, &[])).contains("已经撤回"));
    assert_eq!(withdraw("0198c0de-0000-7000-8000-000000000005", &[]).status.code(), Some(4));
    assert!(done(&run(&data, &["notice", "list"])).contains("已撤回"));
}
