//! Builds the runtime as WebAssembly.

fn main() {
    #[cfg(feature = "std")]
    build();
}

/// The crates in which arithmetic must stop rather than wrap, as in the workspace's own profile.
#[cfg(feature = "std")]
const CHECKED: [&str; 9] = [
    "dpin-primitives",
    "dpin-runtime",
    "pallet-blobs",
    "pallet-buyback",
    "pallet-canaries",
    "pallet-issuance",
    "pallet-jobs",
    "pallet-proof-of-compute",
    "pallet-workers",
];

#[cfg(feature = "std")]
fn build() {
    use std::{env, path::Path};

    // The builder looks for the lock file above the target directory, which may lie outside the workspace.
    let manifest = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it for every build script; qed");
    if let (Some(workspace), Err(_)) = (Path::new(&manifest).parent(), env::var("WASM_BUILD_WORKSPACE_HINT")) {
        env::set_var("WASM_BUILD_WORKSPACE_HINT", workspace);
    }

    // It compiles in a workspace of its own, where the profile of this one does not hold.
    let mut args = env::var("WASM_BUILD_CARGO_ARGS").unwrap_or_default();
    for package in CHECKED {
        args.push_str(&format!(" --config profile.release.package.{package}.overflow-checks=true"));
    }
    env::set_var("WASM_BUILD_CARGO_ARGS", args);

    substrate_wasm_builder::WasmBuilder::build_using_defaults();
}
