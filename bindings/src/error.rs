//! What goes wrong, by what the person before the screen can do next. One conversion, in one match.

use crate::message::Message;
use zoufang_core::Error;
use zoufang_core::ports::{SignError, VaultError};
use zoufang_core::store::open::{OpenError, StoreError};
use zoufang_domain::wire::ExchangeError;

/// Why a call did not do what was asked. Nothing is half-saved, and drafts stay. Each names a next step and carries its text in both
/// languages; none holds what a record says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum CoreError {
    /// Try again: after that many seconds where the server named them, otherwise when the app is in front or the network is back.
    #[error("{}", .text.id)]
    Retry {
        /// What to say.
        text: Message,
        /// Seconds to wait, if the server named them.
        after_s: Option<u32>,
    },
    /// The phone's storage is full: free some space and try again.
    #[error("{}", .text.id)]
    FreeSpace {
        /// What to say.
        text: Message,
    },
    /// This version cannot go on: update or reinstall the app. Nothing is lost.
    #[error("{}", .text.id)]
    UpdateApp {
        /// What to say.
        text: Message,
    },
    /// The key store does not answer: unlock the phone and try again.
    #[error("{}", .text.id)]
    UnlockPhone {
        /// What to say.
        text: Message,
    },
    /// The phone is not enrolled, or no longer: show the screen for the code.
    #[error("{}", .text.id)]
    EnrolAgain {
        /// What to say.
        text: Message,
    },
    /// Only the supervisor or administrator can help.
    #[error("{}", .text.id)]
    AskSupervisor {
        /// What to say.
        text: Message,
    },
    /// One field of the input is wrong: mark it.
    #[error("{}: {field}", .text.id)]
    MendField {
        /// What to say.
        text: Message,
        /// Which field, by its name in the draft or call; `answers.` and the field's id for an answer of a form, of which
        /// `forms.of_draft` lists all that are wrong.
        field: String,
    },
    /// It is not on this phone, or no longer: go back to the list.
    #[error("{}: {what}", .text.id)]
    NotHere {
        /// What to say.
        text: Message,
        /// What was looked for, for example `household`.
        what: String,
    },
    /// Something answers in the server's place: sign in to the network first.
    #[error("{}", .text.id)]
    SignInToNetwork {
        /// What to say.
        text: Message,
    },
    /// The server is not the one that this phone knows: do not sync here.
    #[error("{}", .text.id)]
    WrongServer {
        /// What to say.
        text: Message,
    },
    /// Somebody cancelled.
    #[error("{}", .text.id)]
    Cancelled {
        /// What to say.
        text: Message,
    },
    /// Nobody planned for this: say when it happened.
    #[error("{}: {what}", .text.id)]
    Unexpected {
        /// What to say.
        text: Message,
        /// For those who look into it; no personal data.
        what: String,
    },
}

impl CoreError {
    /// A field to mend.
    pub(crate) fn mend(field: &str) -> Self {
        CoreError::MendField { text: Message::of("input.invalid"), field: field.to_owned() }
    }
    /// Something that nobody planned for.
    pub(crate) fn unexpected(what: &str) -> Self {
        CoreError::Unexpected { text: Message::of("unexpected"), what: what.to_owned() }
    }
    /// What to say.
    pub fn text(&self) -> &Message {
        use CoreError as C;
        match self {
            C::Retry { text, .. } | C::FreeSpace { text } | C::UpdateApp { text } | C::UnlockPhone { text } => text,
            C::EnrolAgain { text } | C::AskSupervisor { text } | C::MendField { text, .. } => text,
            C::NotHere { text, .. } | C::SignInToNetwork { text } | C::WrongServer { text } => text,
            C::Cancelled { text } | C::Unexpected { text, .. } => text,
        }
    }
}

impl From<Error> for CoreError {
    fn from(error: Error) -> Self {
        use {CoreError as C, ExchangeError as X, OpenError as O, StoreError as S};
        let text = Message::of(error.message_id());
        let what = error.to_string();
        match error {
            Error::Store(S::DiskFull) | Error::Open(O::DiskFull) => C::FreeSpace { text },
            Error::Store(S::Io { .. } | S::Busy | S::Closed | S::Interrupted) => C::Retry { text, after_s: None },
            Error::Store(S::Damaged { .. }) | Error::Unreadable(_) => C::AskSupervisor { text },
            Error::Store(_) => C::Unexpected { text, what },
            Error::Open(O::Vault(VaultError::BadName)) => C::mend("key_name"),
            Error::Open(O::Vault(_)) => C::UnlockPhone { text },
            Error::Open(O::MissingKey | O::WrongKey | O::Damaged { .. }) => C::AskSupervisor { text },
            Error::Open(O::NewerThanApp { .. } | O::Unfit { .. }) => C::UpdateApp { text },
            Error::Open(O::Io { .. } | O::Busy | O::Migration { .. }) => C::Retry { text, after_s: None },
            Error::Open(_) => C::Unexpected { text, what },
            Error::NotEnrolled => C::EnrolAgain { text },
            Error::NotAllowed | Error::AlreadyEnrolled | Error::OtherServer => C::AskSupervisor { text },
            Error::Invalid { field } => C::MendField { text, field },
            // The first stands for all: `forms.of_draft` lists them.
            Error::Answers { problems } => {
                let first = problems.into_iter().next().map(|problem| problem.field).unwrap_or_default();
                C::MendField { text, field: format!("answers.{first}") }
            }
            Error::NotFound { what } => C::NotHere { text, what: what.to_owned() },
            Error::Restricted => C::AskSupervisor { text },
            Error::Practice => C::NotHere { text, what: "server".to_owned() },
            Error::UnsentAside => C::Retry { text, after_s: None },
            Error::Cancelled => C::Cancelled { text },
            // The core keeps a port's words only. A key that is gone needs a new enrolment, one that is locked a finger.
            Error::Port(said) if said == SignError::Unusable.to_string() => {
                C::EnrolAgain { text: Message::of("session.signature") }
            }
            Error::Port(_) => C::UnlockPhone { text: Message::of("open.key_store") },
            Error::Exchange(X::Unreachable(_)) => C::Retry { text, after_s: None },
            Error::Exchange(X::WrongCertificate) => C::WrongServer { text },
            Error::Exchange(X::NotZoufang(_)) => C::SignInToNetwork { text },
            Error::Exchange(X::Problem(problem)) => match problem.id.as_str() {
                "protocol.too_old" | "request.malformed" => C::UpdateApp { text },
                "enrol.code_wrong" => C::MendField { text, field: "code".to_owned() },
                "enrol.code_expired" | "enrol.code_used" | "enrol.code_void" => C::AskSupervisor { text },
                "enrol.other_person" | "enrol.device_known" => C::AskSupervisor { text },
                "device.revoked" | "device.forked" | "device.suspended" => C::AskSupervisor { text },
                "push.same_id_other_content" => C::AskSupervisor { text },
                "enrol.key_invalid" | "session.signature" | "device.unknown" => C::EnrolAgain { text },
                // The app mends these by itself at its next sync.
                "session.required" | "session.expired" | "push.gap" | "pull.cursor" | "protocol.too_new" => {
                    C::Retry { text, after_s: problem.retry_after_s }
                }
                // Also what a newer server may say: an overloaded or broken one passes, everything else is a mistake.
                _ if problem.status >= 500 || problem.status == 429 => {
                    C::Retry { text, after_s: problem.retry_after_s }
                }
                _ => C::Unexpected { text, what },
            },
        }
    }
}
