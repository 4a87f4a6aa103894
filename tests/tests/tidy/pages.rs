//! Rules on Markdown.

use std::collections::HashSet;

use crate::repository::{Complaint, File};

/// A folder's README gives the reading order.
const README_LINES_MAX: usize = 30;

fn pages(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.extension() == "md")
}

/// Relative links to files, folders or headings that are not there.
pub(crate) fn dead_links(files: &[File]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for page in pages(files) {
        for (number, link) in links(page) {
            let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { page.path.clone() } else { resolve(&page.path, path) };
            let file = files.iter().find(|file| file.path == target);
            let folder = format!("{target}/");
            if file.is_none() && !files.iter().any(|file| file.path.starts_with(&folder)) {
                complaints.push(format!("{}:{number}: {link}", page.path));
            } else if !heading.is_empty()
                && file.is_some_and(|file| file.extension() == "md" && !has_heading(file, heading))
            {
                complaints.push(format!("{}:{number}: {link}: no such heading", page.path));
            }
        }
    }
    complaints
}

/// Lines outside fenced blocks, without inline code.
fn prose(page: &File) -> impl Iterator<Item = (usize, String)> {
    let mut fenced = false;
    page.lines().filter_map(move |(number, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then(|| (number, line.split('`').step_by(2).collect::<String>()))
    })
}

/// The relative targets of `](…)`, and of `[name]: …`.
fn links(page: &File) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (number, line) in prose(page) {
        let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
        let named = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target);
        for link in inline.chain(named) {
            let link = link.trim_matches(['<', '>']);
            let elsewhere = ["http:", "https:", "mailto:"].iter().any(|scheme| link.starts_with(scheme));
            if !elsewhere && !link.is_empty() {
                links.push((number, link.to_owned()));
            }
        }
    }
    links
}

/// `link` as seen from `page`, from the root.
fn resolve(page: &str, link: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// Whether a heading has this anchor, formed as the usual renderers form it.
fn has_heading(page: &File, anchor: &str) -> bool {
    let slug = |heading: &str| -> String {
        let kept = heading.trim().chars().filter(|letter| letter.is_alphanumeric() || "-_ ".contains(*letter));
        kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect::<String>().to_lowercase()
    };
    // The raw line: words in inline code are part of a heading.
    page.lines().any(|(_, line)| line.starts_with('#') && slug(line.trim_start_matches('#')) == anchor)
}

/// READMEs of folders that grew into pages.
pub(crate) fn long_readmes(files: &[File]) -> Vec<Complaint> {
    let complain = |page: &File| {
        let count = page.lines().count();
        let long = page.name() == "README.md" && page.path != "README.md" && count > README_LINES_MAX;
        long.then(|| format!("{}: {count} lines, at most {README_LINES_MAX}", page.path))
    };
    pages(files).filter_map(complain).collect()
}

/// Pages of docs/ that the root README, and decisions that docs/adr/README.md, do not link.
pub(crate) fn unlisted(files: &[File]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (map, folder) in [("README.md", "docs/"), ("docs/adr/README.md", "docs/adr/")] {
        let linked: HashSet<String> = files
            .iter()
            .filter(|file| file.path == map)
            .flat_map(|page| {
                links(page).into_iter().map(|(_, link)| resolve(map, link.split('#').next().unwrap_or_default()))
            })
            .collect();
        let inside =
            |page: &&File| page.path.strip_prefix(folder).is_some_and(|name| !name.contains('/') && page.path != map);
        for page in pages(files).filter(inside).filter(|page| !linked.contains(&page.path)) {
            complaints.push(format!("{}: not linked from {map}", page.path));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_dead_links() {
        let target = File::planted("docs/b.md", "# One `two` 走访\n");
        let found = |text: &str| {
            dead_links(&[File::planted("docs/a.md", text), File::planted("docs/b.md", "# One `two` 走访\n")])
        };
        assert_eq!(target.path, "docs/b.md");
        assert!(
            found("[b](b.md) [h](b.md#one-two-走访) [d](../docs) [w](https://example.cn) `[x](none.md)`").is_empty()
        );
        assert!(found("```\n[x](none.md)\n```\n").is_empty());
        assert_eq!(
            found("[x](none.md)\n[x](b.md#three)\n[x](../b.md)\n![x](none.svg \"title\")\n[x]: gone.md\n").len(),
            5
        );
    }

    #[test]
    fn finds_long_readmes() {
        let text = "line\n".repeat(31);
        let found = |path: &str| long_readmes(&[File::planted(path, &text)]).len();
        assert_eq!((found("README.md"), found("core/README.md"), found("docs/x.md")), (0, 1, 0));
    }

    #[test]
    fn finds_pages_off_the_map() {
        let map = File::planted("README.md", "[a](docs/a.md)\n");
        let pages =
            ["docs/a.md", "docs/b.md", "docs/adr/README.md", "docs/adr/0001-x.md"].map(|path| File::planted(path, ""));
        let files: Vec<File> = pages.into_iter().chain([map]).collect();
        assert_eq!(unlisted(&files).len(), 2, "{:?}", unlisted(&files));
    }
}
