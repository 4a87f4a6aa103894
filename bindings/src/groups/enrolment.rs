//! Enrolment.

use crate::call::{call, spawn};
use crate::error::CoreError;
use crate::ports::AppSigner;
use crate::records::{EnrolInput, Enrolled};
use std::sync::Arc;
use zoufang_core::Core;
use zoufang_core::beside::beside;

/// Enrolment: a supervisor's one-time code makes this phone one of the server's devices.
#[derive(uniffi::Object)]
pub struct Enrolment {
    core: Core,
    signer: Arc<AppSigner>,
}

impl Enrolment {
    pub(crate) fn new(core: Core, signer: Arc<AppSigner>) -> Self {
        Enrolment { core, signer }
    }
}

#[uniffi::export]
impl Enrolment {
    /// Reads the text of a supervisor's QR picture.
    ///
    /// Throws MendField with `qr` (another picture, or made for a newer app), `server_url`, `server_ca_pem` or `code`.
    pub fn read_qr(&self, text: String) -> Result<EnrolInput, CoreError> {
        call(|| EnrolInput::from_qr(&text))
    }
    /// The profile of this phone; nothing before enrolment and after it was wiped.
    ///
    /// Throws Retry.
    pub fn profile(&self) -> Result<Option<Enrolled>, CoreError> {
        call(|| self.core.profile())
    }
    /// Enrols. Runs to its end even if nobody waits for it any more: the code works once.
    ///
    /// Throws AskSupervisor when the phone is enrolled already or the code has ended, MendField with `code`, UnlockPhone, Retry,
    /// SignInToNetwork, WrongServer. Nothing is stored then.
    pub async fn enrol(&self, input: EnrolInput) -> Result<Enrolled, CoreError> {
        let (core, signer) = (self.core.clone(), Arc::clone(&self.signer));
        spawn(async move {
            beside(&core, move |_| signer.load()).await?;
            core.enrol(&input.protocol()?, input).await
        })
        .await
    }
    /// Comes back to this phone's own server with a new code of the same person, when a sync failed with `device.unknown`: the server came
    /// back from a backup that is older than this phone's enrolment. Everything on the phone stays; sync afterwards. Runs to its end even
    /// if nobody waits for it any more.
    ///
    /// Throws AskSupervisor when the code has ended, is somebody else's or of another server, or the phone was revoked; EnrolAgain when it
    /// was never enrolled; MendField with `code`, UnlockPhone, Retry, SignInToNetwork, WrongServer. Nothing is changed then.
    pub async fn rejoin(&self, input: EnrolInput) -> Result<Enrolled, CoreError> {
        let (core, signer) = (self.core.clone(), Arc::clone(&self.signer));
        spawn(async move {
            beside(&core, move |_| signer.load()).await?;
            core.rejoin(&input.protocol()?, input).await
        })
        .await
    }
}
