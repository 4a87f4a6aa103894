//! W8: the big phone. What a manager's phone holds after a year: 50 homes, thousands of visits, 1,000 matters in every state. How long each
//! list takes to open, how large the file is, how much memory a first pull and a day's sync need.
//!
//! Reading order: `make` (the year's work, through the real core and the real server), [`child`] (a process that holds the phone and nothing
//! else), [`lists`] (what is read), [`figure`].

pub mod child;
pub mod figure;
pub mod lists;
mod make;

use super::children::{SERVE, ServerProcess};
use super::sync::Failure;
use child::HOLD_PHONE;
use figure::{BigFigure, Spread};
use std::path::Path;
use std::process::{Command, Stdio};

/// Homes of the micro-grid.
pub const HOMES_COUNT: usize = 50;
/// How long a list may take to open, in ms.
pub const LIST_GOAL_MS: f64 = 20.0;
/// How long a search of two characters may take, in ms.
pub const SEARCH_GOAL_MS: f64 = 10.0;
/// How long it may take to open the database and show the first list, in ms.
pub const OPEN_GOAL_MS: f64 = 30.0;
/// How large the file may be, in MB.
pub const FILE_GOAL_MB: f64 = 20.0;
/// How much memory the process may need while it syncs, in MB.
pub const MEMORY_GOAL_MB: f64 = 30.0;

/// How large the phone is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Visits.
    pub visits_count: usize,
    /// Matters, in every state that a phone meets.
    pub matters_count: usize,
}

/// Measures a phone of that size: the first pull several times, each into a new file, the rest on the last of them.
///
/// # Errors
/// What core or server say; that a process which holds a phone failed.
pub async fn measure(folder: &Path, size: Size, pulls_count: usize) -> Result<Vec<BigFigure>, Failure> {
    let data = folder.join("server");
    let work = folder.join("work");
    std::fs::create_dir_all(&work)?;
    let codes = make::server(&data, &work, size, pulls_count).await?;
    let server = ServerProcess::start(SERVE, &data)?;
    let address = server.address.to_string();
    let visits = size.visits_count.to_string();
    let mut pulls: Vec<Vec<BigFigure>> = Vec::new();
    for (number, code) in codes.iter().enumerate() {
        let path = folder.join(format!("big-{number}.db")).display().to_string();
        pulls.push(step(&["pull", &path, &visits, &address, code])?);
    }
    let mut figures = together(&pulls);
    let path = folder.join(format!("big-{}.db", codes.len() - 1)).display().to_string();
    for name in ["index", "refused", "day", "month", "lists"] {
        figures.extend(step(&[name, &path, &visits])?);
    }
    Ok(figures)
}

/// One step of a phone in a process of its own.
fn step(arguments: &[&str]) -> Result<Vec<BigFigure>, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    let done = command.arg(HOLD_PHONE).args(arguments).stderr(Stdio::inherit()).output()?;
    if !done.status.success() {
        return Err(format!("the process that holds a phone ended with {} at {arguments:?}", done.status).into());
    }
    let lines = String::from_utf8(done.stdout)?;
    Ok(lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// The same figures, measured several times.
fn together(runs: &[Vec<BigFigure>]) -> Vec<BigFigure> {
    let Some(first) = runs.first() else { return Vec::new() };
    let of = |at: usize| runs.iter().filter_map(|run| Some(run.get(at)?.first.median)).collect::<Vec<f64>>();
    let joined = first.iter().enumerate().map(|(at, figure)| {
        let figure = BigFigure { first: Spread::of(&of(at)), ..figure.clone() };
        match figure.goal {
            Some(goal) => figure.against(goal),
            None => figure,
        }
    });
    joined.collect()
}
