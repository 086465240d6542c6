//! Builds the runtime as WebAssembly again, with its benchmarks.

#[cfg(feature = "measure")]
include!("../wasm.rs");

fn main() {
    #[cfg(feature = "measure")]
    build();
}

#[cfg(feature = "measure")]
fn build() {
    use std::{env, fs, path::PathBuf};

    let var = |name| PathBuf::from(env::var(name).expect("cargo sets it for every build script; qed"));
    let runtime = var("CARGO_MANIFEST_DIR").join("..").canonicalize().expect("this file was found under it; qed");
    prepare(runtime.parent().expect("the runtime is a member of the workspace; qed"));

    // The builder uses a directory beside the directory `build` above OUT_DIR, named after the
    // runtime. The runtime for nodes is built there, perhaps at this moment.
    //
    // This runtime therefore gets a place of its own, with the timestamp file of cargo that the
    // builder looks for.
    let out = var("OUT_DIR");
    let own = out.join("build");
    fs::create_dir_all(&own).expect("cargo made the directory above it; qed");
    fs::copy(out.join("../invoked.timestamp"), out.join("invoked.timestamp")).expect("cargo writes it first; qed");
    set("OUT_DIR", own.as_ref());

    substrate_wasm_builder::WasmBuilder::new()
        .with_project(runtime.join("Cargo.toml"))
        .expect("the runtime has a manifest; qed")
        .import_memory()
        .export_heap_base()
        .enable_feature("runtime-benchmarks")
        .build();

    let wasm = out.join("wbuild/dpin-runtime/dpin_runtime.compact.wasm");
    println!("cargo:rustc-env=BENCH_RUNTIME={}", wasm.display());
}
