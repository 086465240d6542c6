//! The costs of many lives, by number of workers.

use super::{
    blocks::Cost,
    life::{Life, Output, STEPS, live},
    population::Trie,
};
use anyhow::{Context, Result};
use std::time::Duration;

/// Lives that are not counted: they warm up the nodes' caches.
const WARM_UP: u32 = 20;
/// The name of the sum of all steps.
pub const WHOLE: &str = "whole";

/// The median cost of each step with one number of workers.
#[derive(Clone, Debug)]
pub struct Row {
    /// Number of workers.
    pub workers: u32,
    /// The cost of each of [`STEPS`].
    pub steps: Life,
    /// The total cost of all steps.
    pub whole: Cost,
}

impl Row {
    fn named(&self) -> impl Iterator<Item = (&'static str, &Cost)> {
        STEPS.into_iter().zip(&self.steps).chain([(WHOLE, &self.whole)])
    }
}

/// The results of the measurement.
#[derive(Clone, Debug)]
pub struct Table {
    /// One row for each number of workers.
    pub rows: Vec<Row>,
    /// Lives whose reads and proofs were counted.
    pub recorded: u32,
    /// Lives in which every step touched the same number of items for every number of workers.
    /// Medians of counts and proofs are taken over these. In the other lives, as a rule, one of few
    /// workers was met twice or was the last of the index.
    pub alike: u32,
}

impl Table {
    /// The total cost with the most workers divided by that with the least.
    pub fn growth(&self, of: impl Fn(&Cost) -> f64) -> f64 {
        match (self.rows.first(), self.rows.last()) {
            (Some(least), Some(most)) => of(&most.whole) / of(&least.whole),
            _ => f64::NAN,
        }
    }

    /// Growth of the time.
    pub fn time_growth(&self) -> f64 {
        self.growth(|cost| cost.time().as_secs_f64())
    }

    /// Whether the number of workers does not affect the items read and written: at least nine of
    /// ten lives are alike. The rest allows for coincidences that are likely with few workers.
    pub fn is_level(&self) -> bool {
        u64::from(self.alike) * 10 >= u64::from(self.recorded) * 9
    }

    /// The table as readable text.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{:>9}  {:<9}{:>10}{:>10}{:>10}{:>7}{:>8}{:>7}{:>10}\n",
            "workers", "step", "us", "run us", "root us", "reads", "writes", "nodes", "proof B"
        );
        for (workers, name, [time, run, root, reads, writes, nodes, bytes]) in self.cells() {
            text += &format!(
                "{workers:>9}  {name:<9}{time:>10}{run:>10}{root:>10}{reads:>7}{writes:>8}{nodes:>7}{bytes:>10}\n"
            );
        }
        text
    }

    /// The table as CSV with a header.
    pub fn csv(&self) -> String {
        let mut csv = String::from("workers,step,time_us,run_us,root_us,reads,writes,proof_nodes,proof_bytes\n");
        for (workers, name, cells) in self.cells() {
            csv += &format!("{workers},{name},{}\n", cells.join(","));
        }
        csv
    }

    /// The number of workers, the step and the figures of each line.
    fn cells(&self) -> impl Iterator<Item = (u32, &'static str, [String; 7])> + '_ {
        self.rows.iter().flat_map(|row| row.named().map(|(name, cost)| (row.workers, name, cost.cells())))
    }
}

impl Cost {
    /// The total time, the execution time and the time for the root in µs with a decimal, then the
    /// counts.
    fn cells(&self) -> [String; 7] {
        let micros = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e6);
        let [time, run, root] = [self.time(), self.run, self.root].map(micros);
        let [reads, writes, nodes, bytes] =
            [self.reads, self.writes, self.proof_nodes, self.proof_bytes].map(|count| count.to_string());
        [time, run, root, reads, writes, nodes, bytes]
    }
}

/// The numbers of lives to measure.
#[derive(Clone, Copy, Debug)]
pub struct Lives {
    /// Lives that are timed.
    pub timed: u32,
    /// Lives whose reads and proofs are counted.
    pub recorded: u32,
}

/// Measure lives on each trie. They are interleaved, so that other load on the machine affects all
/// tries alike. `tell` receives the number of finished lives.
///
/// # Errors
///
/// If the chain refuses something, or there are no lives to measure.
pub fn measure(tries: &[Trie], lives: Lives, mut tell: impl FnMut(u32)) -> Result<Table> {
    let output = Output::new(tries.first().context("there is a trie")?);
    let mut timed: Vec<Vec<Life>> = tries.iter().map(|_| Vec::new()).collect();
    let mut recorded = timed.clone();
    for lot in 0..WARM_UP + lives.timed + lives.recorded {
        let record = lot >= WARM_UP + lives.timed;
        // Each trie comes first equally often.
        for at in (0..tries.len()).map(|at| (at + lot as usize) % tries.len()) {
            let life = live(&tries[at], &output, lot, record)?;
            if record {
                recorded[at].push(life);
            } else if lot >= WARM_UP {
                timed[at].push(life);
            }
        }
        tell(lot + 1);
    }
    let alike = alike(&recorded);
    let rows = tries.iter().zip(timed.iter().zip(&recorded)).map(|(trie, (timed, recorded))| {
        let recorded: Vec<Life> = alike.iter().filter_map(|life| recorded.get(*life).copied()).collect();
        let (times, counts) = (medians(timed)?, medians(&recorded)?);
        let joined = |time: &Cost, count: &Cost| Cost { run: time.run, root: time.root, ..*count };
        let mut steps = counts.0;
        steps.iter_mut().zip(&times.0).for_each(|(count, time)| *count = joined(time, count));
        Some(Row { workers: trie.workers, steps, whole: joined(&times.1, &counts.1) })
    });
    let rows = rows.collect::<Option<_>>().context("no life is alike with any number of workers")?;
    Ok(Table { rows, recorded: lives.recorded, alike: alike.len() as u32 })
}

/// The indices of lives in which every step touches the same number of items for every number of
/// workers. `lives` has one list for each number of workers, all in the same order.
fn alike(lives: &[Vec<Life>]) -> Vec<usize> {
    let items = |life: &Life| life.map(|cost| (cost.reads, cost.writes));
    let Some((first, others)) = lives.split_first() else { return Vec::new() };
    let same = |at: &usize| others.iter().all(|lives| lives.get(*at).map(items) == first.get(*at).map(items));
    (0..first.len()).filter(same).collect()
}

/// The medians of each step and of the whole.
fn medians(lives: &[Life]) -> Option<(Life, Cost)> {
    let mut steps = Life::default();
    for (at, step) in steps.iter_mut().enumerate() {
        *step = typical(lives.iter().map(|life| life[at]))?;
    }
    let whole = lives.iter().map(|life| life.iter().fold(Cost::default(), |sum, cost| sum + *cost));
    Some((steps, typical(whole)?))
}

/// A cost made of the median of each part.
fn typical(costs: impl Iterator<Item = Cost>) -> Option<Cost> {
    let costs: Vec<Cost> = costs.collect();
    Some(Cost {
        run: median(&costs, |cost| cost.run)?,
        root: median(&costs, |cost| cost.root)?,
        reads: median(&costs, |cost| cost.reads)?,
        writes: median(&costs, |cost| cost.writes)?,
        proof_nodes: median(&costs, |cost| cost.proof_nodes)?,
        proof_bytes: median(&costs, |cost| cost.proof_bytes)?,
    })
}

fn median<T: Ord + Copy>(costs: &[Cost], of: impl Fn(&Cost) -> T) -> Option<T> {
    let mut all: Vec<T> = costs.iter().map(of).collect();
    all.sort_unstable();
    all.get(all.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::{blocks::Chain, population::Population};
    use dpin_runtime::Workers;

    #[test]
    fn ten_times_as_many_workers_change_nothing_in_what_is_read_and_written() {
        let mut population = Population::new().unwrap();
        let tries = [1_000, 10_000].map(|workers| {
            population.grow_to(workers, |_| ());
            population.check_shortcut().unwrap();
            population.trie().unwrap()
        });
        assert_eq!(tries.each_ref().map(|trie| trie.workers), [1_000, 10_000]);
        assert!(tries[1].items > 60_000, "{} items are not those of 10,000 workers", tries[1].items);
        Chain::new(&tries[0], 0, false).look(Workers::do_try_state).unwrap();

        let table = measure(&tries, Lives { timed: 1, recorded: 60 }, |_| ()).unwrap();
        assert!(table.is_level(), "{} of {} lives alike\n{}", table.alike, table.recorded, table.text());
        assert!(table.rows[0].steps.iter().all(|cost| cost.reads > 0 && cost.writes > 0 && cost.proof_nodes > 0));
        // A path through the trie has log16(10) = 0.83 more nodes.
        let growth = table.growth(|cost| cost.proof_bytes as f64);
        assert!((1.0..1.5).contains(&growth), "proofs have grown by {growth}");
        assert_eq!(table.csv().lines().count(), 1 + tries.len() * (STEPS.len() + 1));
    }

    #[test]
    fn text_and_csv_have_the_same_figures() {
        let cost = Cost {
            run: Duration::from_nanos(12_345),
            root: Duration::from_micros(3),
            reads: 4,
            writes: 5,
            proof_nodes: 6,
            proof_bytes: 789,
        };
        let rows = vec![Row { workers: 1_000, steps: Life::default(), whole: cost }];
        let table = Table { rows, recorded: 1, alike: 1 };
        assert_eq!(table.csv().lines().last(), Some("1000,whole,15.3,12.3,3.0,4,5,6,789"));
        let text = table.text();
        let last = text.lines().last().unwrap();
        assert_eq!(last, "     1000  whole          15.3      12.3       3.0      4       5      6       789");
    }

    #[test]
    fn a_life_with_a_read_or_a_write_more_is_not_alike() {
        let life = [Cost { reads: 3, writes: 2, proof_nodes: 5, ..Cost::default() }; STEPS.len()];
        let other = |change: fn(&mut Cost)| {
            let mut other = life;
            other.iter_mut().take(1).for_each(change);
            other
        };
        let more_read = other(|cost| cost.reads += 1);
        let more_written = other(|cost| cost.writes += 1);
        let longer_proof = other(|cost| cost.proof_nodes += 1);
        let others = vec![more_read, longer_proof, more_written, life];
        assert_eq!(alike(&[vec![life; 4], others.clone()]), [1, 3]);
        assert_eq!(alike(&[vec![life; 4], vec![life; 4], others]), [1, 3]);
    }

    #[test]
    fn nine_of_ten_lives_have_to_be_alike() {
        let table = |alike| Table { rows: Vec::new(), recorded: 20, alike };
        assert!(table(18).is_level());
        assert!(!table(17).is_level());
    }

    #[test]
    fn growth_is_that_of_the_whole_from_the_least_to_the_most() {
        let row = |workers, reads| Row { workers, steps: Life::default(), whole: Cost { reads, ..Cost::default() } };
        let table = Table { rows: vec![row(1, 4), row(10, 9), row(100, 6)], recorded: 1, alike: 1 };
        assert_eq!(table.growth(|cost| cost.reads as f64), 1.5);
    }

    #[test]
    fn the_median_of_each_part_is_taken_by_itself() {
        let cost = |run, reads| Cost { run: Duration::from_micros(run), reads, ..Cost::default() };
        let typical = typical([cost(9, 1), cost(1, 5), cost(2, 7)].into_iter()).unwrap();
        assert_eq!((typical.run, typical.reads), (Duration::from_micros(2), 5));
    }
}
