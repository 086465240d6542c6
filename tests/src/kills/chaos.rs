//! The disturbances of the nodes, and their schedule.

use crate::{client::Client, network::Network};
use anyhow::{Context, Result};
use polkadot_sdk::sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

/// The accounts whose nodes are disturbed. One node at a time is down: two validators finalise
/// nothing while one of them is down, and a task needs a worker and two auditors of the four.
pub const DISTURBED: [Sr25519Keyring; 4] = [Alice, Bob, Charlie, Dave];
/// The disturbance with this number, counted from 1, is always a partition, so that a short run has
/// one too.
const PARTITION_AFTER: usize = 4;
/// Time for which the processes below an executor are watched to find the busy one.
const WATCH: Duration = Duration::from_millis(300);
/// Least undisturbed time at the end of the run, in which the last node comes back.
const TAIL: Duration = Duration::from_secs(10);

/// A disturbance of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disturbance {
    /// The process that computes most is killed, as the kernel does when memory is short.
    KillChild,
    /// The executor is killed.
    KillExecutor,
    /// The node is killed with its executor, and restarted after this time.
    KillNode(Duration),
    /// The node is stopped for this time.
    Freeze(Duration),
    /// The node is cut off from all others for this time.
    CutOff(Duration),
}

/// A scheduled disturbance of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blow {
    /// Undisturbed time before it.
    pub pause: Duration,
    /// The account of the node.
    pub account: Sr25519Keyring,
    /// The disturbance.
    pub disturbance: Disturbance,
}

/// A time in which a node could not act, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// The account of the node.
    pub account: Sr25519Keyring,
    /// Start of the outage.
    pub from: u64,
    /// End of the outage.
    pub until: u64,
}

/// An infinite schedule of disturbances that follows from a seed.
#[derive(Clone, Debug)]
pub struct Schedule {
    rng: ChaCha8Rng,
    steps: usize,
}

impl Schedule {
    /// The schedule of a seed.
    pub fn new(seed: u64) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed), steps: 0 }
    }
}

impl Iterator for Schedule {
    type Item = Blow;

    fn next(&mut self) -> Option<Blow> {
        let rng = &mut self.rng;
        let mut seconds = |least: u64, most: u64| Duration::from_millis(rng.random_range(least * 1_000..=most * 1_000));
        let (pause, down, stopped, cut) = (seconds(3, 8), seconds(3, 12), seconds(3, 9), seconds(5, 15));
        let account = DISTURBED[rng.random_range(0..DISTURBED.len())];
        let die = rng.random_range(0..100);
        self.steps += 1;
        let disturbance = match die {
            // Once in any case: a run of some minutes should have one.
            _ if self.steps == PARTITION_AFTER => Disturbance::CutOff(cut),
            0..40 => Disturbance::KillChild,
            40..55 => Disturbance::KillExecutor,
            55..80 => Disturbance::KillNode(down),
            80..92 => Disturbance::Freeze(stopped),
            _ => Disturbance::CutOff(cut),
        };
        Some(Blow { pause, account, disturbance })
    }
}

/// Disturb the network by the schedule of the seed until the time is up. Returns the outages of the
/// nodes. All nodes run again when this returns.
///
/// # Errors
///
/// When a node does not come back.
pub async fn disturb(
    network: &mut Network,
    observer: &Client,
    seed: u64,
    until: Instant,
    begin: Instant,
) -> Result<Vec<Outage>> {
    let mut outages = Vec::new();
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for Blow { pause, account, disturbance } in Schedule::new(seed) {
        if Instant::now() + pause + TAIL >= until {
            break;
        }
        tokio::time::sleep(pause).await;
        let (second, from) = (begin.elapsed().as_secs(), super::now_ms());
        let Effect { count, what, outage } = disturb_node(network, observer, account, disturbance).await?;
        *counts.entry(count).or_default() += 1;
        println!("{second} s: {account}: {what}");
        if outage {
            outages.push(Outage { account, from, until: super::now_ms() });
        }
    }
    for (name, count) in counts {
        println!("info: {name}: {count}");
    }
    Ok(outages)
}

/// The effect of a disturbance.
struct Effect {
    /// The name under which it is counted.
    count: &'static str,
    /// A description.
    what: String,
    /// Whether the node could not act for a while.
    outage: bool,
}

/// Disturb a node, and wait until it has caught up if it could not act for a while.
async fn disturb_node(
    network: &mut Network,
    observer: &Client,
    account: Sr25519Keyring,
    disturbance: Disturbance,
) -> Result<Effect> {
    let (count, did, time) = match disturbance {
        Disturbance::KillChild => {
            let (count, what) = match kill_busiest_child(network, account).await? {
                Some(true) => ("computing children killed", "computing child killed"),
                Some(false) => ("idle children killed", "idle child killed"),
                None => ("idle children killed", "no child to kill"),
            };
            return Ok(Effect { count, what: what.into(), outage: false });
        }
        Disturbance::KillExecutor => {
            kill_executor(network, account)?;
            return Ok(Effect { count: "executors killed", what: "executor killed".into(), outage: false });
        }
        Disturbance::KillNode(down) => {
            network.kill(account)?;
            tokio::time::sleep(down).await;
            network.start_again(account).await.with_context(|| format!("{account} after a kill"))?;
            ("nodes killed", "killed", down)
        }
        Disturbance::Freeze(stopped) => {
            network.freeze(account, true)?;
            tokio::time::sleep(stopped).await;
            network.freeze(account, false)?;
            ("nodes stopped", "stopped", stopped)
        }
        Disturbance::CutOff(cut) => {
            network.cut_off(account, true).await?;
            tokio::time::sleep(cut).await;
            network.cut_off(account, false).await?;
            ("nodes cut off", "cut off", cut)
        }
    };
    catch_up(network, observer, account).await?;
    Ok(Effect { count, what: format!("node {did} for {} ms", time.as_millis()), outage: true })
}

/// Wait until a node's best block is a recent one of the chain that the observer follows.
async fn catch_up(network: &Network, observer: &Client, account: Sr25519Keyring) -> Result<()> {
    /// Time limit.
    const LIMIT: Duration = Duration::from_secs(60);
    /// Blocks that a node may be behind.
    const BEHIND: u32 = 1;
    let caught_up = async {
        loop {
            if let Ok(client) = network.client(account).await {
                let (other, _) = observer.best().await?;
                if client.best().await.is_ok_and(|(own, _)| own.saturating_add(BEHIND) >= other) {
                    return Ok(());
                }
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    crate::actors::in_time(LIMIT, caught_up).await.with_context(|| format!("{account}'s node does not catch up"))
}

/// A process below another one.
#[derive(Clone, Debug)]
struct Process {
    pid: libc::pid_t,
    parent: libc::pid_t,
    name: String,
    /// Clock ticks of processor time that it has used.
    ticks: u64,
}

/// All visible processes.
fn processes() -> Result<Vec<Process>> {
    let entries = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let stats = entries.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    // A process that has just ended has no file.
    Ok(stats.filter_map(|pid| parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)).collect())
}

/// Parse `/proc/<pid>/stat`: `pid (name) state ppid ... utime stime ...`, see proc_pid_stat(5). The
/// name may contain blanks and parentheses.
fn parse_stat(text: &str) -> Option<Process> {
    let (pid, rest) = text.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    // The rest begins with the third field.
    let field = |number: usize| fields.get(number - 3).copied();
    let ticks = field(14)?.parse::<u64>().ok()?.checked_add(field(15)?.parse().ok()?)?;
    Some(Process { pid: pid.parse().ok()?, parent: field(4)?.parse().ok()?, name: name.into(), ticks })
}

/// The executor that a node has started, if it runs.
fn executor_of(network: &Network, account: Sr25519Keyring, all: &[Process]) -> Result<Option<Process>> {
    let node = network.node(account)?.pid();
    let own = all.iter().find(|process| Some(process.parent) == node && process.name.starts_with("dpin-executor"));
    Ok(own.cloned())
}

fn kill_executor(network: &Network, account: Sr25519Keyring) -> Result<()> {
    if let Some(executor) = executor_of(network, account, &processes()?)? {
        kill(executor.pid);
    }
    Ok(())
}

/// Kill the process below an account's executor that used the most processor time while watched, or
/// any process if none used some. Returns whether it was busy, or `None` if there was no process.
async fn kill_busiest_child(network: &Network, account: Sr25519Keyring) -> Result<Option<bool>> {
    let before: BTreeMap<libc::pid_t, u64> =
        processes()?.into_iter().map(|process| (process.pid, process.ticks)).collect();
    tokio::time::sleep(WATCH).await;
    let all = processes()?;
    let Some(executor) = executor_of(network, account, &all)? else { return Ok(None) };
    let used =
        |process: &&Process| process.ticks.saturating_sub(before.get(&process.pid).copied().unwrap_or(process.ticks));
    let below = descendants(executor.pid, &all);
    let Some(child) = below.iter().copied().max_by_key(used) else { return Ok(None) };
    kill(child.pid);
    Ok(Some(used(&child) > 0))
}

/// All processes below a process.
fn descendants(of: libc::pid_t, all: &[Process]) -> Vec<&Process> {
    let mut found: Vec<&Process> = all.iter().filter(|process| process.parent == of).collect();
    let mut next = 0;
    while let Some(process) = found.get(next).copied() {
        found.extend(all.iter().filter(|other| other.parent == process.pid));
        next += 1;
    }
    found
}

fn kill(pid: libc::pid_t) {
    // SAFETY: kill has no memory effects. The process was found a moment ago; pids are not reused
    // so soon.
    unsafe { libc::kill(pid, libc::SIGKILL) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_has_one_schedule_and_another_seed_another() {
        let steps = |seed| Schedule::new(seed).take(50).collect::<Vec<_>>();
        assert_eq!(steps(7), steps(7));
        assert_ne!(steps(7), steps(8));
    }

    #[test]
    fn a_short_run_has_a_partition_and_a_long_one_everything_on_every_node() {
        assert!(matches!(Schedule::new(1).nth(PARTITION_AFTER - 1).unwrap().disturbance, Disturbance::CutOff(_)));
        let steps: Vec<Blow> = Schedule::new(1).take(300).collect();
        for account in DISTURBED {
            let own: Vec<_> =
                steps.iter().filter(|step| step.account == account).map(|step| step.disturbance).collect();
            let kinds: [fn(&Disturbance) -> bool; 5] = [
                |kind| matches!(kind, Disturbance::KillChild),
                |kind| matches!(kind, Disturbance::KillExecutor),
                |kind| matches!(kind, Disturbance::KillNode(_)),
                |kind| matches!(kind, Disturbance::Freeze(_)),
                |kind| matches!(kind, Disturbance::CutOff(_)),
            ];
            assert!(kinds.iter().all(|kind| own.iter().any(kind)), "{account}: {own:?}");
        }
    }

    #[test]
    fn processes_are_read_with_any_name() {
        let text = "42 (a (b) c) S 7 42 42 0 -1 4194560 100 0 0 0 12 30 0 0 20 0 1 0 99 1000 10 1844";
        let process = parse_stat(text).unwrap();
        assert_eq!((process.pid, process.parent, process.name.as_str(), process.ticks), (42, 7, "a (b) c", 42));
        assert!(parse_stat("42 (short) S 7").is_none());
        assert!(parse_stat("").is_none());
    }

    #[test]
    fn descendants_are_found_at_any_depth() {
        let process = |pid, parent| Process { pid, parent, name: String::new(), ticks: 0 };
        let all = [process(2, 1), process(3, 2), process(4, 3), process(5, 1), process(6, 4)];
        let mut found: Vec<_> = descendants(2, &all).into_iter().map(|process| process.pid).collect();
        found.sort_unstable();
        assert_eq!(found, [3, 4, 6]);
    }

    #[test]
    fn this_process_is_among_the_processes() {
        let own = std::process::id();
        assert!(processes().unwrap().iter().any(|process| process.pid as u32 == own));
    }
}
