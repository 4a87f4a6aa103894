//! How far the demo is, on stderr, when somebody watches; silence otherwise.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// Shows one bar a step.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    watched: bool,
}

impl Progress {
    /// Bars when stderr is a terminal.
    pub fn for_terminal() -> Self {
        Progress { watched: std::io::stderr().is_terminal() }
    }
    /// No bars.
    pub fn silent() -> Self {
        Progress { watched: false }
    }
    /// The bar of a step with so many parts. It stays when it is finished.
    pub fn step(&self, what: &'static str, parts_count: usize) -> ProgressBar {
        let target = if self.watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(parts_count as u64), target);
        let style = ProgressStyle::with_template("{msg:34} [{bar:30}] {pos:>5}/{len} {elapsed:>4}");
        bar.set_style(style.expect("the template is well-formed").progress_chars("=> "));
        bar.set_message(what);
        bar
    }
}
