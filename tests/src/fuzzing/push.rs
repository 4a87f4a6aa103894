//! The body of a push, signed by the phone that it says it is from: every input is what a phone with an altered app may send.

use super::desk::{self, Desk};
use super::{Seen, roughly, seen};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::wire::limits::{PUSH_DECODED_MAX_BYTES, PUSH_ENCODED_MAX_BYTES, PUSH_OPERATIONS_MAX_COUNT};
use zoufang_domain::wire::push::{Outcome, PushAnswer};
use zoufang_sync_server::check;
use zoufang_sync_server::device::Device;
use zoufang_sync_server::ledger::{self, Acceptance, Incoming, LedgerError};
use zoufang_sync_server::problem::Problem;
use zoufang_sync_server::store::Transaction;

pub(super) const WORDS: &[&str] = &[
    "protocol",
    "device",
    "prev",
    "operations",
    "counter",
    "at",
    "staff",
    "area",
    "kind",
    "id",
    "action",
    "create",
    "set",
    "add",
    "remove",
    "append",
    "void",
    "fields",
    "entries",
    "base",
    "was",
    "entry",
    "list",
    "events",
    "amendments",
    "notes",
    "what",
    "when",
    "who",
    "data",
    "reason",
    "household",
    "dwelling",
    "visit",
    "matter",
    "resident",
    "residency",
    "org_unit",
    "staff",
    "assignment",
    "report",
    "close",
    "ffffffffffffffff",
    "0000000000000000",
];

pub(super) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    desk::with(|desk| {
        let packed = desk.request("push").body().to_vec();
        let plain = ledger::inflate(&packed, PUSH_DECODED_MAX_BYTES).expect("the phone sends gzip");
        let mut short: serde_json::Value = serde_json::from_slice(&plain).expect("the phone sends JSON");
        if let Some(operations) = short["operations"].as_array_mut() {
            operations.truncate(3);
        }
        // The first operations alone, so that most of what is made of them is read to its end.
        let short = serde_json::to_vec(&short).expect("JSON");
        vec![("every-kind", packed), ("every-kind-plain", plain), ("three-operations", short)]
    })
}

/// The steps of `http/push`, from the body on, without the socket and the token: bounds, gzip, text, signature, ledger.
pub(super) fn run(input: &[u8]) -> Seen {
    desk::with(|desk| match taken(desk, input) {
        Ok(seen) => seen,
        Err(problem) => {
            assert!(problem.status < 500, "{problem}");
            seen(("refused", problem.id))
        }
    })
}

fn taken(desk: &Desk, input: &[u8]) -> Result<Seen, Problem> {
    if input.len() > PUSH_ENCODED_MAX_BYTES {
        return Err(Problem::new(413, "request.too_large"));
    }
    let is_gzip = ledger::is_gzip(input);
    let decoded = match is_gzip {
        true => ledger::inflate(input, PUSH_DECODED_MAX_BYTES).map_err(|_| Problem::malformed())?,
        false => input.to_vec(),
    };
    assert!(decoded.len() <= PUSH_DECODED_MAX_BYTES.max(PUSH_ENCODED_MAX_BYTES), "inflated past its bound");
    let text = std::str::from_utf8(&decoded).map_err(|_| Problem::malformed())?;
    ledger::device_of(text)?;
    let (device, signature) = (desk.phone(), desk.sign(text.as_bytes()));
    let incoming = Incoming::read(&device, text, is_gzip.then_some(input), &signature)?;
    desk.undone(|tx| {
        let acceptance = judged(desk, tx, &device, &incoming);
        let findings = check::check(tx).expect("the check runs");
        assert!(findings.is_sound(), "after a push: {:?}", findings.problems);
        match acceptance {
            None => Ok(seen("same id, other content")),
            Some(Acceptance::Refused(problem)) => Err(problem),
            Some(Acceptance::Answered(answer)) => {
                hold_to_the_protocol(&device, &answer);
                let again = judged(desk, tx, &device, &incoming);
                hold_to_once(&answer, again);
                let after = check::check(tx).expect("the check runs");
                assert_eq!(after.digests, findings.digests, "the same push once more changed a record");
                Ok(seen(("answered", outcomes(&answer), roughly(answer.verdicts.len()))))
            }
        }
    })
}

fn judged(desk: &Desk, tx: &Transaction<'_>, device: &Device, incoming: &Incoming<'_>) -> Option<Acceptance> {
    match ledger::accept(tx, desk.server.now_ms(), device.id, incoming) {
        Ok(acceptance) => Some(acceptance),
        Err(LedgerError::SameIdOtherContent(_)) => None,
        Err(error) => panic!("the ledger failed: {error:?}"),
    }
}

/// A verdict for each operation, in order, none beyond what was sent; records in them are as they are stored.
fn hold_to_the_protocol(device: &Device, answer: &PushAnswer) {
    let first = answer.verdicts.first().expect("a push has operations").from;
    let mut next = first;
    for verdict in &answer.verdicts {
        assert!(verdict.from == next && verdict.to >= verdict.from, "verdicts with a gap");
        next = verdict.to + 1;
        if let Some(raw) = &verdict.record {
            let record: Record = serde_json::from_str(raw.get()).expect("a record");
            assert_eq!(record.to_canonical_json(), raw.get(), "a record that is not canonical");
        }
    }
    assert!((next - first) as usize <= PUSH_OPERATIONS_MAX_COUNT, "more operations than a push has");
    assert!(answer.acknowledged >= device.last_counter && answer.acknowledged < next.max(device.last_counter + 1));
}

/// The same push once more is known, every operation of it, with the verdicts of the first time. One that waited for a record which came
/// later in the same push has been taken out of quarantine by then.
fn hold_to_once(answer: &PushAnswer, again: Option<Acceptance>) {
    let Some(Acceptance::Answered(again)) = again else { panic!("taken once, and then {again:?}") };
    assert_eq!(again.acknowledged, answer.acknowledged);
    let each = |answer: &PushAnswer| -> Vec<(u64, Outcome)> {
        let spread = |verdict: &zoufang_domain::wire::push::Verdict| {
            let outcome = verdict.outcome.clone();
            (verdict.from..=verdict.to).map(move |counter| (counter, outcome.clone())).collect::<Vec<_>>()
        };
        answer.verdicts.iter().flat_map(spread).collect()
    };
    let (first, second) = (each(answer), each(&again));
    assert_eq!(second.len(), first.len(), "other operations than the first time");
    for (now, before) in second.into_iter().zip(first) {
        let waited = before.1 == Outcome::Quarantined { reason: Refusal::RecordMissing };
        let was_taken = matches!(now.1, Outcome::Applied | Outcome::Merged { .. });
        assert!(
            now == before || waited && now.0 == before.0 && was_taken,
            "other verdicts than the first time: {now:?}, {before:?}"
        );
    }
    assert!(again.verdicts.iter().all(|verdict| verdict.duplicate), "taken twice");
}

fn outcomes(answer: &PushAnswer) -> Vec<String> {
    let mut words: Vec<String> = answer
        .verdicts
        .iter()
        .map(|verdict| match &verdict.outcome {
            Outcome::Applied => "applied".to_owned(),
            Outcome::Merged { conflicts, late, held } => format!("merged {} {late} {held}", conflicts.len().min(3)),
            Outcome::Quarantined { reason } => reason.message_id().to_owned(),
        })
        .collect();
    words.sort();
    words.dedup();
    words
}
