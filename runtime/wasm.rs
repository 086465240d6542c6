// Compilation of the runtime to WebAssembly. The build scripts of the runtime and of
// `bench-weights` include this file.

/// The crates with overflow checks, so that arithmetic panics instead of wrapping. The profile of
/// this workspace has them too.
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

/// Configure the builder for `workspace`: the place of the lock file, and the settings of its
/// profile to keep.
fn prepare(workspace: &std::path::Path) {
    use std::env;

    // The builder looks for the lock file above the target directory, which may be outside the
    // workspace.
    if env::var("WASM_BUILD_WORKSPACE_HINT").is_err() {
        env::set_var("WASM_BUILD_WORKSPACE_HINT", workspace);
    }

    // Whole-program optimisation: every block of every node runs the code, and it is built once.
    if env::var("WASM_BUILD_TYPE").is_err() {
        env::set_var("WASM_BUILD_TYPE", "production");
    }

    // The builder compiles in a workspace of its own, without the profile of this one. `production`
    // inherits from `release`.
    let mut args = env::var("WASM_BUILD_CARGO_ARGS").unwrap_or_default();
    for package in CHECKED {
        args.push_str(&format!(" --config profile.release.package.{package}.overflow-checks=true"));
    }
    env::set_var("WASM_BUILD_CARGO_ARGS", args);
}
