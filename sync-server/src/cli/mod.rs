//! The command line: one file a verb. Answers go to stdout, everything else (progress, logs, errors) to stderr.

mod appointments;
pub(crate) mod arguments;
mod care;
mod device;
mod enrol;
mod failure;
mod forms;
mod handover;
mod import;
mod matter;
mod notices;
mod quarantine;
mod report;
mod rights;
mod rules;
mod serve;
mod staff;
mod terms;
mod upkeep;

use arguments::{Arguments, Verb};
use clap::Parser;
use failure::{Exit, Failure};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use zoufang_domain::message::Language;
use zoufang_sync_server::Config;
use zoufang_sync_server::ports::{Clock, SystemClock};
use zoufang_sync_server::reports::units::{self, UnitName};
use zoufang_sync_server::store::scope::{Console as AtConsole, Scope};
use zoufang_sync_server::store::{Connection, Store};

/// Reads the command line and does what it says.
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let language = arguments.lang.map_or_else(of_environment, Language::from);
    let done = act(arguments, language);
    let exit = done.unwrap_or_else(|failure| {
        // Nothing is left to do when stderr is gone.
        let _ = writeln!(std::io::stderr(), "{}", failure.render(language));
        failure.exit
    });
    ExitCode::from(exit as u8)
}

/// The language of `LANG`: Chinese unless it says English.
fn of_environment() -> Language {
    Language::from_header(&std::env::var("LANG").unwrap_or_default())
}

fn act(arguments: Arguments, language: Language) -> Result<Exit, Failure> {
    let data_dir = arguments.data_dir.ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            "没有给出数据目录。请加 --data-dir DIR，或设置环境变量 ZOUFANG_DATA_DIR",
            "no data folder: give --data-dir DIR, or set ZOUFANG_DATA_DIR",
        )
    })?;
    let console = Console { language, config: Config::new(data_dir), now_ms: SystemClock.now_ms() };
    match arguments.verb {
        Verb::Serve(serve) => serve::serve(console, serve),
        Verb::Import(import) => import::run(&console, import),
        Verb::Staff(staff) => staff::run(&console, staff),
        Verb::EnrolCode(enrol) => enrol::run(&console, &enrol),
        Verb::Device(device) => device::run(&console, device),
        Verb::Handover(verb) => handover::run(&console, verb),
        Verb::Quarantine(verb) => quarantine::run(&console, verb),
        Verb::Retention(asked) => upkeep::retention(&console, &asked),
        Verb::Rights(verb) => rights::run(&console, verb),
        Verb::Matter(matter) => matter::run(&console, matter),
        Verb::Appointment(verb) => appointments::run(&console, verb),
        Verb::Notice(verb) => notices::run(&console, verb),
        Verb::Rule(rule) => rules::run(&console, rule),
        Verb::Form(form) => forms::run(&console, form),
        Verb::CareType(verb) => care::run(&console, verb),
        Verb::Report(report) => report::run(&console, &report),
        Verb::Backup(backup) => upkeep::backup(&console, &backup),
        Verb::Restore(restore) => upkeep::restore(&console, &restore),
        Verb::Check(check) => upkeep::check(&console, &check),
    }
}

/// What every verb works with.
pub(crate) struct Console {
    pub(crate) language: Language,
    pub(crate) config: Config,
    pub(crate) now_ms: i64,
}

impl Console {
    /// The database, made anew when there is none: for verbs that a city begins with.
    fn open_or_begin(&self) -> Result<Arc<Store>, Failure> {
        self.make_folder()?;
        Ok(Store::open(&self.config.database())?)
    }

    /// The data folder, which only its owner may read.
    fn make_folder(&self) -> Result<(), Failure> {
        let folder = &self.config.data_dir;
        if !folder.exists() {
            let mut builder = std::fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder)?;
        }
        Ok(())
    }

    /// The database that is there.
    fn open(&self) -> Result<Arc<Store>, Failure> {
        let file = self.config.database();
        if !file.exists() {
            return Err(Failure::owned(
                Exit::NotFound,
                format!("{} 中没有数据库。请先导入区划：zoufang-server import divisions FILE", folder(&file)),
                format!("no database in {}: begin with zoufang-server import divisions FILE", folder(&file)),
            ));
        }
        Ok(Store::open(&file)?)
    }

    /// One of two texts.
    fn say(&self, zh: &'static str, en: &'static str) -> &'static str {
        match self.language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    /// Everything: there is no area to keep to at the server's own command line.
    fn scope(&self, c: &Connection) -> Result<Scope, Failure> {
        Ok(Scope::of_console(c, AtConsole::at_the_command_line())?)
    }

    /// A unit by code, name or id; without a text, the top of the tree.
    fn unit(&self, c: &Connection, text: Option<&str>) -> Result<UnitName, Failure> {
        let scope = self.scope(c)?;
        match text {
            Some(text) => Ok(units::find(c, &scope, text)?),
            None => {
                let top = units::top(c)?.ok_or_else(|| {
                    Failure::new(
                        Exit::NotFound,
                        "还没有区划。请先导入",
                        "there are no units yet: import the divisions first",
                    )
                })?;
                Ok(units::named(c, &scope, top)?)
            }
        }
    }
}

fn folder(file: &std::path::Path) -> String {
    file.parent().map(PathBuf::from).unwrap_or_default().display().to_string()
}

/// Writes a line to stdout. A reader that went away (`| head`) is no failure.
fn print_line(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes a line to stderr: what people read beside an answer.
fn note_line(text: &str) {
    // Nothing is left to do when stderr is gone.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
