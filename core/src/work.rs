//! One user intent = one operation = one transaction: the check, the record and the operation are stored together or not at all. Every use
//! case goes through [`Work::perform`].

use crate::error::Error;
use crate::ports::{Clock, Ids};
use crate::store::outbox::Tail;
use crate::store::profile::Profile;
use crate::store::records::{self, Stored};
use crate::store::{outbox, profile};
use rusqlite::Transaction;
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{StaffId, UnitId};
use zoufang_domain::operation::{Action, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::stamp::HybridClock;
use zoufang_domain::{appointment, authority, merge, validate};

/// A transaction in which someone works. Several operations of one intent (a visit and the matter taken up on it) share it.
pub struct Work<'a, 'c> {
    /// The transaction.
    pub tx: &'a Transaction<'c>,
    profile: Profile,
    tail: Tail,
    clock: &'a dyn Clock,
    ids: &'a dyn Ids,
}

impl<'a, 'c> Work<'a, 'c> {
    /// Begins work in a transaction.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`]; [`Error::NotAllowed`] on a revoked phone, which is about to be erased; or when the store fails.
    pub fn begin(tx: &'a Transaction<'c>, clock: &'a dyn Clock, ids: &'a dyn Ids) -> Result<Self, Error> {
        let profile = profile::get(tx)?;
        if profile.revoked {
            return Err(Error::NotAllowed);
        }
        Ok(Work { tx, profile, tail: outbox::tail(tx)?, clock, ids })
    }
    /// Who works.
    pub fn staff(&self) -> StaffId {
        self.profile.staff
    }
    /// The number of the last operation.
    pub fn counter(&self) -> u64 {
        self.tail.counter
    }
    /// Now, by the phone's clock.
    pub fn now(&self) -> Moment {
        Moment::from_ms(self.clock.now_ms())
    }
    /// Now, Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }
    /// A new id.
    pub fn new_id(&self) -> Uuid {
        self.ids.uuid_v7()
    }
    /// Does one thing to one record: validates, merges, stores the record and its operation. Returns the record as it now is.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NotAllowed`] or [`Error::NotFound`] when it cannot be done; otherwise when the store fails. The
    /// caller's transaction is then to be rolled back whole.
    pub fn perform(&mut self, area: UnitId, kind: Kind, id: Uuid, action: Action) -> Result<Record, Error> {
        let mut clock = HybridClock::resume(self.tail.at.max(self.profile.seen_stamp));
        let operation = Operation {
            counter: self.tail.counter + 1,
            at: clock.tick(self.clock.now_ms()),
            staff: self.profile.staff,
            area,
            kind,
            id,
            action,
        };
        validate::check(&operation)?;
        let role = profile::role_in(self.tx, area)?.ok_or(Error::NotAllowed)?;
        authority::may(role, &operation)?;
        let known = records::find_in(self.tx, kind, id, area)?;
        if let Some(stored) = &known {
            appointment::may_follow(&stored.record, &operation).map_err(|refusal| match refusal {
                Refusal::NotNow => Error::Invalid { field: appointment::STANDING.to_owned() },
                other => other.into(),
            })?;
        }
        let (pending, held) = match &known {
            Some(stored) if stored.pending_last > self.profile.acknowledged => (stored.pending_first, stored.held),
            Some(stored) => (operation.counter, stored.held),
            None => (operation.counter, false),
        };
        let is_known = known.is_some();
        let version = operation.version(self.profile.device, operation.at);
        let applied = merge::apply(known.map(|stored| stored.record), &operation, version)?;
        self.tail = outbox::append(self.tx, &self.tail, &operation)?;
        let stored = Stored { record: applied.record, pending_first: pending, pending_last: operation.counter, held };
        records::put(self.tx, &stored, is_known)?;
        Ok(stored.record)
    }
}
