//! A line that notes at which moment of a recording each answer of the server came.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use zoufang_core::sync::http::{HttpProtocol, Transport, TransportError};
use zoufang_tests::power_cut::recording::Recorder;
use zoufang_tests::world::{Line, plain};

/// Answers that said yes: when each came, from which address, and what it said.
type Answers = Arc<Mutex<Vec<(usize, String, Value)>>>;

/// The line. Clones hear the same.
#[derive(Clone)]
pub(crate) struct Hearing {
    line: Line,
    recorder: Arc<Recorder>,
    answers: Answers,
}

impl Hearing {
    pub(crate) fn of(line: &Line, recorder: &Arc<Recorder>) -> Self {
        Hearing { line: line.clone(), recorder: Arc::clone(recorder), answers: Answers::default() }
    }
    pub(crate) fn protocol(&self) -> HttpProtocol<Hearing> {
        HttpProtocol::new(self.clone())
    }
    /// The answers from addresses that contain `path`.
    pub(crate) fn answers(&self, path: &str) -> Vec<(usize, Value)> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let of_path = answers.iter().filter(|(_, from, _)| from.contains(path));
        of_path.map(|(at, _, said)| (*at, said.clone())).collect()
    }
}

impl Transport for Hearing {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let from = request.uri().path().to_owned();
        let answer = self.line.send(request).await?;
        if answer.status().is_success() {
            let said = serde_json::from_slice(&plain(&answer)).expect("the server answers JSON");
            let at = self.recorder.position();
            self.answers.lock().unwrap_or_else(PoisonError::into_inner).push((at, from, said));
        }
        Ok(answer)
    }
}
