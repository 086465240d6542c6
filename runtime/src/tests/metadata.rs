//! The metadata for people and their programs: every item has a readable name and documentation.
//!
//! Wallets, polkadot.js Apps and generators of typed clients show these words to users. They are a
//! part of the interface.

use super::*;
use scale_info::{Field, MetaType, TypeDef, form::MetaForm};

/// The pallets of this repository.
const PALLETS: [&str; 7] = ["Blobs", "Buyback", "Canaries", "Issuance", "Jobs", "ProofOfCompute", "Workers"];
/// The runtime APIs of this repository.
const APIS: [&str; 2] = ["ComputeApi", "EconomyApi"];
/// Limit for the size of the metadata, which clients fetch with every connection.
const MAX_BYTES: usize = 1024 * 1024;
/// Keywords of TypeScript. polkadot-api generates argument names from the metadata, and these
/// cannot be argument names.
const RESERVED: [&str; 24] = [
    "await",
    "break",
    "case",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "enum",
    "export",
    "extends",
    "function",
    "import",
    "in",
    "instanceof",
    "interface",
    "new",
    "package",
    "return",
    "switch",
    "typeof",
    "var",
    "with",
];
/// The metadata versions that current clients ask for.
const VERSIONS: [u32; 3] = [14, 15, 16];

/// The problems found. They are collected, so that a failed test lists all of them.
#[derive(Default)]
struct Review {
    looked_at: usize,
    complaints: Vec<String>,
}

impl Review {
    fn complain(&mut self, place: &str, problem: &str) {
        self.complaints.push(format!("{place}: {problem}"));
    }

    /// Check that the item has documentation, without links that only rustdoc understands.
    fn docs(&mut self, place: &str, docs: &[&str]) {
        self.looked_at += 1;
        if docs.iter().all(|line| line.trim().is_empty()) {
            self.complain(place, "nothing says what it is");
        }
        let pallet = place.split_once('.').map_or(place, |(pallet, _)| pallet);
        if (PALLETS.contains(&pallet) || APIS.contains(&pallet))
            && docs.iter().any(|line| line.contains("[`") || line.contains("]("))
        {
            self.complain(place, "it has a link that only rustdoc understands");
        }
    }

    /// Check that users can read the name: letters, digits and `_`, with a letter first.
    fn name(&mut self, place: &str, name: &str) {
        let readable = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let begins_well = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
        if !begins_well || !name.bytes().all(readable) {
            self.complain(place, &format!("{name:?} is no name for users"));
        }
    }

    /// Check the name of a function's argument, which generated clients use unchanged.
    fn argument(&mut self, place: &str, name: &str) {
        self.name(place, name);
        if RESERVED.contains(&name) {
            self.complain(place, &format!("{name:?} is no name of an argument in TypeScript"));
        }
    }

    /// Check that the field has a name, and a type whose name has a meaning outside of this
    /// repository's sources.
    fn field(&mut self, place: &str, field: &Field<MetaForm>) {
        let Some(name) = field.name else { return self.complain(place, "an argument has no name") };
        let place = format!("{place}.{name}");
        self.name(&place, name);
        match field.type_name {
            None => self.complain(&place, "its type has no name"),
            Some(of) if of.contains("::") || of.contains("<T") || of == "T" => {
                self.complain(&place, &format!("{of} means something in the sources only"))
            }
            Some(_) => {}
        }
    }

    /// Check the variants of an enum of calls, events or errors. `fields_have_docs` also checks the
    /// documentation of fields.
    fn variants(&mut self, place: &str, of: MetaType, fields_have_docs: bool) {
        let TypeDef::Variant(variants) = of.type_info().type_def else {
            return self.complain(place, "this is no enum");
        };
        for variant in variants.variants {
            let place = format!("{place}::{}", variant.name);
            self.name(&place, variant.name);
            self.docs(&place, &variant.docs);
            for field in &variant.fields {
                self.field(&place, field);
                if fields_have_docs {
                    let name = field.name.unwrap_or_default();
                    self.docs(&format!("{place}.{name}"), &field.docs);
                }
            }
        }
    }

    /// Assert that no problem was found, and that at least `least` items were checked.
    fn passes(self, least: usize) {
        assert!(self.complaints.is_empty(), "{}", self.complaints.join("\n"));
        assert!(self.looked_at >= least, "only {} things were looked at", self.looked_at);
    }
}

#[test]
fn every_call_event_and_error_says_what_it_is_in_names_that_users_can_read() {
    let mut review = Review::default();
    let pallets = Runtime::metadata_ir().pallets;
    for name in PALLETS {
        let pallet = pallets.iter().find(|pallet| pallet.name == name).expect("the pallet is in the runtime");
        if let Some(calls) = &pallet.calls {
            review.variants(&format!("{name}.call"), calls.ty, false);
        }
        if let Some(events) = &pallet.event {
            review.variants(&format!("{name}.event"), events.ty, true);
        }
        if let Some(errors) = &pallet.error {
            review.variants(&format!("{name}.error"), errors.ty, true);
        }
    }
    review.passes(300);
}

#[test]
fn every_constant_storage_item_and_view_function_says_what_it_is() {
    let mut review = Review::default();
    let pallets = Runtime::metadata_ir().pallets;
    for name in PALLETS {
        let pallet = pallets.iter().find(|pallet| pallet.name == name).expect("the pallet is in the runtime");
        review.docs(name, &pallet.docs);
        for constant in &pallet.constants {
            review.docs(&format!("{name}.{}", constant.name), &constant.docs);
        }
        for item in pallet.storage.iter().flat_map(|storage| &storage.entries) {
            review.docs(&format!("{name}.{}", item.name), &item.docs);
        }
        for function in &pallet.view_functions {
            let place = format!("{name}.{}", function.name);
            review.name(&place, function.name);
            review.docs(&place, &function.docs);
            for input in &function.inputs {
                review.argument(&place, input.name);
            }
        }
    }
    review.passes(60);
}

#[test]
fn every_runtime_api_says_what_its_functions_answer() {
    let mut review = Review::default();
    let apis = Runtime::metadata_ir().apis;
    for name in APIS {
        let api = apis.iter().find(|api| api.name == name).expect("the API is in the runtime");
        review.docs(name, &api.docs);
        for method in &api.methods {
            let place = format!("{name}.{}", method.name);
            review.name(&place, method.name);
            review.docs(&place, &method.docs);
            for input in &method.inputs {
                review.argument(&place, input.name);
            }
        }
    }
    review.passes(25);
}

#[test]
fn the_metadata_is_small_in_every_version_that_clients_ask_for() {
    for version in VERSIONS {
        let metadata = Runtime::metadata_at_version(version).expect("the version is known");
        assert!(metadata.len() < MAX_BYTES, "version {version} has {} bytes", metadata.len());
        // The magic number, then the version.
        assert_eq!(metadata.get(..4), Some(&b"meta"[..]));
        assert_eq!(metadata.get(4).copied(), u8::try_from(version).ok());
    }
}
