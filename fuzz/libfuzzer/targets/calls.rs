//! The fuzz target `calls`; its body is in `dpin-fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dpin_fuzz::run("calls", data));
