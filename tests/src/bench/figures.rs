//! Figures: one JSON line a case and repetition, and medians with their spread at the end.

use serde::Serialize;

/// One measurement, as printed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figure {
    /// Which case.
    pub case: &'static str,
    /// Which store.
    pub store: &'static str,
    /// How many records, or runs.
    pub n: usize,
    /// What it took.
    pub seconds: f64,
    /// Records a second.
    pub records_per_s: f64,
    /// Median of one write or one sync, where it is timed by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    /// 99th percentile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
    /// TCP payload sent by the phone, headers included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_up: Option<u64>,
    /// TCP payload received by the phone, headers included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_down: Option<u64>,
    /// Bytes as a share of the same records as plain JSON, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_plain_json_percent: Option<f64>,
    /// HTTP requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// CPU seconds of the server process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_cpu_s: Option<f64>,
    /// Peak resident memory of the server process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_peak_mib: Option<f64>,
    /// The limit: the same work without encryption, merge, signature or history (W1: bare SQLCipher), measured in the same run.
    pub raw_seconds: f64,
    /// `raw_seconds / seconds`: the share of the limit that is reached.
    pub of_limit: f64,
}

impl Figure {
    /// A figure for `n` records that took `seconds` beside a limit of `raw_seconds`.
    pub fn new(case: &'static str, n: usize, seconds: f64, raw_seconds: f64) -> Self {
        Figure {
            case,
            store: "sqlite",
            n,
            seconds: rounded(seconds),
            records_per_s: (n as f64 / seconds).round(),
            raw_seconds: rounded(raw_seconds),
            of_limit: rounded(raw_seconds / seconds),
            ..Figure::default()
        }
    }
}

/// Six decimals: microseconds.
pub fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

/// The value at a share of the sorted values.
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(((sorted.len().saturating_sub(1)) as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

/// Measures the machine's time: the one place of the benchmarks that reads it.
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Begins now.
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures the machine's time")]
    pub fn start() -> Self {
        Stopwatch(std::time::Instant::now())
    }
    /// Seconds since it began.
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures the machine's time")]
    pub fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}
