//! Arithmetic of the runtime panics instead of wrapping, in every crate of this workspace that the
//! runtime is made of.

mod wasm {
    include!("../../wasm.rs");

    /// The build scripts call it.
    const _: fn(&std::path::Path) = prepare;
}

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the runtime is a member of the workspace").to_path_buf()
}

fn manifest(folder: &str) -> String {
    fs::read_to_string(workspace().join(folder).join("Cargo.toml")).expect("a crate has a manifest")
}

/// The folder of each crate of this workspace that others depend on.
fn folders(workspace: &str) -> BTreeMap<String, String> {
    let folder = |line: &str| {
        let (name, rest) = line.split_once(" = { path = \"")?;
        Some((name.to_string(), rest.split_once('"')?.0.to_string()))
    };
    workspace.lines().filter_map(folder).collect()
}

/// The names in the table `[dependencies]` of a manifest.
fn dependencies(manifest: &str) -> Vec<&str> {
    let table = manifest.split("\n[").find_map(|table| table.strip_prefix("dependencies]\n"));
    let names = table.expect("every crate has dependencies").lines();
    names.filter_map(|line| Some(line.split_once(" = ")?.0)).collect()
}

#[test]
fn every_crate_of_the_runtime_is_checked_for_overflow() {
    let root = manifest("");
    let folders = folders(&root);
    let (mut expected, mut open) = (BTreeSet::new(), vec!["dpin-runtime".to_string()]);
    while let Some(name) = open.pop() {
        let own = manifest(folders.get(&name).expect("it is a crate of this workspace"));
        open.extend(dependencies(&own).into_iter().filter(|name| folders.contains_key(*name)).map(String::from));
        expected.insert(name);
    }
    assert!(expected.contains("dpin-primitives") && expected.contains("pallet-jobs"), "{expected:?}");
    let checked: BTreeSet<String> = wasm::checked(&root).into_iter().map(String::from).collect();
    assert_eq!(checked, expected);
}
