//! `make bench`: workload W, as JSON lines on standard output and a table of medians on standard error.
#![expect(clippy::print_stdout, reason = "JSON lines on standard output are what this program is for")]

use clap::{Parser, ValueEnum};
use std::path::{Path, PathBuf};
use zoufang_tests::bench::big::child::{HOLD_PHONE, hold};
use zoufang_tests::bench::big::{self, Size};
use zoufang_tests::bench::children::{SERVE, SERVE_RAW};
use zoufang_tests::bench::figures::{Figure, percentile};
use zoufang_tests::bench::sync::{Failure, repetition};
use zoufang_tests::bench::{data, raw};

/// Measures the phone core and the server on workload W, each case beside the raw limit of this machine in the same run.
#[derive(Parser)]
#[command(
    after_help = "Example:\n  make bench ARGS=\"--repeat 5\"\n  cargo run --release -p zoufang-tests --bin bench -- --cases big"
)]
struct Arguments {
    /// How often everything is measured; medians are quoted of at least 3.
    #[arg(long, default_value_t = 3)]
    repeat: usize,
    /// Which cases.
    #[arg(long, value_enum, default_value_t = Cases::All)]
    cases: Cases,
    /// How many visits the big phone holds, each size by itself.
    #[arg(long, value_delimiter = ',', default_values_t = [2_000, 8_000])]
    big_visits: Vec<usize>,
    /// How many matters the big phone holds.
    #[arg(long, default_value_t = 1_000)]
    big_matters: usize,
    /// Leave the big phones' databases and keys where they are, to look into them.
    #[arg(long)]
    keep: bool,
    /// Where databases go while it runs.
    #[arg(long, default_value = "target/bench")]
    dir: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Cases {
    /// Everything.
    All,
    /// Workload W beside the raw limit: W1 to W4, and W8 with 40 homes.
    Limit,
    /// The big phone alone: every list, the file, the memory.
    Big,
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    match arguments.get(1).map(String::as_str) {
        Some(SERVE_RAW) => runtime.block_on(serve_raw(Path::new(&arguments[2]))),
        Some(HOLD_PHONE) => runtime.block_on(hold_phone(&arguments[2..])),
        Some(SERVE) => runtime.block_on(serve(Path::new(&arguments[2]))),
        // On a worker, as the bindings run a sync: what wakes the connection there needs no other thread.
        _ => runtime.block_on(runtime.spawn(async { measure(&Arguments::parse()).await }))?,
    }
}

async fn serve_raw(database: &Path) -> Result<(), Failure> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?);
    raw::serve(listener, database).await.map_err(|e| e.to_string().into())
}

async fn serve(folder: &Path) -> Result<(), Failure> {
    use zoufang_sync_server::{App, Config, store::Store};
    let config = Config::new(folder);
    let app = App::new(Store::open(&config.database())?, config)?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?);
    Ok(zoufang_sync_server::run(listener, app, std::future::pending()).await?)
}

async fn hold_phone(arguments: &[String]) -> Result<(), Failure> {
    for figure in hold(arguments).await? {
        println!("{}", serde_json::to_string(&figure)?);
    }
    Ok(())
}

async fn measure(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.cases != Cases::Big {
        limit(arguments).await?;
    }
    if arguments.cases != Cases::Limit {
        big_phones(arguments).await?;
    }
    Ok(())
}

async fn big_phones(arguments: &Arguments) -> Result<(), Failure> {
    let mut all = Vec::new();
    for visits_count in &arguments.big_visits {
        eprintln!("the big phone with {visits_count} visits");
        let folder = fresh(&arguments.dir.join(format!("big-{visits_count}")))?;
        let size = Size { visits_count: *visits_count, matters_count: arguments.big_matters };
        for figure in big::measure(&folder, size, arguments.repeat).await? {
            println!("{}", serde_json::to_string(&figure)?);
            all.push(figure);
        }
        if !arguments.keep {
            std::fs::remove_dir_all(&folder)?;
        }
    }
    eprintln!("{}", big::figure::summary(&all));
    Ok(())
}

/// An empty folder in that place.
fn fresh(folder: &Path) -> Result<PathBuf, Failure> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    Ok(folder.to_owned())
}

async fn limit(arguments: &Arguments) -> Result<(), Failure> {
    let workload = data::workload()?;
    let mut all: Vec<Figure> = Vec::new();
    for number in 1..=arguments.repeat {
        eprintln!("repetition {number} of {}", arguments.repeat);
        let folder = fresh(&arguments.dir.join(format!("run-{number}")))?;
        for figure in repetition(&folder, &workload).await? {
            println!("{}", serde_json::to_string(&figure)?);
            all.push(figure);
        }
        std::fs::remove_dir_all(&folder)?;
    }
    summary(&all);
    Ok(())
}

/// Medians with their spread. "Of the limit" is the share of the raw limit's speed that is reached.
fn summary(all: &[Figure]) {
    let mut cases: Vec<&str> = Vec::new();
    all.iter().for_each(|figure| {
        if !cases.contains(&figure.case) {
            cases.push(figure.case);
        }
    });
    let mut table = comfy_table::Table::new();
    table.set_header([
        "case",
        "seconds (min / median / max)",
        "records/s",
        "of the limit (min / median / max)",
        "bytes up / down",
        "of plain JSON",
    ]);
    for case in cases {
        let of = |value: fn(&Figure) -> f64| -> Vec<f64> {
            all.iter().filter(|figure| figure.case == case).map(value).collect()
        };
        let spread = |values: &[f64]| {
            format!("{:.4} / {:.4} / {:.4}", percentile(values, 0.0), percentile(values, 0.5), percentile(values, 1.0))
        };
        let last = all.iter().rev().find(|figure| figure.case == case);
        let bytes = last.and_then(|figure| Some(format!("{} / {}", figure.bytes_up?, figure.bytes_down?)));
        let plain = last.and_then(|figure| figure.of_plain_json_percent).map(|percent| format!("{percent:.1} %"));
        table.add_row([
            case.to_owned(),
            spread(&of(|figure| figure.seconds)),
            format!("{:.0}", percentile(&of(|figure| figure.records_per_s), 0.5)),
            spread(&of(|figure| figure.of_limit)),
            bytes.unwrap_or_default(),
            plain.unwrap_or_default(),
        ]);
    }
    eprintln!("{table}");
}
