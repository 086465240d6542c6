//! Output: results to the standard output, everything else to the standard error.

use crate::{
    error::Error,
    text::escape::{inline, json_text, safe},
};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::Value;
use std::io::{IsTerminal, Write};

/// The output format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Output {
    /// Write JSON, for scripts.
    pub json: bool,
    /// Write results and errors only.
    pub quiet: bool,
}

impl Output {
    /// Write a result: `json`, or `text` for people.
    pub(crate) fn result(&self, json: &Value, text: impl FnOnce() -> String) {
        let text = if self.json { json_text(&format!("{json:#}")) } else { safe(&text()) };
        write_line(&text);
    }

    /// Write one of several results, in one line: `json`, or `text` for people.
    pub(crate) fn line(&self, json: &Value, text: impl FnOnce() -> String) {
        let text = if self.json { json_text(&json.to_string()) } else { safe(&text()) };
        write_line(&text);
    }

    /// Write a note on the progress, for people.
    pub(crate) fn note(&self, text: impl AsRef<str>) {
        if !self.quiet && !self.json {
            eprintln!("{}", safe(text.as_ref()));
        }
    }

    /// Write an error.
    pub(crate) fn error(&self, error: &Error) {
        if self.json {
            eprintln!("{}", json_text(&error.to_json().to_string()));
        } else {
            eprintln!("{error}");
        }
    }

    /// Whether progress is drawn: only if the standard error is a terminal.
    pub(crate) fn draws(&self) -> bool {
        !self.quiet && !self.json && std::io::stderr().is_terminal()
    }

    /// A progress bar of `length` steps or, with `bytes`, of bytes. It is hidden unless
    /// [`Self::draws`].
    pub(crate) fn bar(&self, length: u64, bytes: bool) -> ProgressBar {
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

/// Write a line. A closed pipe, as with `| head`, is not an error.
fn write_line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush());
}

/// Format rows under headers.
pub(crate) fn table(headers: &[&str], rows: Vec<Vec<String>>) -> String {
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
pub(crate) fn fields(fields: &[(&str, String)]) -> String {
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
pub(crate) fn json(value: impl Serialize) -> Value {
    // Values here are numbers, texts, lists and maps with text keys: conversion cannot fail.
    serde_json::to_value(value).unwrap_or_default()
}

/// A number with its noun: `1 task`, `2 tasks`.
pub(crate) fn count(number: u32, what: &str) -> String {
    count_of(number.into(), what)
}

/// As [`count`], for a large number.
pub(crate) fn count_of(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A number of bytes, as people read it.
pub(crate) fn bytes(count: u64) -> String {
    indicatif::BinaryBytes(count).to_string()
}

/// The first characters of a long text.
pub(crate) fn short(text: impl ToString) -> String {
    let text = text.to_string();
    match text.char_indices().nth(10) {
        Some((end, _)) if text.len() > 14 => format!("{}…", &text[..end]),
        _ => text,
    }
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
    fn things_are_counted_and_shortened() {
        assert_eq!(short("0x0123456789abcdef"), "0x01234567…");
        assert_eq!(count(1, "task"), "1 task");
        assert_eq!(count(2, "task"), "2 tasks");
        assert_eq!(short("alice"), "alice");
        assert_eq!(short("ääääääääääääääää"), "ääääääääää…");
    }
}
