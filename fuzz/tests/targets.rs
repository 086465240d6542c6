//! Runs each fuzz target on its corpus and on mutations of it. The seed is fixed, so that a failure
//! comes again.

mod mutation;
mod seeds;

use mutation::Mutator;
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    fmt::Write as _,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

/// Mutations of each corpus. `DPIN_MUTATIONS` sets another number.
const MUTATIONS: u32 = 10_000;
/// Longest mutation in bytes.
const MAX_BYTES: usize = 4_096;
/// Most bytes that a target may hold at a time, for inputs of at most [`MAX_BYTES`]. One message
/// of a child may have 1 MiB.
const MAX_HELD: usize = 4 << 20;

thread_local! {
    /// Bytes that this thread has allocated and not freed, and their peak.
    static HELD: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// The system's allocator, which counts.
struct Counting;

// SAFETY: every call goes on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.with(|held| {
            let (now, peak) = held.get();
            let now = now.saturating_add(layout.size());
            held.set((now, peak.max(now)));
        });
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.with(|held| {
            let (now, peak) = held.get();
            held.set((now.saturating_sub(layout.size()), peak));
        });
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Peak of the bytes that `run` holds in addition to those held before.
fn held_by(run: impl FnOnce()) -> usize {
    let before = HELD.with(|held| {
        let (now, _) = held.get();
        held.set((now, now));
        now
    });
    run();
    HELD.with(Cell::get).1.saturating_sub(before)
}

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name)
}

/// The files of a corpus, by name.
fn inputs(name: &str) -> Vec<(String, Vec<u8>)> {
    let dir = fs::read_dir(corpus(name)).unwrap_or_else(|error| panic!("{name} has no corpus: {error}"));
    let mut found: Vec<_> = dir
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())
        })
        .collect();
    found.sort();
    found
}

/// Run a target on one input. A panic gets the input, for `fuzz/corpus`.
fn check(name: &str, origin: &str, data: &[u8]) {
    let mut held = 0;
    let ended = catch_unwind(AssertUnwindSafe(|| held = held_by(|| dpin_fuzz::run(name, data))));
    let hex = || {
        data.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    };
    assert!(ended.is_ok(), "{name} fails on {origin}: {}", hex());
    assert!(held <= MAX_HELD, "{name} holds {held} bytes for {origin}: {}", hex());
}

fn run(name: &str) {
    let inputs = inputs(name);
    for (file, data) in &inputs {
        check(name, file, data);
    }
    let mut mutator = Mutator::new(name, inputs.into_iter().map(|(_, data)| data).collect(), MAX_BYTES);
    let mutations = std::env::var("DPIN_MUTATIONS").map_or(MUTATIONS, |number| number.parse().unwrap());
    for number in 0..mutations {
        check(name, &format!("mutation {number}"), &mutator.next_input());
    }
}

#[test]
fn every_value_of_the_primitives_survives_its_encoding() {
    run("primitives");
}

#[test]
fn every_call_and_report_survives_its_encoding() {
    run("calls");
}

#[test]
fn no_opening_verifies_but_that_of_the_tree() {
    run("tile_tree");
}

#[test]
fn every_message_of_a_child_is_sent_as_it_came() {
    run("child");
}

#[test]
fn every_byte_range_lies_within_the_bytes() {
    run("byte_range");
}

#[test]
fn every_description_that_is_taken_makes_a_valid_manifest() {
    run("kernel_toml");
}

#[test]
fn every_answer_of_a_node_survives_its_json() {
    run("json");
}

#[test]
fn every_target_has_a_test_and_a_program() {
    let own = include_str!("targets.rs");
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("libfuzzer");
    let manifest = fs::read_to_string(programs.join("Cargo.toml")).unwrap();
    for target in dpin_fuzz::TARGETS {
        let name = target.name;
        assert!(own.contains(&format!("run(\"{name}\");")), "{name} has no test");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not in libfuzzer/Cargo.toml");
        let program = fs::read_to_string(programs.join(format!("targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("dpin_fuzz::run(\"{name}\", data)")), "{name}: {program}");
    }
}

/// The seeds are encodings of today. To write them after a change: `DPIN_SEEDS=write`.
#[test]
fn the_corpus_has_every_seed() {
    let write = std::env::var("DPIN_SEEDS").is_ok_and(|value| value == "write");
    for (target, name, data) in seeds::all() {
        let path = corpus(target).join(name);
        if write {
            fs::create_dir_all(corpus(target)).unwrap();
            fs::write(&path, &data).unwrap();
        }
        let stored = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(stored == data, "{} is not the encoding of today: run with DPIN_SEEDS=write", path.display());
    }
}

#[test]
fn the_seeds_of_the_child_are_messages() {
    for (_, name, data) in seeds::all().into_iter().filter(|(target, ..)| *target == "child") {
        let expected = match name {
            "a-whole-run" => 7,
            "order-to-run" | "failed" | "finding" | "forged-done" => 1,
            _ => 0,
        };
        assert_eq!(dpin_executor::check_messages(&data), expected, "{name}");
    }
}

#[test]
fn a_failure_and_an_allocation_are_seen() {
    assert!(held_by(|| drop(vec![0u8; MAX_HELD + 1])) > MAX_HELD);
    assert!(catch_unwind(|| check("no such target", "here", &[])).is_err());
}
