//! Output: results to the standard output, everything else to the standard error.

use crate::error::Error;
use comfy_table::{presets, CellAlignment, ContentArrangement, Table};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::Value;
use std::{
    fmt::Write as _,
    io::{IsTerminal, Write},
};

/// Most bytes shown of a foreign text within a line: a cell of a table, or a part of a sentence.
const MAX_INLINE: usize = 512;
/// Most bytes shown of a longer foreign text: as many as executors keep of a log.
const MAX_TEXT: usize = 64 * 1024;
/// Most bytes of an error's message.
const MAX_MESSAGE: usize = 4 * 1024;

/// The output format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Output {
    /// Write JSON, for scripts.
    pub json: bool,
    /// Write results and errors only.
    pub quiet: bool,
}

impl Output {
    /// Write a result: `json`, or `text` for people.
    pub fn result(&self, json: &Value, text: impl FnOnce() -> String) {
        let text = if self.json { json_text(&format!("{json:#}")) } else { safe(&text()) };
        write_line(&text);
    }

    /// Write one of several results, in one line: `json`, or `text` for people.
    pub fn line(&self, json: &Value, text: impl FnOnce() -> String) {
        let text = if self.json { json_text(&json.to_string()) } else { safe(&text()) };
        write_line(&text);
    }

    /// Write a note on the progress, for people.
    pub fn note(&self, text: impl AsRef<str>) {
        if !self.quiet && !self.json {
            eprintln!("{}", safe(text.as_ref()));
        }
    }

    /// Write an error.
    pub fn error(&self, error: &Error) {
        if self.json {
            eprintln!("{}", json_text(&error.to_json().to_string()));
        } else {
            eprintln!("{error}");
        }
    }

    /// Whether progress is drawn: only if the standard error is a terminal.
    pub fn draws(&self) -> bool {
        !self.quiet && !self.json && std::io::stderr().is_terminal()
    }

    /// A progress bar of `length` steps or, with `bytes`, of bytes. It is hidden unless
    /// [`Self::draws`].
    pub fn bar(&self, length: u64, bytes: bool) -> ProgressBar {
        if !self.draws() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(length);
        let template =
            if bytes { "{msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec}" } else { "{msg} [{bar:30}] {elapsed}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar
    }
}

/// Write a line. A closed pipe, as with `| head`, is no error.
fn write_line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush());
}

/// Format rows under headers.
pub fn table(headers: &[&str], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return "none".into();
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headers.iter().map(|header| header.to_uppercase()));
    for row in rows {
        table.add_row(row.iter().map(|cell| inline(cell)));
    }
    trimmed(&table)
}

/// Format names with their values. Names without a value are left out.
pub fn fields(fields: &[(&str, String)]) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        table.add_row([*name, inline(value).as_str()]);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_cell_alignment(CellAlignment::Left);
    }
    trimmed(&table)
}

/// Remove the blank that the table puts before and after each cell.
fn trimmed(table: &Table) -> String {
    table
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_string())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Convert to JSON.
pub fn json(value: impl Serialize) -> Value {
    // Values here are numbers, texts, lists and maps with text keys: conversion cannot fail.
    serde_json::to_value(value).unwrap_or_default()
}

/// A number with its noun: `1 task`, `2 tasks`.
pub fn count(number: u32, what: &str) -> String {
    count_of(number.into(), what)
}

/// As [`count`], for a large number.
pub fn count_of(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A number of bytes, as people read it.
pub fn bytes(count: u64) -> String {
    indicatif::BinaryBytes(count).to_string()
}

/// The first characters of a long text.
pub fn short(text: impl ToString) -> String {
    let text = text.to_string();
    match text.char_indices().nth(10) {
        Some((end, _)) if text.len() > 14 => format!("{}…", &text[..end]),
        _ => text,
    }
}

/// Prepare a longer foreign text, such as a log, for a terminal. Characters that could hide or
/// forge text are escaped, and a text that is too long is cut. Line breaks and tabs stay.
pub fn printable(text: &str) -> String {
    escaped(text, MAX_TEXT, true)
}

/// Prepare a foreign text within a line, such as a name or the error of a node. Line breaks are
/// escaped as well, so that the text cannot pretend to be a line of this program.
pub fn inline(text: &str) -> String {
    escaped(text, MAX_INLINE, false)
}

/// Prepare an error's message, part of which may be a foreign text.
pub fn message(text: &str) -> String {
    escaped(text, MAX_MESSAGE, true)
}

/// Prepare a text that this program has built. None of its parts can steer the terminal.
fn safe(text: &str) -> String {
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
fn json_text(json: &str) -> String {
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

    #[test]
    fn tables_have_a_header_and_a_line_for_each_row() {
        let text = table(&["job", "state"], vec![vec!["7".into(), "open".into()], vec!["12".into(), "ended".into()]]);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("JOB") && lines[0].ends_with("STATE"));
        assert!(lines[2].starts_with("12") && lines[2].ends_with("ended"));
        assert_eq!(table(&["job"], vec![]), "none");
    }

    #[test]
    fn fields_without_a_value_are_left_out() {
        let text = fields(&[("job", "7".into()), ("ended", String::new())]);
        assert_eq!(text.lines().count(), 1);
    }

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

    #[test]
    fn things_are_counted_and_shortened() {
        assert_eq!(short("0x0123456789abcdef"), "0x01234567…");
        assert_eq!(count(1, "task"), "1 task");
        assert_eq!(count(2, "task"), "2 tasks");
        assert_eq!(short("alice"), "alice");
        assert_eq!(short("ääääääääääääääää"), "ääääääääää…");
    }
}
