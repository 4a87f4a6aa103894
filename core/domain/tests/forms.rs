//! Forms: expressions that always end, definitions that are checked whole, answers that are judged field by field.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value as Json, json};
use zoufang_domain::form::answers::{AnswerFault, FilledForm, judge, kept};
use zoufang_domain::form::check::{DEFINITION_MAX_BYTES, Part, Wrong, problems};
use zoufang_domain::form::expression::{
    EXPRESSION_MAX_CHARS, ErrorKind, Expression, ExpressionError, OPEN_MAX_COUNT, Value,
};
use zoufang_domain::form::{FormDefinition, definition_id, is_id};
use zoufang_domain::operation::Fields;

/// Whether an expression holds where `n` is 12.5, `w` is 文字, `d` a day, `y` yes, `one` a, `many` a and b, and the answer itself is 3.
fn holds(text: &str) -> bool {
    let known = [
        ("n", Value::Number(125_000)),
        ("w", Value::Text("文字".into())),
        ("d", Value::Text("2026-02-03".into())),
        ("y", Value::Bool(true)),
        ("one", Value::Text("a".into())),
        ("many", Value::Many(vec!["a".into(), "b".into()])),
        ("numeral", Value::Text("-2.5".into())),
    ];
    let find = |name: &str| known.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
    Expression::parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).holds(&Value::Number(30_000), &find)
}

#[test]
fn expressions_hold_as_people_read_them() {
    for text in [
        "${n} = 12.5",
        "${n} != 12",
        "${n} > 12 and ${n} <= 12.5",
        "1 + 2 - 4 = -1",
        "0.1 + 0.2 = 0.3",
        "- - 2 = 2",
        "-(1 + 1) = -2",
        "${w} = '文字'",
        "${w} = “文字”",
        "${d} >= '2026-02-03' and ${d} < '2026-10-01'",
        "${y} = 'yes'",
        "${y} = true() and not(${y} = false())",
        "${y}",
        "selected(${one}, 'a') and ${one} = 'a'",
        "selected(${many}, 'b') and not(selected(${many}, 'c'))",
        ". = 3 and . + 1 = 4",
        "${unheard} = '' and ${unheard} != 'x'",
        "not(${unheard} > 1) and not(${unheard} <= 1)",
        "${numeral} < 0",
        "'10' > 9",
        "false() or true() and true()",
        "not(true()) or 1 < 2",
        "(1 = 2 or 2 = 2) and 3 = 3",
    ] {
        assert!(holds(text), "{text}");
    }
    for text in [
        "${n} < 12",
        "${w} > 'a'",
        "${w} + 1 = 1",
        "selected(${many}, 'a b')",
        "true() and false() or false()",
        "1 = 2 = 3",
        "''",
        "0",
        "${unheard}",
        "999999999 + 999999999 < 0",
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn what_is_out_of_all_bounds_is_no_number() {
    let least = Value::Number(i64::MIN);
    for text in ["-. > 0", "0 - . > 0", ". - 1 < 0", "-. < 0"] {
        assert!(!Expression::parse(text).unwrap().holds(&least, &|_| None), "{text}");
    }
}

#[test]
fn an_expression_that_does_not_read_says_where() {
    use ErrorKind as E;
    let too_long = "1".repeat(EXPRESSION_MAX_CHARS + 1);
    let nested = "(".repeat(OPEN_MAX_COUNT + 1);
    for (text, at, what) in [
        ("", 1, E::ValueExpected),
        ("${a} = ", 8, E::ValueExpected),
        ("${a} ${b}", 6, E::OperatorExpected),
        ("${a} = 'x", 8, E::TextNotClosed),
        ("(${a} = 'x'", 1, E::ParenthesisNotClosed),
        ("1 + not(2", 5, E::ParenthesisNotClosed),
        ("1 = 1)", 6, E::OperatorExpected),
        ("today() = 1", 1, E::Unknown),
        ("${a} * 2", 6, E::Unknown),
        ("${a b} = 2", 1, E::Unknown),
        ("$a = 2", 1, E::Unknown),
        ("1.23456 = 1", 1, E::NumberShape),
        ("1.2.3 = 1", 1, E::NumberShape),
        ("9999999999 = 1", 1, E::NumberShape),
        ("selected(${a}, b)", 16, E::ValueExpected),
        ("selected(${a}, 'b'", 19, E::ParenthesisNotClosed),
        ("and 1", 1, E::ValueExpected),
        ("中文 = 1", 1, E::Unknown),
        (&too_long, EXPRESSION_MAX_CHARS + 1, E::TooLong),
        (&nested, OPEN_MAX_COUNT + 1, E::TooDeep),
    ] {
        assert_eq!(Expression::parse(text), Err(ExpressionError { at, what }), "{text}");
    }
    let many_steps = format!("1{}", "+1".repeat(150));
    assert_eq!(Expression::parse(&many_steps).unwrap_err().what, E::TooLong);
}

#[test]
fn every_short_expression_ends_in_an_answer_or_a_place() {
    // All rows of five tokens out of these: whatever reads has an answer, whatever does not names a character within the text.
    let words = ["${a}", "'x'", "1", ".", "=", "<", "-", "and", "not(", "(", ")", "selected(${a},'x')"];
    let (mut read_count, mut all_count) = (0, 0);
    for number in 0..words.len().pow(5) {
        let digits = (0..5).map(|at| words[number / words.len().pow(at) % words.len()]);
        let text = digits.collect::<Vec<_>>().join(" ");
        all_count += 1;
        match Expression::parse(&text) {
            Ok(expression) => {
                read_count += 1;
                let once = expression.holds(&Value::Empty, &|_| None);
                assert_eq!(once, expression.holds(&Value::Empty, &|_| None), "{text}");
            }
            Err(error) => assert!((1..=text.chars().count() + 1).contains(&error.at), "{text}: {error}"),
        }
    }
    assert!(read_count > 1_000 && read_count < all_count / 10, "{read_count} of {all_count} read");
}

fn form(fields: Json) -> FormDefinition {
    serde_json::from_value(json!({"form": "safety", "version": 1, "name": "测试安全检查", "fields": fields})).unwrap()
}

fn field(id: &str, kind: &str, more: Json) -> Json {
    let mut field = json!({"id": id, "type": kind, "label": {"zh": "测试问题"}, "purpose": "测试"});
    field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    field
}

fn choices(ids: &[&str]) -> Json {
    ids.iter().map(|id| json!({"id": id, "label": {"zh": "测试选项"}})).collect()
}

/// Gas at home? If so, which, and when the hose was changed.
fn safety() -> FormDefinition {
    form(json!([
        field("intro", "note", json!({"purpose": ""})),
        field("gas", "yes_no", json!({"required": true})),
        field(
            "which",
            "one_of",
            json!({"choices": choices(&["bottle", "pipe"]), "shown_when": "${gas}", "required": true})
        ),
        field(
            "hose_on",
            "date",
            json!({"shown_when": "selected(${which}, 'bottle')", "limits": ". >= '2000-01-01'", "required": true})
        ),
        field("people", "number", json!({"limits": ". >= 0 and . <= 20", "whole": true})),
        field("looked_at", "many_of", json!({"choices": choices(&["door", "stairs"])})),
        field("words", "text", json!({})),
        field("photo", "photo", json!({})),
    ]))
}

fn wrong(fields: Json) -> Vec<(Option<usize>, Option<usize>, Part, Wrong)> {
    problems(&form(fields)).into_iter().map(|it| (it.field, it.choice, it.part, it.what)).collect()
}

#[test]
fn a_definition_is_checked_whole() {
    assert_eq!(problems(&safety()), []);
    let found = wrong(json!([
        field("a", "text", json!({"shown_when": "${b} = ${nobody}", "purpose": " "})),
        field("b", "one_of", json!({"choices": choices(&["x", "x"]), "shown_when": "${a} = 1"})),
        field("a", "note", json!({"required": true})),
        field("未", "number", json!({"choices": choices(&["x"]), "limits": ". <"})),
        field("c", "many_of", json!({"limits": "selected(., 'z') or selected(${b}, 'y')", "retention_days": 800})),
        field("d", "text", json!({"shown_when": ". = 1", "label": {"zh": "", "en": "x".repeat(201)}})),
        field("e", "text", json!({"shown_when": "${e} = 1"})),
        field("f", "text", json!({"shown_when": "${e} = 1"})),
    ]));
    let unknown = |name: &str| Wrong::UnknownField(name.into());
    let no_value = Wrong::Expression(ExpressionError { at: 4, what: ErrorKind::ValueExpected });
    assert_eq!(
        found,
        [
            (Some(0), None, Part::Purpose, Wrong::Missing),
            (Some(0), None, Part::ShownWhen, unknown("nobody")),
            (Some(1), Some(1), Part::Id, Wrong::Twice),
            (Some(2), None, Part::Id, Wrong::Twice),
            (Some(2), None, Part::Required, Wrong::NotForType),
            (Some(3), None, Part::Id, Wrong::NoId),
            (Some(3), None, Part::Choices, Wrong::NotForType),
            (Some(3), None, Part::Limits, no_value),
            (Some(4), None, Part::Choices, Wrong::Missing),
            (Some(4), None, Part::Retention, Wrong::TooMuch(730)),
            (Some(4), None, Part::Limits, Wrong::UnknownChoice("z".into())),
            (Some(4), None, Part::Limits, Wrong::UnknownChoice("y".into())),
            (Some(5), None, Part::Label, Wrong::Missing),
            (Some(5), None, Part::Label, Wrong::TooMuch(200)),
            (Some(5), None, Part::ShownWhen, Wrong::OwnAnswer),
            (Some(6), None, Part::ShownWhen, Wrong::Circular),
        ]
    );
}

#[test]
fn conditions_that_wait_for_each_other_are_all_named() {
    let on = |id: &str, of: &str| field(id, "text", json!({"shown_when": format!("${{{of}}} = 1")}));
    let found = wrong(json!([
        on("a", "c"),
        on("b", "a"),
        on("c", "b"),
        on("d", "c"),
        on("x", "y"),
        field("y", "text", json!({}))
    ]));
    let circular: Vec<_> = found.iter().map(|it| (it.0, it.3.clone())).collect();
    assert_eq!(circular, [0, 1, 2].map(|at| (Some(at), Wrong::Circular)));
}

#[test]
fn a_definition_that_does_not_fit_into_an_operation_is_not_published() {
    let long = |at: usize| field(&format!("f{at}"), "text", json!({"purpose": "测".repeat(200)}));
    let fields: Json = (0..90).map(long).collect();
    let found = wrong(fields);
    assert_eq!(found, [(None, None, Part::Fields, Wrong::TooMuch(DEFINITION_MAX_BYTES))]);
    assert_eq!(wrong(json!([])), [(None, None, Part::Fields, Wrong::Missing)]);
}

fn answers(of: Json) -> Fields {
    of.as_object().unwrap().clone().into_iter().collect()
}

/// Field and fault of all problems, and the ids of what is shown.
fn judged(of: Json, complete: bool) -> (Vec<(String, AnswerFault)>, Vec<String>) {
    let judged = judge(&safety(), &answers(of), complete);
    (judged.problems.into_iter().map(|it| (it.field, it.what)).collect(), judged.shown)
}

#[test]
fn only_what_is_shown_is_asked_for() {
    let missing = |id: &str| (id.to_owned(), AnswerFault::Missing);
    let (found, shown) = judged(json!({}), true);
    assert_eq!(found, [missing("gas")]);
    assert_eq!(shown, ["intro", "gas", "people", "looked_at", "words", "photo"]);
    assert_eq!(judged(json!({"gas": true}), true).0, [missing("which")]);
    assert_eq!(judged(json!({"gas": true, "which": "bottle"}), true).0, [missing("hose_on")]);
    assert_eq!(judged(json!({"gas": true, "which": "pipe"}), true).0, []);
    assert_eq!(judged(json!({}), false).0, [], "an attempt has no answers");
    // An answer that is hidden takes those with it that wait for it.
    let hidden = json!({"gas": false, "which": "bottle", "hose_on": "1999-01-01"});
    let (found, shown) = judged(hidden.clone(), true);
    assert_eq!((found.len(), shown.contains(&"hose_on".to_owned())), (0, false));
    let kept = kept(&safety(), &answers(hidden), &shown);
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["gas"]);
}

#[test]
fn each_wrong_answer_is_named() {
    let (found, _) = judged(
        json!({"gas": true, "which": "wood", "people": 21, "looked_at": ["door", "roof"], "words": 3, "photo": ["x"],
            "hose_on": "2026-1-1", "of_a_newer_version": {"kept": true}}),
        true,
    );
    let found: Vec<(&str, AnswerFault)> = found.iter().map(|(id, what)| (id.as_str(), *what)).collect();
    use AnswerFault::{Choice, Limits, Shape};
    assert_eq!(
        found,
        [("which", Choice), ("people", Limits), ("looked_at", Choice), ("words", Shape), ("photo", Shape)]
    );
    assert_eq!(judged(json!({"gas": true, "which": "bottle", "hose_on": "1999-12-31"}), true).0[0].1, Limits);
    assert_eq!(judged(json!({"gas": false, "words": "话".repeat(4_001)}), true).0[0].1, AnswerFault::TooLong);
    assert_eq!(judged(json!({"gas": false, "people": 1e300}), true).0[0].1, Shape);
    let twice = judged(json!({"gas": false, "people": 0.5, "looked_at": ["door", "door"]}), true).0;
    assert_eq!(twice.iter().map(|it| it.1).collect::<Vec<_>>(), [Shape, Shape], "not whole, and twice the same");
}

#[test]
fn a_definition_that_was_never_checked_still_ends() {
    let on = |id: &str, of: &str| field(id, "text", json!({"shown_when": format!("not(${{{of}}} = 'x')")}));
    let odd = form(json!([on("a", "b"), on("b", "a"), field("c", "text", json!({"shown_when": "(", "limits": "("}))]));
    let judged = judge(&odd, &answers(json!({"a": "x", "b": "x", "c": "y"})), true);
    assert!(judged.shown.contains(&"c".to_owned()) && judged.problems.is_empty());
}

#[test]
fn ids_and_what_a_newer_version_wrote() {
    assert!(is_id("a") && is_id("1") && is_id("a_b-c") && is_id(&"a".repeat(32)));
    assert!(!is_id("") && !is_id("-a") && !is_id("问") && !is_id("a b") && !is_id(&"a".repeat(33)));
    assert_ne!(definition_id("a", 1), definition_id("a", 2));
    assert_ne!(definition_id("a", 11), definition_id("a1", 1));
    let written = json!({"form": "f", "version": 3, "answers": {"a": 1}, "signature": "new"});
    let read: FilledForm = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), written);
}
