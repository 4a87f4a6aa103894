//! The stage as a process: JSON lines out, commands in.

use clap::Parser;
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::thread;
use tokio::sync::mpsc;
use zoufang_tests::stage::{Stage, StageError};

/// A real server for tests in other languages, with made-up homes in one micro-grid, behind a line that can fail.
#[derive(Debug, Parser)]
#[command(
    name = "stage",
    after_help = "Prints one JSON line when it is ready, then reads commands from standard input and answers each with one JSON line:\n  \
                  code [NAME]          a one-time code for the phone of NAME, who is made at the first: {\"qr\",\"code\"}\n  \
                  visits, matters, receipts   how many stand on the server: {\"count\"}\n  \
                  visit_day DAYS_AGO NAME     a visit day of all homes, today's or one that is past: {\"set\"}\n  \
                  notice TITLE         a notice that holds from today on: {\"notice\"}\n  \
                  devices              the enrolled phones: {\"devices\":[{\"id\",\"staff_name\",\"status\",\"unsent_count\"}]}\n  \
                  revoke DEVICE_ID     refuses a phone for good: {\"revoked\":true}\n  \
                  back_up, restore     keeps the server's database; puts what was kept last in its place: {\"restored\"}\n  \
                  silence, heal        from now on nothing comes back; the line is good again: {\"silent\"}\n  \
                  break_after BYTES    the line breaks once so much has passed, until heal: {\"break_after\"}\n  \
                  stop                 ends, as does the end of standard input\n\
                  What it could not do is answered with {\"error\"}.\n\nExample:\n  \
                  $ stage --homes 40\n  {\"ca_pem\":null,\"server_url\":\"http://127.0.0.1:41233\"}\n  \
                  visits\n  {\"count\":0}"
)]
struct Arguments {
    /// Serve by TLS, with an authority made for this run.
    #[arg(long)]
    tls: bool,
    /// Homes in the micro-grid, 1 to 5000.
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=5000))]
    homes: u16,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "stage: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), StageError> {
    let mut stage = Stage::open(usize::from(arguments.homes), arguments.tls).await?;
    let mut told = commands();
    let mut outcome = say(&stage.ready());
    while outcome.is_ok() {
        let line = tokio::select! {
            line = told.recv() => line,
            () = told_to_stop() => None,
        };
        let Some(line) = line.filter(|line| line.trim() != "stop") else { break };
        let answer = match line.parse() {
            Ok(command) => stage.obey(command).await,
            Err(error) => Err(error),
        };
        outcome = say(&answer.unwrap_or_else(|error| json!({ "error": error.to_string() })));
    }
    stage.end().await;
    outcome
}

/// The lines of standard input, until its end. Read on a thread that ends with the process: reading cannot be called off.
fn commands() -> mpsc::UnboundedReceiver<String> {
    let (tell, told) = mpsc::unbounded_channel();
    thread::spawn(move || std::io::stdin().lock().lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
    told
}

fn say(answer: &Value) -> Result<(), StageError> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{answer}")?;
    Ok(stdout.flush()?)
}

/// Waits for being ended in order: then the folder goes too.
async fn told_to_stop() {
    #[cfg(unix)]
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut ended) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = ended.recv() => {}
        },
        Err(_) => std::future::pending().await,
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
}
