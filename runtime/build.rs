//! Builds the runtime as WebAssembly.

#[cfg(feature = "std")]
include!("wasm.rs");

fn main() {
    #[cfg(feature = "std")]
    {
        let manifest = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it for every build script; qed");
        prepare(std::path::Path::new(&manifest).parent().expect("the runtime is a member of the workspace; qed"));
        substrate_wasm_builder::WasmBuilder::build_using_defaults();
    }
}
