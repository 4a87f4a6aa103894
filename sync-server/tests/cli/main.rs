//! The command line as people and scripts meet it: help with examples, exit codes, both languages.
#![allow(clippy::unwrap_used, missing_docs)]

mod posts;
mod rights;
mod set_for_all;

use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(data: &Path, arguments: &[&str]) -> Output {
    run_in(data, "zh_CN.UTF-8", arguments)
}

fn run_in(data: &Path, lang: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zoufang-server"))
        .args(arguments)
        .env_clear()
        .env("LANG", lang)
        .env("ZOUFANG_DATA_DIR", data)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[track_caller]
fn done(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}{}", errors(output));
    text
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const TREE: &str = "level,code,name,parent_code\n2,9901,测试市,99\n3,990101,测试区,9901\n4,990101001,测试街道,990101\n\
                    5,990101001001,甲社区居民委员会,990101001\n5,990101001002,乙社区居民委员会,990101001\n";
const ROSTER: &str = "微网格,楼栋,单元,室,联系人,电话,人数,居住类型\n第1微网格,1,1,101,测试甲,13800000001,3,自住\n\
                      第1微网格,1,1,102,测试乙,13800000002,2,出租\n第2微网格,1,1,101,测试丙,13800000003,1,自住\n";

/// A data folder with a tree and a roster.
fn city() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::write(folder.path().join("tree.csv"), TREE).unwrap();
    std::fs::write(folder.path().join("roster.csv"), ROSTER).unwrap();
    done(&run(&data, &["import", "divisions", folder.path().join("tree.csv").to_str().unwrap()]));
    done(&run(
        &data,
        &["import", "roster", folder.path().join("roster.csv").to_str().unwrap(), "--community", "甲社区居民委员会"],
    ));
    (folder, data)
}

#[test]
fn every_verb_has_help_with_an_example_of_itself() {
    let nowhere = Path::new("/nonexistent");
    let verbs: &[&[&str]] = &[
        &["serve"],
        &["import"],
        &["import", "divisions"],
        &["import", "roster"],
        &["import", "undo"],
        &["import", "list"],
        &["staff"],
        &["staff", "add"],
        &["staff", "assign"],
        &["staff", "end"],
        &["staff", "list"],
        &["staff", "password"],
        &["enrol-code"],
        &["device"],
        &["device", "list"],
        &["device", "revoke"],
        &["device", "readmit"],
        &["handover"],
        &["handover", "make"],
        &["handover", "list"],
        &["quarantine"],
        &["retention"],
        &["quarantine", "list"],
        &["quarantine", "show"],
        &["quarantine", "accept"],
        &["quarantine", "rehome"],
        &["rights", "list"],
        &["rights", "take"],
        &["rights", "copy"],
        &["rights", "answer"],
        &["rights", "correct"],
        &["rights", "erase"],
        &["rights", "restrict"],
        &["rights", "lift"],
        &["rights", "refuse"],
        &["rights", "held"],
        &["rights", "release"],
        &["rights", "remove"],
        &["rights", "exports"],
        &["quarantine", "refuse"],
        &["form"],
        &["form", "import"],
        &["form", "list"],
        &["form", "show"],
        &["form", "withdraw"],
        &["form", "answers"],
        &["matter"],
        &["matter", "list"],
        &["matter", "show"],
        &["matter", "move"],
        &["matter", "open"],
        &["rule", "terms"],
        &["appointment"],
        &["appointment", "add"],
        &["appointment", "list"],
        &["notice"],
        &["notice", "send"],
        &["notice", "list"],
        &["notice", "withdraw"],
        &["notice", "receipts"],
        &["report"],
        &["backup"],
        &["restore"],
        &["check"],
    ];
    for verb in verbs.iter().copied() {
        let help = done(&run(nowhere, &[verb, &["--help"]].concat()));
        let example = format!("\n  zoufang-server {}", verb.join(" "));
        assert!(
            help.contains("Example:") && help.contains(&example) && help.contains("--data-dir"),
            "{verb:?}: {help}"
        );
    }
    let all = done(&run(nowhere, &["--help"]));
    assert!(all.contains("Exit codes:") && verbs.iter().all(|verb| all.contains(&format!("\n  {}", verb[0]))), "{all}");
}

#[test]
fn a_fresh_folder_takes_any_citys_tree_and_only_its_owner_reads_it() {
    let (_folder, data) = city();
    #[cfg(unix)]
    for (path, mode) in [(data.clone(), 0o700), (data.join("server.db"), 0o600)] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode, "{path:?}");
    }
    let report = done(&run(&data, &["report", "coverage", "--unit", "990101001", "--format", "csv"]));
    assert_eq!(report.lines().last().unwrap().trim_end(), ",合计,,0,3,0.0%");
    assert!(report.starts_with('\u{feff}'));
    let json: serde_json::Value = serde_json::from_str(&done(&run(
        &data,
        &["report", "coverage", "--unit", "甲社区居民委员会", "--format", "json"],
    )))
    .unwrap();
    assert_eq!(json["total"]["denominator"], 3);
    assert_eq!(json["children"][0]["rate"]["denominator"], 2);
    let list = done(&run(&data, &["import", "list"]));
    assert!(list.contains("tree.csv") && list.contains("roster.csv") && list.contains("花名册"), "{list}");
    done(&run(&data, &["check"]));
}

#[test]
fn a_file_with_errors_is_told_by_row_and_imports_the_rest_or_nothing() {
    let (folder, data) = city();
    let bad = folder.path().join("bad.csv");
    std::fs::write(&bad, ROSTER.replace("13800000002", "12").replace("测试甲", "测试丁")).unwrap();
    let output = run(&data, &["import", "roster", bad.to_str().unwrap(), "--community", "990101001001"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(errors(&output).contains("第 3 行 F 列（电话）"), "{}", errors(&output));
    assert!(!errors(&output).contains("测试乙"));
    assert!(String::from_utf8_lossy(&output.stdout).contains("更新 1"));
    std::fs::write(&bad, TREE.replace("5,990101001002", "5,99010100100")).unwrap();
    let output = run_in(&data, "en_GB.UTF-8", &["import", "divisions", bad.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3));
    assert!(errors(&output).contains("row 6, column B \"code\""), "{}", errors(&output));
}

#[test]
fn what_is_not_there_has_its_own_exit_code_in_both_languages() {
    let (folder, data) = city();
    let nowhere = folder.path().join("none");
    let cases: [(&Path, &[&str], i32, &str, &str); 8] = [
        (&nowhere, &["report", "visits"], 4, "没有数据库", "no database"),
        (&data, &["report", "visits", "--unit", "没有"], 4, "没有这个单位", "no such unit"),
        (&data, &["report", "visits", "--from", "2026-13-01"], 2, "日期有误", "dates are not valid"),
        (&data, &["staff", "assign", "无名", "--role", "auxiliary", "--unit", "9901"], 4, "没有这位", "no such member"),
        (&data, &["import", "undo", "99"], 4, "没有这个导入批次", "no such import"),
        (&data, &["device", "revoke", "x"], 4, "没有这部手机", "no such phone"),
        (&data, &["import", "roster", "missing.csv", "--community", "990101001001"], 4, "找不到文件", "no such file"),
        (&data, &["import", "roster", "x.csv", "--community", "9901"], 4, "不是社区", "not a community"),
    ];
    for (data, arguments, code, zh, en) in cases {
        for (lang, text) in [("C", zh), ("en_US.UTF-8", en)] {
            let output = run_in(data, lang, arguments);
            assert_eq!(output.status.code(), Some(code), "{arguments:?} {}", errors(&output));
            assert!(errors(&output).contains(text), "{arguments:?} {}", errors(&output));
        }
    }
    assert!(!nowhere.exists(), "a question makes no database");
    let both = run_in(&data, "C", &["staff", "add", "测试甲", "--role", "mayor", "--unit", "9901"]);
    assert_eq!(both.status.code(), Some(2));
    assert!(errors(&both).contains("micro_grid_manager"));
}

#[test]
fn staff_get_posts_passwords_and_codes() {
    let (folder, data) = city();
    let added =
        done(&run(&data, &["staff", "add", "测试甲", "--role", "supervisor", "--unit", "9901", "--login", "jia-1"]));
    let password = added.lines().find_map(|line| line.strip_prefix("密码（只显示这一次） ")).unwrap();
    assert_eq!(password.len(), 23);
    let twice = run(&data, &["staff", "add", "测试乙", "--role", "supervisor", "--unit", "9901", "--login", "JIA-1"]);
    assert_eq!(twice.status.code(), Some(3));
    let file = folder.path().join("password");
    std::fs::write(&file, "short\n").unwrap();
    let short = run(&data, &["staff", "password", "jia-1", "--password-file", file.to_str().unwrap()]);
    assert_eq!(short.status.code(), Some(3));
    std::fs::write(&file, "long-enough-1\n").unwrap();
    let set = done(&run(&data, &["staff", "password", "jia-1", "--password-file", file.to_str().unwrap()]));
    assert!(!set.contains("long-enough"));
    let several = run(&data, &["staff", "assign", "jia-1", "--role", "auxiliary", "--unit", "没有"]);
    assert_eq!(several.status.code(), Some(4));
    let posted =
        done(&run(&data, &["staff", "assign", "jia-1", "--role", "micro_grid_manager", "--unit", "第1微网格"]));
    let post = posted.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(done(&run(&data, &["staff", "list"])).contains(&post));
    done(&run(&data, &["staff", "end", &post]));
    assert_eq!(run(&data, &["staff", "end", &post]).status.code(), Some(4));

    let code = done(&run(&data, &["enrol-code", "--staff", "jia-1", "--plain"]));
    assert!(code.trim().len() > 30 && !code.trim().contains(char::is_whitespace), "{code}");
    let svg = folder.path().join("code.svg");
    let arguments = [
        "enrol-code",
        "--staff",
        "测试甲",
        "--qr",
        "--qr-svg",
        svg.to_str().unwrap(),
        "--server-url",
        "https://zoufang.example:8443",
    ];
    let shown = done(&run(&data, &arguments));
    assert!(shown.contains("15") && shown.contains('█'));
    assert!(std::fs::read_to_string(svg).unwrap().contains("<svg"));
    assert_eq!(
        run(&data, &["enrol-code", "--staff", "jia-1", "--qr"]).status.code(),
        Some(2),
        "a picture needs an address"
    );
    let chinese = run(&data, &["enrol-code", "--staff", "jia-1", "--qr", "--server-url", "https://走访.example"]);
    assert_eq!(chinese.status.code(), Some(2));
    assert!(errors(&chinese).contains("xn--"), "{}", errors(&chinese));
}

#[test]
fn a_backup_never_overwrites_and_plain_http_stays_on_this_machine() {
    let (folder, data) = city();
    let target = folder.path().join("backup.db");
    done(&run(&data, &["backup", target.to_str().unwrap()]));
    assert_eq!(run(&data, &["backup", target.to_str().unwrap()]).status.code(), Some(3));
    let open = run(&data, &["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(open.status.code(), Some(1));
    assert!(errors(&open).contains("TLS"), "{}", errors(&open));
}

#[test]
fn a_backup_is_put_back_and_what_stood_there_is_kept() {
    let (folder, data) = city();
    let backup = folder.path().join("backup.db");
    done(&run(&data, &["backup", backup.to_str().unwrap()]));
    done(&run(&data, &["import", "undo", "2"]));
    let homes = || done(&run(&data, &["report", "coverage", "--format", "csv"])).trim_end().to_owned();
    assert!(homes().ends_with(",合计,,0,0,–"), "{}", homes());
    let restored = run(&data, &["restore", backup.to_str().unwrap()]);
    assert!(done(&restored).contains("已从备份恢复"));
    assert!(
        errors(&restored).contains("server.db.before-") && errors(&restored).contains("停用"),
        "{}",
        errors(&restored)
    );
    assert!(homes().ends_with(",合计,,0,3,0.0%"), "{}", homes());
    done(&run(&data, &["check"]));
    let kept = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path());
    let kept = kept.filter(|path| path.to_string_lossy().contains(".before-")).collect::<Vec<_>>();
    assert_eq!(kept.len(), 1, "{kept:?}");
    let elsewhere = folder.path().join("elsewhere");
    done(&run(&elsewhere, &["restore", kept[0].to_str().unwrap()]));
    let there = done(&run(&elsewhere, &["report", "coverage", "--format", "csv"]));
    assert!(there.trim_end().ends_with(",合计,,0,0,–"), "what was kept is whole: {there}");
}

#[test]
fn what_is_no_backup_or_comes_while_a_server_runs_changes_nothing() {
    let (folder, data) = city();
    let before = std::fs::read(data.join("server.db")).unwrap();
    let other = folder.path().join("other.db");
    std::fs::write(&other, "no database at all").unwrap();
    let cut = folder.path().join("cut.db");
    std::fs::write(&cut, &before[..before.len() / 2]).unwrap();
    for (file, code, text) in [("none.db", 4, "找不到"), ("other.db", 5, "不是完好"), ("cut.db", 5, "不是完好")]
    {
        let refused = run(&data, &["restore", folder.path().join(file).to_str().unwrap()]);
        assert_eq!(refused.status.code(), Some(code), "{file}: {}", errors(&refused));
        assert!(errors(&refused).contains(text), "{file}: {}", errors(&refused));
    }
    let backup = folder.path().join("backup.db");
    done(&run(&data, &["backup", backup.to_str().unwrap()]));
    let store = zoufang_sync_server::store::Store::open(&data.join("server.db")).unwrap();
    let in_use = run(&data, &["restore", backup.to_str().unwrap()]);
    assert_eq!(in_use.status.code(), Some(1));
    assert!(errors(&in_use).contains("先停止服务"), "{}", errors(&in_use));
    drop(store);
    done(&run(&data, &["restore", backup.to_str().unwrap()]));
    let names: Vec<_> = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains("restoring")), "{names:?}");
}

#[test]
fn an_undone_import_is_gone() {
    let (_folder, data) = city();
    done(&run(&data, &["import", "undo", "2"]));
    let report = done(&run(&data, &["report", "coverage", "--format", "csv"]));
    assert!(report.trim_end().ends_with(",合计,,0,0,–"), "{report}");
    assert_eq!(run(&data, &["import", "undo", "2"]).status.code(), Some(3), "twice");
    done(&run(&data, &["import", "undo", "1"]));
    assert_eq!(run(&data, &["report", "coverage"]).status.code(), Some(4), "no tree");
    done(&run(&data, &["check"]));
}

#[test]
fn a_damaged_database_is_refused_or_found_with_what_to_do_and_never_made_anew() {
    let (_folder, data) = city();
    let file = data.join("server.db");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, []).unwrap();
    for verb in [&["check"][..], &["import", "list"], &["serve", "--listen", "127.0.0.1:0"]] {
        let refused = run_in(&data, "en_US.UTF-8", verb);
        assert_eq!(refused.status.code(), Some(1), "{verb:?}");
        assert!(
            errors(&refused).contains("it is empty; keep it aside and put the latest backup"),
            "{}",
            errors(&refused)
        );
        assert!(errors(&run(&data, verb)).contains("没有改动任何文件"), "{}", errors(&run(&data, verb)));
        assert_eq!(std::fs::metadata(&file).unwrap().len(), 0);
    }
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let cut = run_in(&data, "en_US.UTF-8", &["check"]);
    assert_eq!(cut.status.code(), Some(1));
    assert!(errors(&cut).contains("put the latest backup in their place"), "{}", errors(&cut));
    // A page of the middle, which the opening does not read: the check names it, and looks at the rest all the same.
    let mut altered = whole.clone();
    let from = altered.len() / 2 / 8_192 * 8_192;
    altered[from..from + 8_192].fill(0);
    std::fs::write(&file, &altered).unwrap();
    let found = run_in(&data, "en_US.UTF-8", &["check"]);
    assert_eq!(found.status.code(), Some(5), "{}", errors(&found));
    assert!(errors(&found).contains("integrity: "), "{}", errors(&found));
    std::fs::write(&file, &whole).unwrap();
    done(&run(&data, &["check"]));
}

#[test]
fn a_desk_takes_an_appointment_down_and_lists_it() {
    let (_folder, data) = city();
    done(&run(&data, &["staff", "add", "测试台甲", "--role", "community_desk", "--unit", "甲社区居民委员会"]));
    done(&run(&data, &["staff", "add", "测试台乙", "--role", "community_desk", "--unit", "乙社区居民委员会"]));
    let add = |by: &str, home: &str, slot: &str| {
        let unit = ["appointment", "add", "--unit", "第1微网格", "--purpose", "errand"];
        run(&data, &[&unit[..], &["--home", home, "--slot", slot, "--note", "测试事由", "--by", by]].concat())
    };
    let slot = "2026-12-01 09:00-10:00";
    assert!(done(&add("测试台甲", "1-1-101", slot)).starts_with("已登记预约 "));
    let wrong = [
        (add("测试台乙", "1-1-102", slot), 3, "没有任职"),
        (add("测试台甲", "1-1-999", slot), 4, "没有这一户"),
        (add("测试台甲", "1-1-102", "2026-12-01 10:00-09:00"), 2, "先起后止"),
        (add("无此人", "1-1-102", slot), 4, ""),
    ];
    for (output, code, says) in wrong {
        assert_eq!(output.status.code(), Some(code), "{}", errors(&output));
        assert!(errors(&output).contains(says), "{}", errors(&output));
    }
    let list = done(&run(&data, &["appointment", "list", "--unit", "甲社区居民委员会"]));
    assert!(list.contains("2026-12-01 09:00–10:00") && list.contains("待约定") && list.contains("预约办事"), "{list}");
    assert!(list.contains("1号楼1单元101室") && !list.contains("102室") && !list.contains("测试事由"), "{list}");
    let english = done(&run_in(&data, "en_GB.UTF-8", &["appointment", "list"]));
    assert!(english.contains("Proposed") && english.contains("Errand"), "{english}");
    let elsewhere = done(&run(&data, &["appointment", "list", "--unit", "乙社区居民委员会"]));
    assert!(!elsewhere.contains("待约定"), "{elsewhere}");
}
