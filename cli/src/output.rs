//! What is written: results to the standard output, everything else to the standard error.

use crate::error::Error;
use comfy_table::{presets, CellAlignment, ContentArrangement, Table};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::Value;
use std::io::{IsTerminal, Write};

/// How to write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Output {
    /// JSON for scripts.
    pub json: bool,
    /// Results and errors only.
    pub quiet: bool,
}

impl Output {
    /// A result: `json`, or `text` for people.
    pub fn result(&self, json: &Value, text: impl FnOnce() -> String) {
        let text = if self.json { format!("{json:#}") } else { text() };
        write_line(&text);
    }

    /// A result of several, one line each: `json`, or `text` for people.
    pub fn line(&self, json: &Value, text: impl FnOnce() -> String) {
        let text = if self.json { json.to_string() } else { text() };
        write_line(&text);
    }

    /// What happens, for people who wait.
    pub fn note(&self, text: impl AsRef<str>) {
        if !self.quiet && !self.json {
            eprintln!("{}", text.as_ref());
        }
    }

    /// An error.
    pub fn error(&self, error: &Error) {
        if self.json {
            eprintln!("{}", error.to_json());
        } else {
            eprintln!("{error}");
        }
    }

    /// Whether progress is drawn: the standard error is a terminal.
    pub fn draws(&self) -> bool {
        !self.quiet && !self.json && std::io::stderr().is_terminal()
    }

    /// A bar of `length` steps or, with `bytes`, bytes. It shows only where [`Self::draws`].
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

/// A closed pipe, as of `| head`, is no error.
fn write_line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush());
}

/// Rows under headers.
pub fn table(headers: &[&str], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return "none".into();
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headers.iter().map(|header| header.to_uppercase()));
    for row in rows {
        table.add_row(row);
    }
    trimmed(&table)
}

/// Names with their values. Those without a value are left out.
pub fn fields(fields: &[(&str, String)]) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        table.add_row([*name, value.as_str()]);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_cell_alignment(CellAlignment::Left);
    }
    trimmed(&table)
}

/// Without the blank that the table puts before and after each cell.
fn trimmed(table: &Table) -> String {
    table
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_string())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Something as JSON.
pub fn json(value: impl Serialize) -> Value {
    // What is written here are numbers, texts, lists and maps with text keys: these cannot fail.
    serde_json::to_value(value).unwrap_or_default()
}

/// So many of something: `1 task`, `2 tasks`.
pub fn count(number: u32, what: &str) -> String {
    count_of(number.into(), what)
}

/// As [`count`], of a large number.
pub fn count_of(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A number of bytes for people.
pub fn bytes(count: u64) -> String {
    indicatif::BinaryBytes(count).to_string()
}

/// The first characters of something long.
pub fn short(text: impl ToString) -> String {
    let text = text.to_string();
    match text.char_indices().nth(10) {
        Some((end, _)) if text.len() > 14 => format!("{}…", &text[..end]),
        _ => text,
    }
}

/// A text of others for a terminal: control characters, which could hide or forge something there, are escaped.
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => safe.push(c),
            c if c.is_control() => safe.extend(c.escape_default()),
            c => safe.push(c),
        }
    }
    safe
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
