// Compilation of the runtime to WebAssembly. The build scripts of the runtime and of
// `bench-weights` include this file.

/// The crates of the runtime with overflow checks, so that arithmetic panics instead of wrapping:
/// those that the release profile of the workspace's `manifest` lists. It also lists crates that
/// are not part of the runtime.
pub(crate) fn checked(manifest: &str) -> Vec<&str> {
    let listed = manifest.lines().filter_map(|line| line.strip_suffix(".overflow-checks = true"));
    listed.filter(|name| name.starts_with("pallet-") || ["dpin-primitives", "dpin-runtime"].contains(name)).collect()
}

/// Configure the builder for `workspace`: the place of the lock file, and the settings of its
/// profile to keep.
fn prepare(workspace: &std::path::Path) {
    use std::env;

    // The builder looks for the lock file above the target directory, which may be outside the
    // workspace.
    if env::var("WASM_BUILD_WORKSPACE_HINT").is_err() {
        set("WASM_BUILD_WORKSPACE_HINT", workspace.as_ref());
    }

    // Whole-program optimisation: every block of every node runs the code, and it is built once.
    if env::var("WASM_BUILD_TYPE").is_err() {
        set("WASM_BUILD_TYPE", "production".as_ref());
    }

    // The builder compiles in a workspace of its own, without the profile of this one. `production`
    // inherits from `release`.
    let manifest = workspace.join("Cargo.toml");
    println!("cargo:rerun-if-changed={}", manifest.display());
    let manifest = std::fs::read_to_string(manifest).expect("a workspace has a manifest; qed");
    let mut args = env::var("WASM_BUILD_CARGO_ARGS").unwrap_or_default();
    for package in checked(&manifest) {
        args.push_str(&format!(" --config profile.release.package.{package}.overflow-checks=true"));
    }
    set("WASM_BUILD_CARGO_ARGS", args.as_ref());
}

/// Set a variable of the environment, from which the builder reads its settings.
fn set(name: &str, value: &std::ffi::OsStr) {
    // SAFETY: a build script that includes this file has one thread.
    unsafe { std::env::set_var(name, value) };
}
