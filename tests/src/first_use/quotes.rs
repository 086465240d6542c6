//! Quotations: code blocks of a page that are parts of an example.
//!
//! A quotation comes after a comment that HTML does not show. The comment names the file:
//!
//! ```text
//! <!-- quotes: examples/subxt/src/main.rs -->
//! ```
//!
//! The lines of the block stand in the file, and the quotations of a page in the file's order.

use anyhow::{Context, Result, ensure};

/// The beginning of a comment before a quotation.
const OPENING: &str = "<!-- quotes:";

/// A code block that is a part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotation<'a> {
    /// The line of the page with the comment, from 1.
    pub line: usize,
    /// Path of the file below the repository's root.
    pub file: &'a str,
    /// The lines.
    pub text: String,
}

/// The quotations of a page, in order.
///
/// # Errors
///
/// When a comment does not end, or no code block follows before other text.
pub fn quotations(page: &str) -> Result<Vec<Quotation<'_>>> {
    let mut found = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(rest) = line.trim().strip_prefix(OPENING) else { continue };
        let line = at + 1;
        let file = rest.strip_suffix("-->").with_context(|| format!("line {line}: the comment does not end"))?.trim();
        let is_fence = |line: &str| line.trim_start().starts_with("```");
        let between = |line: &str| line.is_empty() || line.starts_with("<!--");
        let (_, fence) = lines.find(|(_, line)| !between(line.trim())).unwrap_or_default();
        ensure!(is_fence(fence), "line {line}: no code block follows");
        let indent = fence.len() - fence.trim_start().len();
        let block = lines.by_ref().map(|(_, line)| line).take_while(|line| !is_fence(line));
        let text = block.map(|line| line.get(indent..).unwrap_or_default().to_owned() + "\n").collect();
        found.push(Quotation { line, file, text });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::first_use::root;
    use std::{collections::BTreeMap, fs, path::PathBuf};

    /// The pages of the documentation.
    fn pages() -> Vec<PathBuf> {
        let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
        let pages = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
        pages.chain([root().join("README.md"), root().join("CONTRIBUTING.md")]).collect()
    }

    #[test]
    fn a_quotation_has_its_line_file_and_text() {
        let page = "text\n<!-- quotes: a/b.rs -->\n<!-- first-use: run -->\n```rust\nfirst\n\nsecond\n```\nend\n";
        let text = "first\n\nsecond\n".to_owned();
        assert_eq!(quotations(page).unwrap(), [Quotation { line: 2, file: "a/b.rs", text }]);
    }

    #[test]
    fn a_comment_for_no_block_is_an_error() {
        for page in ["<!-- quotes: a -->\nwords\n```\n```\n", "<!-- quotes: a -->\n", "<!-- quotes: a\n```\n```\n"] {
            assert!(quotations(page).is_err(), "{page}");
        }
    }

    #[test]
    fn every_quotation_is_in_its_file_in_order() {
        let mut quoted = BTreeMap::new();
        for path in pages() {
            let page = fs::read_to_string(&path).unwrap();
            let mut rests: BTreeMap<&str, String> = BTreeMap::new();
            for Quotation { line, file, text } in quotations(&page).unwrap() {
                let place = format!("{}:{line}", path.display());
                let rest = rests.entry(file).or_insert_with(|| fs::read_to_string(root().join(file)).expect(&place));
                let (_, after) = rest.split_once(&text).unwrap_or_else(|| panic!("{place}: {file} has other lines"));
                *rest = after.to_owned();
                *quoted.entry(file.to_owned()).or_insert(0) += 1;
            }
        }
        for file in ["polkadot-js/job.mjs", "papi/job.ts", "subxt/src/main.rs", "worker/worker.sh"] {
            assert!(quoted.contains_key(&format!("examples/{file}")), "no page quotes {file}");
        }
    }
}
