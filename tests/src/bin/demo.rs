//! `make demo`: a visit day in small.

use clap::Parser;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use zoufang_tests::demo::{Demo, DemoError, DemoOptions, Progress};

/// A visit day in small: a real server, real phones that work offline, the check that nothing was lost, the supervisor's page.
#[derive(Debug, Parser)]
#[command(
    name = "demo",
    after_help = "Example:\n  demo --grids 4 --dir target/demo          runs the day and leaves the supervisor's page open\n  \
                  demo --grids 1 --once --json              ends after one line of JSON\n\nExit code 1 when a visit or an answer was lost, a visit \
                  doubled, a care need outlived its last day, or when a phone and the server differ; 2 when the demo could not run."
)]
struct Arguments {
    /// Micro-grids of each of the five communities, 1 to 400.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=400))]
    grids: u16,
    /// End at once instead of leaving the supervisor's page open until Ctrl-C.
    #[arg(long)]
    once: bool,
    /// Print one line of JSON instead of tables.
    #[arg(long)]
    json: bool,
    /// Where the files go: server.db, roster.csv, safety.xlsx, safety.csv, phones/. What an earlier demo left there is removed, nothing else.
    #[arg(long, value_name = "DIR", default_value = "target/demo")]
    dir: PathBuf,
    /// A division tree with the columns level,code,name,parent_code; that of Yangquan if not given.
    #[arg(long, value_name = "FILE")]
    divisions: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "demo: {error}");
            ExitCode::from(2)
        }
    }
}

/// Gives whether every promise was kept.
async fn run(arguments: Arguments) -> Result<bool, DemoError> {
    let Arguments { grids, once, json, dir, divisions } = arguments;
    let options = DemoOptions { grids_count: usize::from(grids), dir, divisions };
    let demo = Demo::run(&options, Progress::for_terminal()).await?;
    let is_good = demo.figures.is_good();
    let mut stdout = std::io::stdout();
    match json {
        true => writeln!(stdout, "{}", demo.figures.to_json())?,
        false => writeln!(stdout, "\n{}\n", demo.tables)?,
    }
    stdout.flush()?;
    if !once {
        let mut stderr = std::io::stderr();
        let page = (demo.url(), demo.login, &demo.password);
        writeln!(
            stderr,
            "督导页面 supervisor's page  {}\n用户名 login  {}\n密码 password  {}",
            page.0, page.1, page.2
        )?;
        writeln!(stderr, "按 Ctrl-C 结束 · Ctrl-C ends it")?;
        told_to_stop().await?;
    }
    demo.end().await;
    Ok(is_good)
}

/// Waits for Ctrl-C or for being ended in order.
async fn told_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut ended = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            stopped = tokio::signal::ctrl_c() => stopped,
            _ = ended.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
