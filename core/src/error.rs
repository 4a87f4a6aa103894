//! What can go wrong on the phone, named by what a person can do next. Expected outcomes (a conflict, a quarantined operation, nothing
//! new) are values, never errors. No variant holds what a record says.

use crate::store::open::{OpenError, StoreError};
use zoufang_domain::form::answers::AnswerProblem;
use zoufang_domain::record::Unreadable;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::wire::ExchangeError;

/// An error of the core.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed; nothing was half-saved.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database could not be opened; nothing was deleted or made anew.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A stored record does not read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The phone is not enrolled yet.
    #[error("this phone is not enrolled")]
    NotEnrolled,
    /// The phone is enrolled already.
    #[error("this phone is enrolled already")]
    AlreadyEnrolled,
    /// The code is of another server than this phone's.
    #[error("the code is of another server")]
    OtherServer,
    /// The input cannot be saved as it is; the draft stays.
    #[error("field {field} is not valid")]
    Invalid {
        /// Which field to mend.
        field: String,
    },
    /// Answers of a form cannot be saved as they are; the draft stays.
    #[error("{} answers are not valid", problems.len())]
    Answers {
        /// Which fields to mend and why, in the form's order; never empty.
        problems: Vec<AnswerProblem>,
    },
    /// The role does not allow it.
    #[error("the role does not allow this")]
    NotAllowed,
    /// The resident's data is kept and not used 限制处理.
    #[error("this resident's data is restricted")]
    Restricted,
    /// There is no such record on this phone.
    #[error("no such {what} on this phone")]
    NotFound {
        /// What was looked for, for example `household`.
        what: &'static str,
    },
    /// The exchange with the server failed; everything stays on the phone.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// Made-up homes are never offered to a server.
    #[error("this is the practice database, which has no server")]
    Practice,
    /// Work that was taken out of a database that was set aside has not been sent yet.
    #[error("work of the database that was set aside is not sent yet")]
    UnsentAside,
    /// The sync was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The shell's key or signing port failed.
    #[error("the device's key store failed: {0}")]
    Port(String),
}

impl Error {
    /// The id of the message that people read (`zoufang_domain::message`).
    pub fn message_id(&self) -> &str {
        match self {
            Error::Store(e) => e.id(),
            Error::Open(e) => e.id(),
            Error::Unreadable(_) => "store.damaged",
            Error::NotEnrolled => "device.unknown",
            Error::AlreadyEnrolled => "enrol.already",
            Error::OtherServer => "enrol.other_server",
            Error::Invalid { .. } => "input.invalid",
            Error::Answers { .. } => "input.answers",
            Error::NotAllowed => "input.not_allowed",
            Error::Restricted => "resident.restricted",
            Error::NotFound { .. } => "input.not_found",
            Error::Exchange(ExchangeError::Problem(problem)) => &problem.id,
            Error::Exchange(ExchangeError::Unreachable(_)) => "sync.unreachable",
            Error::Exchange(ExchangeError::WrongCertificate) => "sync.wrong_certificate",
            Error::Exchange(ExchangeError::NotZoufang(_)) => "sync.not_zoufang",
            Error::Practice => "practice.no_sync",
            Error::UnsentAside => "aside.unsent",
            Error::Cancelled => "sync.cancelled",
            Error::Port(_) => "open.key_store",
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Self {
        Error::Store(e.into())
    }
}

impl From<Refusal> for Error {
    /// What the server would refuse is refused at once, while the person still has the draft before them.
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid { field } | Refusal::FactIsFixed { field } => Error::Invalid { field },
            Refusal::NotAllowed | Refusal::NotAssigned | Refusal::NotTheAuthor => Error::NotAllowed,
            Refusal::RecordMissing | Refusal::RecordMoved | Refusal::RecordErased => Error::NotFound { what: "record" },
            Refusal::Malformed | Refusal::Unknown => Error::Invalid { field: "action".into() },
            Refusal::DeviceRevoked | Refusal::DeviceForked | Refusal::Witnessed | Refusal::NotNow => Error::NotAllowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::open::Damage;
    use zoufang_domain::message::exists;

    #[test]
    fn every_error_has_its_message() {
        let errors = [
            Error::NotEnrolled,
            Error::Invalid { field: "note".into() },
            Error::Answers { problems: Vec::new() },
            Error::NotAllowed,
            Error::Restricted,
            Error::Practice,
            Error::AlreadyEnrolled,
            Error::OtherServer,
            Error::NotFound { what: "visit" },
            Error::UnsentAside,
            Error::Cancelled,
            Error::Port("locked".into()),
            Error::Unreadable(Unreadable { kind: "visit", problem: "shape".into() }),
            Error::Exchange(ExchangeError::Unreachable("refused".into())),
            Error::Exchange(ExchangeError::WrongCertificate),
            Error::Exchange(ExchangeError::NotZoufang("a page".into())),
            Error::Store(StoreError::DiskFull),
            Error::Store(StoreError::Io { code: 1 }),
            Error::Store(StoreError::Damaged { code: 1 }),
            Error::Store(StoreError::Busy),
            Error::Store(StoreError::Closed),
            Error::Store(StoreError::Interrupted),
            Error::Store(StoreError::Constraint { rule: "unique".into() }),
            Error::Store(StoreError::Unexpected { code: 1, what: "type".into() }),
            Error::Open(OpenError::MissingKey),
            Error::Open(OpenError::WrongKey),
            Error::Open(OpenError::NewerThanApp { found: 2, known: 1 }),
            Error::Open(OpenError::Damaged { what: Damage::Page }),
            Error::Open(OpenError::DiskFull),
            Error::Open(OpenError::Busy),
        ];
        errors.iter().for_each(|error| assert!(exists(error.message_id()), "{error:?}: {}", error.message_id()));
        let faults = zoufang_domain::form::answers::AnswerFault::ALL;
        faults.iter().for_each(|fault| assert!(exists(fault.message_id()), "{fault:?}"));
    }
}
