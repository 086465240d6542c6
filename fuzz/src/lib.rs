//! The bodies of the fuzz targets: one function for each kind of bytes that come from strangers.
//!
//! # Overview
//!
//! A target takes any bytes and asserts what must hold for them; see [`TARGETS`]. Two programs call
//! the targets:
//!
//! - `tests/targets.rs`, a part of `make test`: each target on its corpus (`corpus/NAME`) and on
//!   some thousand mutations of it, always the same, with a limit for the memory that it may take;
//! - the cargo-fuzz project in `libfuzzer/`, which is no part of the workspace: `make fuzz`.

mod byte_range;
mod json;
mod kernel_toml;
mod scale;
mod tile_tree;

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is also that of its corpus and of its program in `libfuzzer/`.
    pub name: &'static str,
    /// Its body. It panics if an assertion does not hold.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: [Target; 7] = [
    Target { name: "primitives", run: scale::primitives },
    Target { name: "calls", run: scale::calls },
    Target { name: "tile_tree", run: tile_tree::openings },
    Target { name: "child", run: child },
    Target { name: "byte_range", run: byte_range::header },
    Target { name: "kernel_toml", run: kernel_toml::description },
    Target { name: "json", run: json::answers },
];

/// Read the stream between an executor and its child.
fn child(data: &[u8]) {
    dpin_executor::check_messages(data);
}

/// Run the target `name` on `data`.
///
/// # Panics
///
/// If there is no such target, or one of its assertions does not hold.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("TARGETS has every name");
    (target.run)(data);
}
