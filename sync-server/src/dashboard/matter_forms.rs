//! The form of each move: which texts it asks for, and what becomes of them.

use super::frame::Frame;
use serde_json::Value;
use std::collections::BTreeMap;
use zoufang_domain::ids::UnitId;
use zoufang_domain::matter::{Ending, EventKind};
use zoufang_domain::operation::Fields;
use zoufang_domain::unit::Level;

/// A move with its form.
pub(super) struct MoveForm {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) fields: Vec<FieldForm>,
}

/// One input of a form.
pub(super) struct FieldForm {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) input: Input,
    pub(super) required: bool,
}

/// What sort of input.
pub(super) enum Input {
    Line,
    Lines,
    Day,
    OneOf(Vec<(String, String)>),
}

/// What a move may hold beside what it needs.
fn extras(event: EventKind) -> &'static [&'static str] {
    match event {
        EventKind::Answer => &["words"],
        EventKind::VerifyOk => &["words"],
        EventKind::FactFile => &["since", "parties", "tried"],
        EventKind::GrantExtension | EventKind::Dispatch | EventKind::Supervise | EventKind::Merge => &["reason"],
        EventKind::Close => &["text"],
        _ => &[],
    }
}

/// The forms of some moves. `units` are those to which the matter may be given, top first.
pub(super) fn of(
    f: &Frame,
    moves: &[EventKind],
    units: &[(UnitId, String)],
    in_charge: Option<UnitId>,
) -> Vec<MoveForm> {
    let form = |event: &EventKind| {
        let needed = event.transition().needs.iter().map(|name| (*name, true));
        let asked = needed.chain(extras(*event).iter().map(|name| (*name, false)));
        let fields = asked.map(|(name, required)| FieldForm {
            name,
            label: f.label("told", name).to_owned(),
            input: input(f, name, units, in_charge),
            required,
        });
        MoveForm { name: event.name(), label: f.label("event", event.name()).to_owned(), fields: fields.collect() }
    };
    moves.iter().map(form).collect()
}

fn input(f: &Frame, name: &str, units: &[(UnitId, String)], in_charge: Option<UnitId>) -> Input {
    let labelled = |name: &'static str| (name.to_owned(), f.label("ending", name).to_owned());
    match name {
        "until" | "review" => Input::Day,
        "unit" => {
            let others = units.iter().rev().filter(|(id, _)| Some(*id) != in_charge);
            Input::OneOf(others.map(|(id, name)| (id.to_string(), name.clone())).collect())
        }
        "ending" => Input::OneOf(Ending::ALL.iter().map(|it| labelled(it.name())).collect()),
        "level" => {
            let levels = Level::ALL.into_iter().filter(|level| *level != Level::MicroGrid);
            Input::OneOf(levels.map(|it| (it.name().to_owned(), f.label("level", it.name()).to_owned())).collect())
        }
        "done" | "attempts" | "facts" | "tried" => Input::Lines,
        _ => Input::Line,
    }
}

/// What a form sent, as an event holds it: only what the move asks for, without what was left empty.
pub(super) fn data(event: EventKind, sent: &BTreeMap<String, String>) -> Fields {
    let asked = event.transition().needs.iter().chain(extras(event));
    let filled = asked.filter_map(|name| Some((*name, sent.get(*name)?.trim())));
    let value = |name: &str, text: &str| match name {
        "attempts" => text.lines().map(str::trim).filter(|line| !line.is_empty()).map(Value::from).collect(),
        _ => Value::from(text),
    };
    filled.filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name.to_owned(), value(name, text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_holds_what_it_asks_for_and_nothing_else() {
        let sent = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
        let answer = data(
            EventKind::Answer,
            &sent(&[
                ("told", " 测试甲 "),
                ("how", "电话"),
                ("words", " "),
                ("desk", "elsewhere"),
                ("ending", "resolved"),
            ]),
        );
        assert_eq!(
            answer.into_iter().collect::<Vec<_>>(),
            [("how".to_owned(), Value::from("电话")), ("told".to_owned(), Value::from("测试甲"))]
        );
        let tried = data(EventKind::Unreachable, &sent(&[("attempts", "上门\r\n\r\n电话 ")]));
        assert_eq!(tried["attempts"], serde_json::json!(["上门", "电话"]));
    }
}
