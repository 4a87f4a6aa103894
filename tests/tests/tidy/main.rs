//! Tidiness of the repository as a test: what no compiler checks and no reader should have to. Each rule is a function from
//! files to complaints; beside it stands a test that plants an offence and sees it found.

mod code;
mod layout;
mod pages;
mod repository;
mod words;

use repository::{Complaint, File};

fn assert_none(rule: &str, complaints: &[Complaint]) {
    assert!(complaints.is_empty(), "\n{rule}:\n  {}\n", complaints.join("\n  "));
}

fn files() -> Vec<File> {
    let files = repository::files();
    let has = |path: &str| files.iter().any(|file| file.path == path);
    assert!(has("Cargo.toml") && has("tests/tests/tidy/main.rs"), "the walk does not see the repository");
    files
}

#[test]
fn files_end_lines_plainly() {
    assert_none("no tab, no blank before a line's end, one newline at the end, UTF-8", &words::whitespace(&files()));
}

#[test]
fn nothing_is_left_unfinished() {
    assert_none("what is left to do stands in an issue, not in a file", &words::unfinished(&files()));
}

#[test]
fn only_the_work_is_spoken_of() {
    assert_none("files speak of the product and of nothing else", &words::foreign_names(&files()));
}

#[test]
fn no_path_of_one_machine() {
    assert_none("a path of one machine works on no other", &words::machine_paths(&files()));
}

#[test]
fn rust_files_are_short() {
    assert_none("split the file by noun", &code::long_files(&files()));
}

#[test]
fn functions_are_short() {
    assert_none("split the function by step", &code::long_functions(&files()));
}

#[test]
fn modules_say_what_they_hold() {
    assert_none("name the module by what it holds", &code::vague_modules(&files()));
}

#[test]
fn no_test_is_skipped() {
    assert_none("mend the test or delete it", &code::skipped_tests(&files()));
}

#[test]
fn sql_takes_time_and_chance_as_parameters() {
    assert_none("pass time and randomness in from the ports", &code::clocks_in_sql(&files()));
}

#[test]
fn links_lead_somewhere() {
    assert_none("mend the link", &pages::dead_links(&files()));
}

#[test]
fn folder_readmes_are_short() {
    assert_none("a folder's README gives the reading order; more belongs into docs/", &pages::long_readmes(&files()));
}

#[test]
fn every_page_is_on_the_map() {
    assert_none("link the page where readers look for it", &pages::unlisted(&files()));
}

#[test]
fn top_level_holds_what_it_should() {
    assert_none("docs/architecture.md fixes the top level", &layout::top_level(&files()));
}

#[test]
fn every_make_target_has_a_help_line() {
    assert_none("write `target: ## what it does` and name it in .PHONY", &layout::make_targets(&files()));
}

#[test]
fn ci_scripts_can_be_run() {
    assert_none("chmod +x", &layout::scripts_not_executable(&files()));
}
