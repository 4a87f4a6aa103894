use crate::phone::{Phone, micro_grid, wait};
use crate::server::{Answer, Server, json, usual};
use serde_json::json as value;
use zoufang_bindings::error::CoreError;
use zoufang_bindings::records::{
    AnswerValue, FormAnswer, FormAnswers, FormFault, SyncOptions, VisitCorrection, VisitField,
};
use zoufang_bindings::words::{FormFieldType, VisitMode, VisitOutcome};
use zoufang_domain::form::definition_id;
use zoufang_domain::ids::{DeviceId, StaffId, derived};
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::stamp::{Stamp, Version};
use zoufang_domain::wire::pull::{PullAnswer, Row};
use zoufang_domain::wire::route;

/// A server that has one form.
fn with_form(path: &str, body: &[u8]) -> Answer {
    if path != route::PULL {
        return usual(path, body);
    }
    let by = DeviceId(derived(&["test", "server"]));
    let version = Version { at: Stamp::default(), by, counter: 1 };
    let who = StaffId(derived(&["test", "console"]));
    let mut record = Record::empty(Kind::FormDefinition, definition_id("safety", 1), micro_grid(), version, who);
    let fields = value!({"form": "safety", "version": 1, "name": "测试安全检查", "fields": [
        {"id": "gas", "type": "yes_no", "label": {"zh": "有燃气吗", "en": "Is there gas?"}, "required": true, "purpose": "测试"},
        {"id": "people", "type": "number", "label": {"zh": "几人"}, "limits": ". < 20", "shown_when": "${gas}",
            "purpose": "测试", "retention_days": 30},
        {"id": "seen", "type": "many_of", "label": {"zh": "看过"}, "purpose": "测试",
            "choices": [{"id": "door", "label": {"zh": "门"}}, {"id": "stairs", "label": {"zh": "楼道"}}]}
    ]});
    record.f = serde_json::from_value(fields).unwrap();
    let row = Row::Is(serde_json::value::RawValue::from_string(record.to_canonical_json()).unwrap());
    json(&PullAnswer {
        epoch: 1,
        server_time: Stamp::default(),
        cursor: "cursor".into(),
        complete: true,
        from_start: true,
        rows: vec![row],
        grants: None,
        digests: None,
        settled: Vec::new(),
    })
}

fn answer(field: &str, value: AnswerValue) -> FormAnswer {
    FormAnswer { field: field.into(), value }
}

#[test]
fn a_form_is_filled_in_with_typed_answers() {
    let phone = Phone::enrolled(&Server::answering(with_form));
    wait(phone.core.sync().run(SyncOptions { verify: false, is_visit_day: false })).unwrap();
    let forms = phone.core.forms();
    let offered = forms.list().unwrap();
    assert_eq!((offered.len(), offered[0].fields[1].kind), (1, FormFieldType::Number));
    assert_eq!(
        (offered[0].fields[0].label.en.as_str(), offered[0].fields[1].label.en.as_str()),
        ("Is there gas?", "几人")
    );
    assert_eq!(offered[0].fields[1].retention_days, Some(30));
    assert_eq!(forms.find("safety".into(), 1).unwrap(), offered[0]);
    assert!(matches!(forms.find("safety".into(), 2), Err(CoreError::NotHere { what, .. }) if what == "form"));

    let home = phone.home("305");
    let drafts = phone.core.drafts();
    let draft = drafts.start_visit(home.household).unwrap();
    drafts.save_visit_field(draft, VisitField::Mode { to: Some(VisitMode::Door) }).unwrap();
    drafts.save_visit_field(draft, VisitField::Outcome { to: Some(VisitOutcome::Done) }).unwrap();
    assert_eq!(forms.of_draft(draft).unwrap(), None);
    forms.choose(draft, Some("safety".into())).unwrap();
    let save = |field: &str, value| forms.save_answer(draft, field.into(), value);
    save("gas", Some(AnswerValue::YesNo { is: true })).unwrap();
    save("people", Some(AnswerValue::Amount { number: 20.0 })).unwrap();
    save("seen", Some(AnswerValue::Several { ids: vec!["stairs".into()] })).unwrap();
    let shape = save("people", Some(AnswerValue::Words { text: "many".into() }));
    assert!(matches!(&shape, Err(CoreError::MendField { field, .. }) if field == "answers.people"), "{shape:?}");
    let refused = drafts.save_as_visit(draft);
    assert!(
        matches!(&refused, Err(CoreError::MendField { field, text }) if field == "answers.people" && text.id == "input.answers")
    );
    let killed = phone.reopened().unwrap();
    let form = killed.forms().of_draft(draft).unwrap().unwrap();
    assert_eq!(form.shown, ["gas", "people", "seen"]);
    assert_eq!((form.problems[0].field.as_str(), form.problems[0].what), ("people", FormFault::Limits));
    assert_eq!(form.problems[0].text.id, "form.answer_limits");
    killed.forms().save_answer(draft, "people".into(), Some(AnswerValue::Amount { number: 3.5 })).unwrap();
    let visit = killed.drafts().save_as_visit(draft).unwrap();
    let answers = vec![
        answer("gas", AnswerValue::YesNo { is: true }),
        answer("people", AnswerValue::Amount { number: 3.5 }),
        answer("seen", AnswerValue::Several { ids: vec!["stairs".into()] }),
    ];
    let crossed = FormAnswers::from(visit.form.clone().unwrap());
    assert_eq!(crossed, FormAnswers { form: "safety".into(), version: 1, answers });

    let change = vec![VisitCorrection::Answers { to: vec![answer("gas", AnswerValue::YesNo { is: false })] }];
    let corrected = killed.visits().amend(visit.id, change, "听错了".into()).unwrap();
    assert_eq!(FormAnswers::from(corrected.form.unwrap()).answers, [answer("gas", AnswerValue::YesNo { is: false })]);
    let broken = vec![VisitCorrection::Answers { to: vec![answer("gas", AnswerValue::Other { json: "{".into() })] }];
    assert!(
        matches!(killed.visits().amend(visit.id, broken, "坏".into()), Err(CoreError::MendField { field, .. }) if field == "json")
    );
}
