//! Writes the Kotlin and Swift that belong to a built library, and beside each the version that library and code must share.
//!
//! The library must not be stripped: what it exports is read out of its symbols. Run inside the workspace, where `bindings/uniffi.toml`
//! is found by `cargo metadata`.

use clap::Parser;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate};

/// Writes the Kotlin and Swift that belong to a built library.
#[derive(Parser)]
#[command(
    name = "zoufang-bindgen",
    after_help = "Example:\n  cargo build -p zoufang-bindings\n  cargo run -p zoufang-bindgen -- target/debug/libzoufang_bindings.so \
                  --out target/generated\n\nWrites OUT/kotlin/org/zoufang/core/*.kt and OUT/swift/*.swift, *.h, *.modulemap."
)]
struct Arguments {
    /// The library, not stripped: .so, .dylib or .a.
    library: PathBuf,
    /// Where the code goes; what stands there under the same names is replaced.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn main() -> ExitCode {
    match write_all(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("zoufang-bindgen: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write_all(arguments: &Arguments) -> Result<(), String> {
    let text = |path: &Path| path.to_str().map(str::to_owned).ok_or_else(|| format!("not UTF-8: {}", path.display()));
    for (language, folder) in [(TargetLanguage::Kotlin, "kotlin"), (TargetLanguage::Swift, "swift")] {
        let out = arguments.out.join(folder);
        fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
        let options = GenerateOptions {
            languages: vec![language],
            source: text(&arguments.library)?.into(),
            out_dir: text(&out)?.into(),
            ..GenerateOptions::default()
        };
        generate(options)
            .map_err(|error| format!("{error:#}\nIs {} built and not stripped?", arguments.library.display()))?;
    }
    without_checksums(&arguments.out.join("kotlin/org/zoufang/core/zoufang_bindings.kt"))?;
    for (path, code) in [("kotlin/org/zoufang/core/GeneratedFor.kt", kotlin()), ("swift/GeneratedFor.swift", swift())] {
        let path = arguments.out.join(path);
        fs::write(&path, code).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// `omit_checksums` (uniffi.toml) leaves their calls out and still declares them, and JNA looks up at the start what is declared: the library that ships is
/// without them (`.ci/link-shared.sh`).
fn without_checksums(path: &Path) -> Result<(), String> {
    let failed = |error| format!("{}: {error}", path.display());
    let code = fs::read_to_string(path).map_err(failed)?;
    let mut kept = String::with_capacity(code.len());
    let mut is_declaration = false;
    for line in code.lines() {
        is_declaration = match is_declaration {
            true => !line.trim_start().starts_with(')'),
            false if line.contains("external fun uniffi_zoufang_bindings_checksum_") => true,
            false => {
                kept.extend([line, "\n"]);
                false
            }
        };
    }
    fs::write(path, kept).map_err(failed)
}

const WHY: &str =
    "The `coreVersion()` of the library that this code was generated for; `requireMatchingLibrary` compares the two.";

fn kotlin() -> String {
    let mut code = String::from("package org.zoufang.core\n\n");
    let version = zoufang_bindings::version::core_version();
    let _ = writeln!(code, "/** {WHY} */\nconst val GENERATED_FOR: String = \"{version}\"");
    code
}

fn swift() -> String {
    let version = zoufang_bindings::version::core_version();
    format!("/// {WHY}\npublic let generatedFor = \"{version}\"\n")
}
