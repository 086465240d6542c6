//! Builds the runtime as WebAssembly.

#[cfg(feature = "std")]
include!("wasm.rs");

fn main() {
    #[cfg(feature = "std")]
    {
        let manifest = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it for every build script; qed");
        prepare(std::path::Path::new(&manifest).parent().expect("the runtime is a member of the workspace; qed"));
        let builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
        // The token's symbol and decimals are those of the chain specification. Signers show
        // amounts with them, and the metadata hash covers both.
        #[cfg(feature = "metadata-hash")]
        let builder = builder.enable_metadata_hash("DPN", 12);
        builder.build();
    }
}
