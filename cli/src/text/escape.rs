//! Texts of others, such as nodes and compilers: they are escaped so that they cannot steer the
//! terminal, and cut if they are too long.

use std::fmt::Write;

/// Most bytes shown of a foreign text within a line: a cell of a table, or a part of a sentence.
const MAX_INLINE: usize = 512;
/// Most bytes shown of a longer foreign text: as many as executors keep of a log.
const MAX_TEXT: usize = 64 * 1024;
/// Most bytes of an error's message.
const MAX_MESSAGE: usize = 4 * 1024;

/// Prepare a longer foreign text, such as a log, for a terminal. Characters that could hide or
/// forge text are escaped, and a text that is too long is cut. Line breaks and tabs stay.
pub(crate) fn printable(text: &str) -> String {
    escaped(text, MAX_TEXT, true)
}

/// Prepare a foreign text within a line, such as a name or the error of a node. Line breaks are
/// escaped as well, so that the text cannot pretend to be a line of this program.
pub(crate) fn inline(text: &str) -> String {
    escaped(text, MAX_INLINE, false)
}

/// Prepare an error's message, part of which may be a foreign text.
pub(crate) fn message(text: &str) -> String {
    escaped(text, MAX_MESSAGE, true)
}

/// Prepare a text that this program has built. None of its parts can steer the terminal.
pub(crate) fn safe(text: &str) -> String {
    escaped(text, usize::MAX, true)
}

/// Whether a character steers the terminal: control characters, and invisible ones that change the
/// direction of writing or hide text.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

fn escaped(text: &str, most: usize, lines: bool) -> String {
    let mut shown = String::with_capacity(text.len().min(most));
    for (at, c) in text.char_indices() {
        if shown.len() >= most {
            let _ = write!(shown, "… ({} bytes more)", text.len() - at);
            break;
        }
        match c {
            '\n' | '\t' if lines => shown.push(c),
            c if steers(c) => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    shown
}

/// Escape the characters in JSON that would steer a terminal. They occur only within its strings,
/// where `\u` is the same character.
pub(crate) fn json_text(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            c if c != '\n' && steers(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(shown, "\\u{unit:04x}");
                }
            }
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::output::{fields, table};
    use serde_json::Value;

    #[test]
    fn what_others_wrote_cannot_steer_the_terminal() {
        assert_eq!(printable("kernel.cl:1:2: error\n\tfür"), "kernel.cl:1:2: error\n\tfür");
        assert_eq!(printable("a\r\u{1b}[2Jb\u{9b}"), "a\\r\\u{1b}[2Jb\\u{9b}");
        assert_eq!(printable("to \u{202e}live\u{2066}"), "to \\u{202e}live\\u{2066}");
        assert_eq!(inline("x\n  next: run this\u{feff}"), "x\\n  next: run this\\u{feff}");
        for c in ('\0'..=char::MAX).filter(|c| steers(*c)) {
            assert!(
                !inline(&c.to_string()).contains(c) && !message(&c.to_string()).contains(c) || c == '\n' || c == '\t'
            );
        }
    }

    #[test]
    fn what_others_wrote_is_cut_when_it_is_too_long() {
        let long = "\u{1b}[31m".repeat(40_000);
        for (shown, most) in [(inline(&long), MAX_INLINE), (message(&long), MAX_MESSAGE), (printable(&long), MAX_TEXT)]
        {
            assert!(shown.len() < most + 64 && shown.ends_with(" bytes more)"), "{} bytes", shown.len());
            assert!(!shown.contains('\u{1b}'));
        }
        assert_eq!(inline(&"ä".repeat(256)), "ä".repeat(256));
        let row = || vec![long.clone(), "7\n8".to_string()];
        for text in [table(&["a", "b"], vec![row()]), fields(&[("a", long.clone()), ("b", "7\n8".into())])] {
            assert!(text.len() < 4 * MAX_INLINE && !text.contains('\u{1b}') && text.contains("7\\n8"), "{text}");
            assert_eq!(text.lines().count(), 2);
        }
    }

    #[test]
    fn json_keeps_what_it_says_and_steers_no_terminal() {
        let value = serde_json::json!({ "a": "\u{1b}[2J\u{9b}2J \u{202e}\u{e0041}ü\n", "b": [1, "x"] });
        for text in [value.to_string(), format!("{value:#}")] {
            let shown = json_text(&text);
            assert!(!shown.chars().any(|c| c != '\n' && steers(c)), "{shown}");
            assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
        }
    }
}
