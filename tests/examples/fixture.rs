//! Makes the databases of the version at hand for `tests/fixtures`: once a release, before it is tagged. Files that are there are kept,
//! since a released version's are never made again: `cargo run -p zoufang-tests --example fixture`.

use std::io::Write;
use zoufang_core::store::{MIGRATIONS, migrate};
use zoufang_tests::fixture;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let (folder, version) = (fixture::folder(), migrate::known_version(MIGRATIONS));
    let files = fixture::files(&folder, version);
    if let Some(there) = files.iter().find(|file| file.exists()) {
        let name = there.display();
        return Err(std::io::Error::other(format!("{name} is there; a fixture that was released is never made again")));
    }
    fixture::make(&folder, version).await;
    for file in files {
        writeln!(std::io::stdout(), "{} {}", file.display(), std::fs::metadata(&file)?.len())?;
    }
    Ok(())
}
