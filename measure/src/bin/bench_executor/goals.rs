//! Figures of repeated measurements, and the goals for them.

use anyhow::{Result, ensure};
use dpin_tests::program::Verdict;
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

/// Median and spread of repeated measurements.
pub(crate) struct Figures {
    pub least: f64,
    pub median: f64,
    pub most: f64,
}

impl Figures {
    pub(crate) fn of(measured: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = measured.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
        let last = sorted.len().saturating_sub(1);
        Self { least: at(0), median: (at(last / 2) + at(sorted.len() / 2)) / 2.0, most: at(last) }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { least, median, most } = self;
        match f.precision() {
            Some(digits) => write!(f, "{median:.digits$} ({least:.digits$} to {most:.digits$})"),
            None => write!(f, "{median} ({least} to {most})"),
        }
    }
}

/// The goals that were checked.
#[derive(Default)]
pub(crate) struct Goals {
    met: Vec<String>,
    missed: Vec<String>,
}

impl Goals {
    /// Check a figure that must be at most `goal`.
    pub(crate) fn most(&mut self, name: &str, figure: f64, goal: f64, digits: usize) {
        let met = figure <= goal;
        let line = format!("{name}={figure:.digits$} goal {goal:.digits$} {}", if met { "met" } else { "missed" });
        println!("{line}");
        self.note(&line);
    }

    /// Add a line that another program printed: `name=figure goal … met`.
    fn note(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let figure = words.next().filter(|word| word.contains('='));
        let (Some(figure), true) = (figure, line.contains(" goal ")) else { return };
        match words.last() {
            Some("met") => self.met.push(figure.into()),
            Some("missed") => self.missed.push(figure.into()),
            _ => (),
        }
    }

    /// Run another program that measures something, and add the lines that it prints.
    pub(crate) fn run(&mut self, program: &Path) -> Result<()> {
        let mut child = Command::new(program).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        for line in child.stdout.take().map(|stdout| BufReader::new(stdout).lines()).into_iter().flatten() {
            let line = line?;
            println!("{line}");
            self.note(&line);
        }
        let status = child.wait()?;
        ensure!(status.success(), "it ended with {status}");
        Ok(())
    }

    /// All goals with their figures: `ok` if all are met.
    pub(crate) fn verdict(&self) -> Verdict {
        let words = if self.missed.is_empty() {
            format!("ok {}", self.met.join(" "))
        } else {
            format!("missed {}; met {}", self.missed.join(" "), self.met.join(" "))
        };
        Verdict::in_words(true, words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_names_the_goals_that_were_missed() {
        let mut goals = Goals::default();
        goals.most("overhead_kernel", 1.01, 1.02, 3);
        goals.note("not a figure, though it names a goal met");
        assert_eq!(goals.verdict(), Verdict::ok("overhead_kernel=1.010"));
        goals.note("transfer_mb_per_s=90 goal 100 missed");
        assert_eq!(goals.verdict(), Verdict::in_words(true, "missed transfer_mb_per_s=90; met overhead_kernel=1.010"));
    }

    #[test]
    fn figures_are_the_median_and_the_spread() {
        assert_eq!(format!("{:.1}", Figures::of([3.0, 1.0, 2.0, 10.0])), "2.5 (1.0 to 10.0)");
    }
}
