// How the runtime is compiled to WebAssembly; included by the build scripts of the runtime and of `bench-weights`.

/// The crates in which arithmetic must stop rather than wrap, as in the workspace's own profile.
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

/// Tell the builder about `workspace`: where the lock file is, and what of its profile to keep.
fn prepare(workspace: &std::path::Path) {
    use std::env;

    // The builder looks for the lock file above the target directory, which may lie outside the workspace.
    if env::var("WASM_BUILD_WORKSPACE_HINT").is_err() {
        env::set_var("WASM_BUILD_WORKSPACE_HINT", workspace);
    }

    // Optimised as a whole: every block of every node runs it, and it is built once.
    if env::var("WASM_BUILD_TYPE").is_err() {
        env::set_var("WASM_BUILD_TYPE", "production");
    }

    // It compiles in a workspace of its own, where the profile of this one does not hold; `production` inherits `release`.
    let mut args = env::var("WASM_BUILD_CARGO_ARGS").unwrap_or_default();
    for package in CHECKED {
        args.push_str(&format!(" --config profile.release.package.{package}.overflow-checks=true"));
    }
    env::set_var("WASM_BUILD_CARGO_ARGS", args);
}
