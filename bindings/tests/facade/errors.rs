use zoufang_bindings::error::CoreError;
use zoufang_bindings::listeners::ListenerError;
use zoufang_bindings::ports::PortError;
use zoufang_core::Error;
use zoufang_core::ports::{SignError, VaultError};
use zoufang_core::store::open::{Damage, OpenError, StoreError};
use zoufang_domain::message::{self, Language};
use zoufang_domain::record::Unreadable;
use zoufang_domain::wire::ExchangeError;
use zoufang_domain::wire::problem::Problem;

fn said(id: &str, status: u16) -> Error {
    let problem = Problem { retry_after_s: Some(3), ..Problem::new(id, status, Language::Zh) };
    Error::Exchange(ExchangeError::Problem(Box::new(problem)))
}

#[test]
fn every_error_names_what_to_do_next_and_has_its_text() {
    use CoreError as C;
    let io = || StoreError::Io { code: 10 };
    let odd = || StoreError::Unexpected { code: 1, what: "no column 7".into() };
    type Expected = fn(&CoreError) -> bool;
    let table: Vec<(Error, Expected)> = vec![
        (Error::Store(StoreError::DiskFull), |e| matches!(e, C::FreeSpace { .. })),
        (Error::Open(OpenError::DiskFull), |e| matches!(e, C::FreeSpace { .. })),
        (Error::Store(io()), |e| matches!(e, C::Retry { .. })),
        (Error::Store(StoreError::Busy), |e| matches!(e, C::Retry { .. })),
        (Error::Store(StoreError::Closed), |e| matches!(e, C::Retry { .. })),
        (Error::Store(StoreError::Interrupted), |e| matches!(e, C::Retry { .. })),
        (Error::Store(StoreError::Damaged { code: 11 }), |e| matches!(e, C::AskSupervisor { .. })),
        (Error::Store(StoreError::Constraint { rule: "UNIQUE".into() }), |e| matches!(e, C::Unexpected { .. })),
        (Error::Store(odd()), |e| matches!(e, C::Unexpected { what, .. } if what.contains("no column 7"))),
        (Error::Open(OpenError::MissingKey), |e| matches!(e, C::AskSupervisor { .. })),
        (Error::Open(OpenError::WrongKey), |e| matches!(e, C::AskSupervisor { .. })),
        (Error::Open(OpenError::Damaged { what: Damage::Page }), |e| matches!(e, C::AskSupervisor { .. })),
        (Error::Open(OpenError::Vault(VaultError::Locked)), |e| matches!(e, C::UnlockPhone { .. })),
        (
            Error::Open(OpenError::Vault(VaultError::BadName)),
            |e| matches!(e, C::MendField { field, .. } if field == "key_name"),
        ),
        (Error::Open(OpenError::NewerThanApp { found: 9, known: 1 }), |e| matches!(e, C::UpdateApp { .. })),
        (Error::Open(OpenError::Unfit { what: "no cipher" }), |e| matches!(e, C::UpdateApp { .. })),
        (Error::Open(OpenError::Busy), |e| matches!(e, C::Retry { .. })),
        (Error::Open(OpenError::Io { code: 0, kind: None }), |e| matches!(e, C::Retry { .. })),
        (Error::Open(OpenError::Migration { version: 2, name: "x", source: io() }), |e| matches!(e, C::Retry { .. })),
        (Error::Open(OpenError::Unexpected(odd())), |e| matches!(e, C::Unexpected { .. })),
        (Error::Unreadable(Unreadable { kind: "visit", problem: "note".into() }), |e| {
            matches!(e, C::AskSupervisor { .. })
        }),
        (Error::NotEnrolled, |e| matches!(e, C::EnrolAgain { .. })),
        (Error::Invalid { field: "note".into() }, |e| matches!(e, C::MendField { field, .. } if field == "note")),
        (Error::NotAllowed, |e| matches!(e, C::AskSupervisor { .. })),
        (Error::NotFound { what: "visit" }, |e| matches!(e, C::NotHere { what, .. } if what == "visit")),
        (Error::Cancelled, |e| matches!(e, C::Cancelled { .. })),
        (Error::Port(SignError::Locked.to_string()), |e| matches!(e, C::UnlockPhone { .. })),
        (Error::Port(SignError::Unusable.to_string()), |e| matches!(e, C::EnrolAgain { .. })),
        (Error::Exchange(ExchangeError::Unreachable("no answer in time".into())), |e| {
            matches!(e, C::Retry { after_s: None, .. })
        }),
        (Error::Exchange(ExchangeError::WrongCertificate), |e| matches!(e, C::WrongServer { .. })),
        (Error::Exchange(ExchangeError::NotZoufang("no JSON".into())), |e| matches!(e, C::SignInToNetwork { .. })),
        (said("protocol.too_old", 426), |e| matches!(e, C::UpdateApp { .. })),
        (said("protocol.too_new", 409), |e| matches!(e, C::Retry { .. })),
        (said("session.expired", 401), |e| matches!(e, C::Retry { .. })),
        (said("request.too_often", 429), |e| matches!(e, C::Retry { after_s: Some(3), .. })),
        (said("server.disk_full", 507), |e| matches!(e, C::Retry { after_s: Some(3), .. })),
        (said("enrol.code_wrong", 403), |e| matches!(e, C::MendField { field, .. } if field == "code")),
        (said("enrol.code_void", 410), |e| matches!(e, C::AskSupervisor { .. })),
        (said("enrol.other_person", 403), |e| matches!(e, C::AskSupervisor { .. })),
        (said("enrol.device_known", 409), |e| matches!(e, C::AskSupervisor { .. })),
        (Error::OtherServer, |e| matches!(e, C::AskSupervisor { .. })),
        (said("device.revoked", 403), |e| matches!(e, C::AskSupervisor { .. })),
        (said("device.unknown", 404), |e| matches!(e, C::EnrolAgain { .. })),
        (said("session.signature", 401), |e| matches!(e, C::EnrolAgain { .. })),
        (said("request.method", 405), |e| matches!(e, C::Unexpected { .. })),
    ];
    for (error, is_expected) in table {
        let (words, error) = (error.to_string(), CoreError::from(error));
        assert!(is_expected(&error), "{words}: {error:?}");
        let text = error.text();
        assert!(message::exists(&text.id), "{words}: {}", text.id);
        assert!(!text.title_zh.is_ascii() && text.title_en.is_ascii(), "{text:?}");
        assert!(!text.detail_zh.is_ascii() && text.detail_en.is_ascii(), "{text:?}");
    }
}

#[test]
fn what_a_newer_server_says_is_kept_and_read_as_unexpected_or_passing() {
    let passing = CoreError::from(said("server.moon_phase", 503));
    assert!(matches!(&passing, CoreError::Retry { after_s: Some(3), .. }), "{passing:?}");
    let odd = CoreError::from(said("visit.too_polite", 422));
    let CoreError::Unexpected { text, what } = odd else { panic!("{odd:?}") };
    assert_eq!((text.id.as_str(), what.contains("visit.too_polite")), ("visit.too_polite", true));
    assert_eq!(text.title_en, message::find("unexpected").title(Language::En));
}

#[test]
fn an_exception_that_no_signature_names_becomes_an_error() {
    let thrown = || uniffi::UnexpectedUniFFICallbackError::new("java.lang.NullPointerException");
    assert!(matches!(PortError::from(thrown()), PortError::Failed { what } if what.contains("NullPointer")));
    assert!(matches!(ListenerError::from(thrown()), ListenerError::Failed { what } if what.contains("NullPointer")));
    assert!(!PortError::from(thrown()).to_string().contains("NullPointer"), "what was thrown is not for the log");
}

#[test]
fn what_does_not_read_as_an_id_or_a_day_is_the_callers_error() {
    use uniffi::{Lift, Lower};
    use zoufang_bindings::UniFfiTag;
    use zoufang_bindings::types::Day;
    use zoufang_domain::ids::VisitId;
    let lowered = |text: &str| <String as Lower<UniFfiTag>>::lower(text.to_owned());
    let day = <Day as Lift<UniFfiTag>>::try_lift(lowered("2026-02-30")).unwrap_err().downcast::<CoreError>();
    assert!(matches!(day, Ok(CoreError::MendField { field, .. }) if field == "day"));
    let id = <VisitId as Lift<UniFfiTag>>::try_lift(lowered("visit 7")).unwrap_err().downcast::<CoreError>();
    assert!(matches!(id, Ok(CoreError::MendField { field, .. }) if field == "id"));
    assert!(<Day as Lift<UniFfiTag>>::try_lift(lowered("2028-02-29")).is_ok());
}
