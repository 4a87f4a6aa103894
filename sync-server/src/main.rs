//! `zoufang-server`: the command line over the library. Everything that can be asked of it is in [`cli::arguments`].

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
