//! One batch: read, signed, sent, its answer checked and stored.

use super::http::deflate;
use super::sign_in;
use crate::changes::IDS_MAX_COUNT;
use crate::error::Error;
use crate::store::inbox::PushTaken;
use crate::store::{inbox, outbox, profile};
use crate::{ChangeSet, Core};
use zoufang_domain::ids::DeviceId;
use zoufang_domain::order;
use zoufang_domain::schema::Kind;
use zoufang_domain::wire::ExchangeError;
use zoufang_domain::wire::push::{PushAnswer, Waiting};

/// A batch, signed.
pub(super) struct Signed {
    /// JSON, the bytes that the signature covers.
    pub(super) body: String,
    /// The signature.
    pub(super) signature: String,
    /// The body as gzip, unless it is better sent plain.
    pub(super) gzip: Option<Vec<u8>>,
    /// First counter.
    pub(super) first: u64,
    /// Last counter.
    pub(super) last: u64,
    /// What waits beyond it.
    pub(super) beyond: Waiting,
}

/// Reads, signs and compresses the batch after a counter; `None` when there is none. All of it happens while the batch before is on its way.
pub(super) fn prepare(core: &Core, device: DeviceId, after: u64) -> Result<Option<Signed>, Error> {
    let found = core.read(|c| match outbox::batch_after(c, device, after)? {
        Some(batch) => Ok(Some((outbox::waiting(c, batch.last)?, batch))),
        None => Ok(None),
    })?;
    let Some((beyond, batch)) = found else { return Ok(None) };
    let signature = sign_in::sign(core, &batch.body)?;
    let gzip = deflate(batch.body.as_bytes());
    Ok(Some(Signed { body: batch.body, signature, gzip, first: batch.first, last: batch.last, beyond }))
}

/// Holds an answer to what was sent. It may speak of this batch only: a larger acknowledgement (the server holds more, because an answer
/// was lost) waits for the batch that it belongs to, so that no verdict is missed and no operation that does not exist yet counts as sent.
pub(super) fn check(mut answer: PushAnswer, first: u64, last: u64) -> Result<PushAnswer, ExchangeError> {
    answer.acknowledged = answer.acknowledged.min(last);
    let mut next = first;
    for verdict in &answer.verdicts {
        if verdict.from != next || verdict.to < verdict.from || verdict.to > last {
            return Err(ExchangeError::NotZoufang("verdicts that do not fit the batch".into()));
        }
        next = verdict.to + 1;
    }
    if next <= answer.acknowledged {
        return Err(ExchangeError::NotZoufang("operations without a verdict".into()));
    }
    Ok(answer)
}

/// Stores an answer in one transaction. Lost to a power cut it is asked for again: the same operations get the same verdicts.
pub(super) fn take(core: &Core, answer: &PushAnswer) -> Result<PushTaken, Error> {
    let now_ms = core.ports().clock.now_ms();
    core.write_lazily(|tx| {
        let acknowledged = profile::get(tx)?.acknowledged;
        let (taken, mut touched) = inbox::take_push(tx, answer, now_ms)?;
        // What has arrived is no longer shown as unsent. Beyond what a change names, the kinds that phones write are named.
        let arrived = outbox::subjects(tx, acknowledged + 1, answer.acknowledged, IDS_MAX_COUNT)?;
        let is_many = arrived.len() > IDS_MAX_COUNT;
        touched.extend(arrived);
        order::sort(&mut touched);
        touched.dedup();
        let mut change = ChangeSet::of(&touched);
        if is_many {
            change.kinds.extend(Kind::ALL);
        }
        Ok((taken, change))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use zoufang_domain::stamp::Stamp;
    use zoufang_domain::wire::push::{Outcome, Verdict};

    fn answer(acknowledged: u64, ranges: &[(u64, u64)]) -> PushAnswer {
        let verdict = |&(from, to)| Verdict { from, to, outcome: Outcome::Applied, duplicate: false, record: None };
        PushAnswer { epoch: 1, server_time: Stamp(1), acknowledged, verdicts: ranges.iter().map(verdict).collect() }
    }

    #[test]
    fn an_answer_is_held_to_its_batch() {
        assert_eq!(check(answer(9, &[(5, 7), (8, 9)]), 5, 9).unwrap().acknowledged, 9);
        assert_eq!(check(answer(700, &[(5, 9)]), 5, 9).unwrap().acknowledged, 9, "more waits for its own batch");
        assert_eq!(check(answer(7, &[(5, 7)]), 5, 9).unwrap().acknowledged, 7);
        for wrong in [
            answer(9, &[]),
            answer(9, &[(5, 8)]),
            answer(9, &[(6, 9)]),
            answer(9, &[(5, 10)]),
            answer(9, &[(5, 9), (9, 9)]),
            answer(9, &[(5, 4)]),
            answer(u64::MAX, &[(0, u64::MAX)]),
        ] {
            assert!(matches!(check(wrong, 5, 9), Err(ExchangeError::NotZoufang(_))));
        }
    }
}
