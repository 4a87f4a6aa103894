//! Forms: conditions and limits as people write them, and definitions with answers as a server or an altered app may send them. What is
//! promised: it always ends in an answer or in a place, and what may be published is judged alike however often it is asked.

use super::{Seen, roughly, seen};
use serde_json::{Value, json};
use zoufang_domain::form::FormDefinition;
use zoufang_domain::form::answers::{judge, kept};
use zoufang_domain::form::check::{DEFINITION_MAX_BYTES, problems};
use zoufang_domain::form::expression::{EXPRESSION_MAX_CHARS, Expression, Value as Operand};
use zoufang_domain::operation::Fields;

pub(super) const WORDS: &[&str] = &[
    "${a}",
    "${b}",
    "${",
    "}",
    "'x'",
    "\"x\"",
    "“",
    "”",
    "and",
    "or",
    "not(",
    "selected(${a}, 'x')",
    "selected(., 'x')",
    "true()",
    "false()",
    "(",
    ")",
    "-",
    "+",
    "=",
    "!=",
    "<=",
    ">=",
    ".",
    "0.0001",
    "1000000000",
    "'2026-01-01'",
    "shown_when",
    "limits",
    "choices",
    "required",
    "many_of",
    "one_of",
    "yes_no",
    "number",
    "whole",
    "date",
    "photo",
];

pub(super) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let field = |id: &str, kind: &str, more: Value| {
        let mut field = json!({"id": id, "type": kind, "label": {"zh": "测试"}, "purpose": "测试"});
        if let (Value::Object(field), Value::Object(more)) = (&mut field, more) {
            field.extend(more);
        }
        field
    };
    let choices = json!([{"id": "x", "label": {"zh": "甲"}}, {"id": "y", "label": {"zh": "乙"}}]);
    let whole = json!({"form": {"form": "f", "version": 1, "name": "测试", "fields": [
            field("a", "one_of", json!({"choices": choices, "required": true})),
            field("b", "number", json!({"shown_when": "${a} = 'x'", "limits": ". >= 0 and . < 20.5", "whole": true})),
            field("c", "many_of", json!({"choices": choices, "shown_when": "not(${b} > 3)"})),
            field("d", "date", json!({"limits": ". >= '2000-01-01'"})),
            field("e", "yes_no", json!({"shown_when": "selected(${c}, 'y')"})),
            field("p", "photo", json!({})),
        ]},
        "answers": {"a": "x", "b": 3, "c": ["y"], "d": "2026-01-01", "e": true, "p": [], "unheard": {"of": 1}}});
    vec![
        ("condition", b"${a} = 'x' and (${b} + 1 <= 20 or not(selected(${c}, 'y')))".to_vec()),
        ("limits", b". >= '2000-01-01' and -(1 - 2.5) != 0".to_vec()),
        ("definition", whole.to_string().into_bytes()),
    ]
}

pub(super) fn run(input: &[u8]) -> Seen {
    let Ok(text) = std::str::from_utf8(input) else { return seen("no text") };
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(whole)) => filled_in(&Value::Object(whole)),
        _ => expression(text),
    }
}

fn expression(text: &str) -> Seen {
    match Expression::parse(text) {
        Err(error) => {
            let length = text.chars().count();
            assert!((1..=length.min(EXPRESSION_MAX_CHARS) + 1).contains(&error.at), "{error} of {length}");
            seen(("refused", error.what))
        }
        Ok(expression) => {
            assert!(text.chars().count() <= EXPRESSION_MAX_CHARS);
            let values = [
                Operand::Empty,
                Operand::Bool(true),
                Operand::Number(i64::MAX),
                Operand::Number(i64::MIN + 1),
                Operand::Text("2026-01-01".into()),
                Operand::Many(vec!["x".into(), "y".into()]),
            ];
            let mut held = Vec::new();
            for own in &values {
                for other in &values {
                    let find = |name: &str| (name != "nobody").then_some(other);
                    let holds = expression.holds(own, &find);
                    assert_eq!(holds, expression.holds(own, &find), "asked twice");
                    held.push(holds);
                }
            }
            seen(("read", roughly(expression.fields().count()), held))
        }
    }
}

fn filled_in(whole: &Value) -> Seen {
    let read = |name: &str| whole.get(name).cloned().unwrap_or_default();
    let Ok(definition) = serde_json::from_value::<FormDefinition>(read("form")) else { return seen("no form") };
    let answers: Fields = serde_json::from_value(read("answers")).unwrap_or_default();
    let wrong = problems(&definition);
    if wrong.is_empty() {
        let text = serde_json::to_string(&definition).expect("a definition is written");
        assert!(text.len() <= DEFINITION_MAX_BYTES);
        assert_eq!(serde_json::from_str::<FormDefinition>(&text).expect("what is published reads"), definition);
    }
    // Also what was never checked ends: a phone takes what a server sends.
    let judged = judge(&definition, &answers, true);
    let taken = kept(&definition, &answers, &judged.shown);
    if wrong.is_empty() {
        let again = judge(&definition, &taken, true);
        assert_eq!(again, judged, "what a visit takes over is judged as the draft was");
        let attempt = judge(&definition, &answers, false);
        assert!(attempt.shown == judged.shown && attempt.problems.len() <= judged.problems.len());
    }
    let faults: Vec<_> = judged.problems.iter().map(|problem| problem.what).collect();
    let parts: Vec<_> = wrong.iter().take(4).map(|problem| problem.part).collect();
    seen((parts, faults, roughly(judged.shown.len()), roughly(taken.len())))
}
