//! The fuzz target `tile_tree`; its body is in `dpin-fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dpin_fuzz::run("tile_tree", data));
