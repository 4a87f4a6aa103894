//! The library's log lines, handed to the app's own log. They hold no personal data.

use crate::error::CoreError;
use crate::listeners::ListenerError;
use crate::teller::{Outlet, Teller, lock};
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, OnceLock};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber, span};

/// Most lines that wait for a slow log; what comes beyond is dropped.
const LINES_MAX_COUNT: usize = 256;
/// Longest line, in characters.
const LINE_MAX_CHARS: usize = 500;
/// Whose lines are handed on: the project's crates, not the libraries below them, which may name addresses.
const TARGET: &str = "zoufang";

/// How serious a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum LogLevel {
    /// Something failed that should not.
    Error,
    /// Something failed that may.
    Warning,
    /// Something happened.
    Info,
}

/// Takes log lines.
#[uniffi::export(rust, foreign)]
pub trait LogSink: Send + Sync {
    /// One line. Called on a thread of its own; what it throws is lost.
    fn line(&self, level: LogLevel, text: String) -> Result<(), ListenerError>;
}

/// Hands log lines to the app from now on; a later sink replaces an earlier one. Call it before the core is opened.
///
/// Throws Unexpected when the system gives no thread.
#[uniffi::export]
pub fn log_to(sink: Arc<dyn LogSink>) -> Result<(), CoreError> {
    let desk = match DESK.get() {
        Some(desk) => desk,
        None => {
            let made = Desk { teller: Teller::start()?, outlet: Mutex::new(None) };
            DESK.get_or_init(|| made)
        }
    };
    let outlet = Outlet::new(None, joined, move |lines: Lines| {
        lines.into_iter().try_for_each(|(level, text)| sink.line(level, text))
    });
    let before = lock(&desk.outlet).replace(outlet);
    if let Some(before) = before {
        before.close();
    }
    // Refused where the process has a subscriber already, ours or a program's own: then that one has the lines.
    tracing::subscriber::set_global_default(Writer).unwrap_or_default();
    Ok(())
}

type Lines = Vec<(LogLevel, String)>;

struct Desk {
    teller: Teller,
    outlet: Mutex<Option<Arc<Outlet<Lines>>>>,
}

static DESK: OnceLock<Desk> = OnceLock::new();

fn joined(mut before: Lines, next: Lines) -> Lines {
    before.extend(next);
    before.truncate(LINES_MAX_COUNT);
    before
}

/// Turns events into lines. Spans are not followed.
struct Writer;

impl Subscriber for Writer {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::INFO && metadata.target().starts_with(TARGET)
    }
    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }
    fn event(&self, event: &Event<'_>) {
        let level = match *event.metadata().level() {
            Level::ERROR => LogLevel::Error,
            Level::WARN => LogLevel::Warning,
            _ => LogLevel::Info,
        };
        let mut line = Line::default();
        event.record(&mut line);
        let text = line.message + &line.fields;
        let desk = DESK.get();
        let outlet = desk.and_then(|desk| lock(&desk.outlet).clone());
        if let (Some(desk), Some(outlet)) = (desk, outlet) {
            outlet.offer(vec![(level, text.chars().take(LINE_MAX_CHARS).collect())], &desk.teller);
        }
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// A line in the making: `what happened name=value`.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing into a text does not fail.
        match field.name() {
            "message" => write!(self.message, "{value:?}").unwrap_or_default(),
            name => write!(self.fields, " {name}={value:?}").unwrap_or_default(),
        }
    }
}
