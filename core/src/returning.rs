//! A phone that its server has forgotten comes back: the server was restored from a backup that is older than the phone's enrolment.
//!
//! The phone stays the device that it was, since its operations and versions bear that id. It keeps its records, drafts and unsent work;
//! what begins anew is how far it has synced, and everything that it still keeps is offered again.

use crate::beside::beside;
use crate::enrolment::{EnrolInput, Enrolled, enrolled, exchange, unproven};
use crate::error::Error;
use crate::store::profile::{self, Profile};
use crate::store::{outbox, unnamed};
use crate::sync::sign_in::{public_key, sign};
use crate::{ChangeSet, Core};
use zoufang_domain::chain::Link;
use zoufang_domain::order;
use zoufang_domain::schema::Kind;
use zoufang_domain::wire::enrol::{EnrolAnswer, EnrolRequest, Returning};
use zoufang_domain::wire::{ExchangeError, SyncProtocol};

impl Core {
    /// Comes back to this phone's own server with a new code of the same person, when a sync fails with `device.unknown`. Sync afterwards:
    /// everything that the phone keeps goes up. Asked again after an answer that was lost, it does the same again.
    ///
    /// A sync that runs is waited for.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`], [`Error::Practice`]; [`Error::NotAllowed`] on a phone that was revoked; [`Error::OtherServer`],
    /// [`Error::Invalid`] for input that cannot be right; [`Error::Exchange`] with the server's reason (`enrol.other_person`,
    /// `enrol.device_known`, `enrol.code_expired`, …), or what the store and the key store say. Nothing is changed then.
    pub async fn rejoin<P: SyncProtocol>(&self, protocol: &P, input: EnrolInput) -> Result<Enrolled, Error> {
        input.check()?;
        let _turn = self.0.sync.no_sync().await;
        let (request, returning) = beside(self, move |core| ask(core, &input)).await?;
        let answer = exchange(protocol, &request).await?;
        if (answer.device, answer.staff) != (returning.device, returning.staff) {
            return Err(Error::Exchange(ExchangeError::NotZoufang("an answer for another phone".into())));
        }
        beside(self, move |core| store(core, &answer)).await
    }
}

fn ask(core: &Core, input: &EnrolInput) -> Result<(EnrolRequest, Returning), Error> {
    if core.0.sync.is_wiped() {
        return Err(Error::NotEnrolled);
    }
    let profile = core.read(profile::get)?;
    if profile.practice {
        return Err(Error::Practice);
    }
    if profile.revoked {
        return Err(Error::NotAllowed);
    }
    if !is_of(&profile, input) {
        return Err(Error::OtherServer);
    }
    // Where the chain has gaps, each push says (`Batch::begins`).
    let returning = Returning { device: profile.device, staff: profile.staff, after: 0, link: Link::START };
    let mut request =
        EnrolRequest { returning: Some(returning.clone()), ..unproven(input.code.trim().to_owned(), public_key(core)) };
    request.proof = sign(core, &request.proof_text())?;
    Ok((request, returning))
}

/// Whether a code is of the phone's own server. A picture of another one must not lead the phone's unsent work there.
fn is_of(profile: &Profile, input: &EnrolInput) -> bool {
    let plain = |text: &str| text.trim().trim_end_matches('/').to_owned();
    let pem = |pem: Option<&str>| pem.map(|pem| pem.split_whitespace().collect::<String>());
    plain(&profile.server_url) == plain(&input.server_url)
        && pem(profile.server_ca_pem.as_deref()) == pem(input.ca_pem.as_deref())
}

fn store(core: &Core, answer: &EnrolAnswer) -> Result<Enrolled, Error> {
    let enrolled = core.write(|tx| {
        profile::begin_anew(tx, answer)?;
        outbox::offer_again(tx, &[])?;
        unnamed::begin(tx)?;
        let kinds = order::gather(Kind::ALL.iter().copied());
        Ok((enrolled(tx, profile::get(tx)?)?, ChangeSet { kinds, status: true, ..ChangeSet::default() }))
    })?;
    // Of the server's life before.
    core.0.sync.forget_session();
    Ok(enrolled)
}
