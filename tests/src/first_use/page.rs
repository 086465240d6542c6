//! The code blocks of a page, and the action for each.
//!
//! A block that a reader would type comes after a comment that HTML does not show:
//!
//! ```text
//! <!-- first-use: run -->                   shell: run it; JavaScript: run it as its own module
//! <!-- first-use: file job.mjs -->          add it to that file; a later block runs the file
//! <!-- first-use: run after connect.mjs --> JavaScript: run it after the text of that file
//! <!-- first-use: start "Idle" -->          shell: start it; go on when it has written this text
//! <!-- first-use: not run: takes a GPU -->  skip it, for this reason
//! ```

use anyhow::{Context, Result, bail, ensure};

/// The languages of blocks that a reader runs. A block in another language, such as an output,
/// needs no comment.
const RUNNABLE: [&str; 4] = ["sh", "bash", "js", "ts"];
/// The beginning of a comment for this test.
const OPENING: &str = "<!-- first-use:";

/// The language of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Shell.
    Shell,
    /// JavaScript.
    JavaScript,
}

/// The action for a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Run it.
    Run,
    /// Add it to this file.
    File(String),
    /// Run it after the text of this file.
    RunAfter(String),
    /// Start it, and continue when it has written this text.
    Start(String),
    /// Skip it.
    NotRun,
}

/// A code block that a reader would type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The line of the page on which its text begins, from 1.
    pub line: usize,
    /// Language of the block.
    pub language: Language,
    /// Action for the block.
    pub action: Action,
    /// Text of the block.
    pub text: String,
}

/// The blocks of a page, in order.
///
/// # Errors
///
/// When a block that a reader would type has no comment, a comment is unknown, or a block does not
/// end.
pub fn blocks(page: &str) -> Result<Vec<Block>> {
    let mut found = Vec::new();
    let mut comment: Option<&str> = None;
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let trimmed = line.trim();
        if let Some(rest) = trimmed.strip_prefix(OPENING) {
            let text =
                rest.strip_suffix("-->").with_context(|| format!("line {}: the comment does not end", at + 1))?;
            comment = Some(text.trim());
            continue;
        }
        let Some(name) = trimmed.strip_prefix("```") else {
            ensure!(trimmed.is_empty() || comment.is_none(), "line {}: a comment for no block", at + 1);
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let mut text = String::new();
        loop {
            let (_, line) = lines.next().with_context(|| format!("line {}: the block does not end", at + 1))?;
            if line.trim() == "```" {
                break;
            }
            text.push_str(line.get(indent..).unwrap_or_default());
            text.push('\n');
        }
        let comment = comment.take();
        if !RUNNABLE.contains(&name) {
            ensure!(comment.is_none(), "line {}: a comment for a block of {name:?}", at + 1);
            continue;
        }
        let comment = comment.with_context(|| format!("line {}: say whether this block is run (first-use)", at + 1))?;
        let action = action(comment).with_context(|| format!("line {}", at + 1))?;
        let language = match name {
            "sh" | "bash" => Language::Shell,
            "js" => Language::JavaScript,
            // Types are checked by other tests.
            _ if action == Action::NotRun => continue,
            _ => bail!("line {}: {name} cannot be run", at + 1),
        };
        let fits = match action {
            Action::Run | Action::NotRun | Action::File(_) => true,
            Action::RunAfter(_) => language == Language::JavaScript,
            Action::Start(_) => language == Language::Shell,
        };
        ensure!(fits, "line {}: {comment:?} is not for {name}", at + 1);
        found.push(Block { line: at + 2, language, action, text });
    }
    Ok(found)
}

fn action(comment: &str) -> Result<Action> {
    let file = |name: &str| -> Result<String> {
        let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        ensure!(plain, "{name:?} is no plain file name");
        Ok(name.to_owned())
    };
    Ok(if comment == "run" {
        Action::Run
    } else if let Some(name) = comment.strip_prefix("file ") {
        Action::File(file(name)?)
    } else if let Some(name) = comment.strip_prefix("run after ") {
        Action::RunAfter(file(name)?)
    } else if let Some(text) = comment.strip_prefix("start ") {
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        Action::Start(text.context("the text to wait for stands in quotation marks")?.to_owned())
    } else if let Some(reason) = comment.strip_prefix("not run:") {
        ensure!(!reason.trim().is_empty(), "say why the block is not run");
        Action::NotRun
    } else {
        bail!("{comment:?}: write run, file NAME, run after NAME, start \"TEXT\" or not run: REASON")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(comment: &str, language: &str) -> String {
        format!("# Title\n\n{comment}\n```{language}\nfirst\n\nsecond\n```\n")
    }

    #[test]
    fn a_block_has_its_line_language_action_and_text() {
        let found = blocks(&page("<!-- first-use: run -->", "sh")).unwrap();
        let text = "first\n\nsecond\n".to_owned();
        assert_eq!(found, [Block { line: 5, language: Language::Shell, action: Action::Run, text }]);
    }

    #[test]
    fn every_action_is_known() {
        for (comment, language, expected) in [
            ("file job.mjs", "js", Action::File("job.mjs".into())),
            ("run after connect.mjs", "js", Action::RunAfter("connect.mjs".into())),
            ("start \"Idle (1 peers)\"", "sh", Action::Start("Idle (1 peers)".into())),
            ("not run: it takes a GPU", "js", Action::NotRun),
        ] {
            let found = blocks(&page(&format!("<!-- first-use: {comment} -->"), language)).unwrap();
            assert_eq!(found[0].action, expected);
        }
        assert_eq!(blocks(&page("<!-- first-use: not run: papi.ts is checked -->", "ts")).unwrap(), []);
    }

    #[test]
    fn a_block_that_a_reader_would_type_needs_a_comment() {
        for language in RUNNABLE {
            assert!(blocks(&page("", language)).is_err(), "{language}");
        }
        assert_eq!(blocks(&page("", "text")).unwrap(), [], "an output needs none");
    }

    #[test]
    fn wrong_comments_are_errors() {
        for (comment, language) in [
            ("run it", "sh"),
            ("not run:", "sh"),
            ("file ../up", "js"),
            ("start Idle", "sh"),
            ("start \"Idle\"", "js"),
            ("run after connect.mjs", "sh"),
            ("run", "ts"),
            ("run", "json"),
        ] {
            assert!(blocks(&page(&format!("<!-- first-use: {comment} -->"), language)).is_err(), "{comment}");
        }
        assert!(blocks("<!-- first-use: run -->\nwords\n").is_err(), "no block follows");
        assert!(blocks("<!-- first-use: run -->\n```sh\nnever ends\n").is_err());
        assert!(blocks("<!-- first-use: run\n```sh\n```\n").is_err());
    }

    #[test]
    fn an_indented_block_loses_its_indent() {
        let found = blocks("1. Do\n\n   <!-- first-use: run -->\n   ```sh\n   if true\n     then\n   ```\n").unwrap();
        assert_eq!(found[0].text, "if true\n  then\n");
    }
}
