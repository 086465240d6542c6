//! All weights are measured, and on the same machine.

use super::*;
use crate::{
    configs::{MAX_BLOCK_WEIGHT, NORMAL_RATIO, RuntimeBlockWeights},
    weights::{SHARED_KEYS, shared_keys},
};
use core::any::type_name;
use frame_support::{
    dispatch::{DispatchClass, GetDispatchInfo},
    traits::{GetCallMetadata, PalletsInfoAccess},
    weights::Weight,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Each pallet, with the sources of its weights in the runtime.
fn sources() -> BTreeMap<&'static str, Vec<&'static str>> {
    macro_rules! sources {
        ($($pallet:ident: $($config:ty as $weights:ident),+;)*) => {
            BTreeMap::from([$((stringify!($pallet), vec![$(type_name::<<Runtime as $config>::$weights>()),+])),*])
        };
    }
    sources! {
        System: frame_system::Config as SystemWeightInfo, frame_system::Config as ExtensionsWeightInfo;
        Babe: pallet_babe::Config as WeightInfo;
        Timestamp: pallet_timestamp::Config as WeightInfo;
        Balances: pallet_balances::Config as WeightInfo;
        TransactionPayment: pallet_transaction_payment::Config as WeightInfo;
        Assets: pallet_assets::Config as WeightInfo;
        Issuance: pallet_issuance::Config as WeightInfo;
        PoolAssets: pallet_assets::Config<configs::PoolAssetsInstance> as WeightInfo;
        AssetConversion: pallet_asset_conversion::Config as WeightInfo;
        Session: pallet_session::Config as WeightInfo;
        Grandpa: pallet_grandpa::Config as WeightInfo;
        Utility: pallet_utility::Config as WeightInfo;
        Multisig: pallet_multisig::Config as WeightInfo;
        Proxy: pallet_proxy::Config as WeightInfo;
        Preimage: pallet_preimage::Config as WeightInfo;
        Scheduler: pallet_scheduler::Config as WeightInfo;
        Parameters: pallet_parameters::Config as WeightInfo;
        Sudo: pallet_sudo::Config as WeightInfo;
        Blobs: pallet_blobs::Config as WeightInfo;
        Workers: pallet_workers::Config as WeightInfo;
        Jobs: pallet_jobs::Config as WeightInfo;
        ProofOfCompute: pallet_proof_of_compute::Config as WeightInfo;
        Canaries: pallet_canaries::Config as WeightInfo;
        Buyback: pallet_buyback::Config as WeightInfo;
        AssetTxPayment: pallet_asset_conversion_tx_payment::Config as WeightInfo;
    }
}

/// Pallets without calls and extensions, whose hooks cost nothing beyond the weight that they
/// return.
const WITHOUT_WEIGHTS: [&str; 4] = ["AssetsHolder", "Authorship", "Offences", "Historical"];

/// The pallets of this repository: their names in the runtime, and their folders.
const OWN: [(&str, &str); 7] = [
    ("Blobs", "blobs"),
    ("Buyback", "buyback"),
    ("Canaries", "canaries"),
    ("Issuance", "issuance"),
    ("Jobs", "jobs"),
    ("ProofOfCompute", "proof-of-compute"),
    ("Workers", "workers"),
];

fn crate_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The measured files, by the names of their modules.
fn measured() -> BTreeMap<String, String> {
    let paths = fs::read_dir(crate_dir().join("src/weights")).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    paths.map(|path| (name(&path), fs::read_to_string(path).unwrap())).filter(|(name, _)| name != "mod").collect()
}

/// The weights of a pallet as the benchmarks wrote them.
fn measured_for(pallet: &str) -> String {
    let source = sources()[pallet][0];
    let module = source.strip_prefix("dpin_runtime::weights::").unwrap().split("::").next().unwrap();
    measured().remove(module).unwrap()
}

#[test]
fn every_pallet_takes_its_weights_from_the_measured_files_of_this_runtime() {
    let sources = sources();
    let pallets = AllPalletsWithSystem::infos().into_iter().map(|pallet| pallet.name).collect::<BTreeSet<_>>();
    let listed = sources.keys().copied().chain(WITHOUT_WEIGHTS).collect::<BTreeSet<_>>();
    assert_eq!(listed, pallets);

    let mut used = BTreeSet::new();
    for (pallet, types) in sources {
        for name in types {
            let path = name.strip_prefix("dpin_runtime::weights::").unwrap_or_else(|| panic!("{pallet} uses {name}"));
            let (module, rest) = path.split_once("::").unwrap();
            assert_eq!(rest, format!("WeightInfo<{}>", type_name::<Runtime>()), "{pallet} uses {name}");
            assert!(used.insert(module.to_owned()), "{pallet} uses the weights of another pallet: {name}");
        }
    }
    used.extend(["block_weights", "extrinsic_weights", "paritydb_weights"].map(String::from));
    assert_eq!(used, measured().into_keys().collect(), "a file of weights is not used");
}

#[test]
fn a_pallet_without_weights_has_no_calls() {
    for pallet in WITHOUT_WEIGHTS {
        assert!(!RuntimeCall::get_module_names().contains(&pallet), "{pallet} has calls");
    }
}

#[test]
fn all_weights_were_measured_on_one_machine() {
    let machine = |text: &str| {
        let header = text.lines().next().unwrap_or_default();
        let (what, machine) = header.split_once(" on: ")?;
        what.contains("measured by `make bench`").then(|| machine.to_owned())
    };
    let files = measured();
    let expected = machine(&files["paritydb_weights"]).expect("the database's costs say where they were measured");
    for (name, text) in files {
        assert_eq!(machine(&text).as_ref(), Some(&expected), "{name}");
    }
}

#[test]
fn every_measured_function_takes_time_and_none_is_without_a_measurement() {
    for (name, text) in measured() {
        if !text.contains("pub struct WeightInfo<T>") {
            continue;
        }
        let functions = text.matches("\tfn ").count();
        let times = text.lines().filter_map(|line| line.trim().strip_prefix("// Minimum execution time: "));
        let times = times
            .map(|time| time.trim_end_matches(" picoseconds.").replace('_', "").parse::<u64>().unwrap())
            .collect::<Vec<_>>();
        assert!(functions > 0, "{name}");
        assert_eq!(times.len(), functions, "{name}");
        assert!(times.iter().all(|time| *time > 0), "{name}");
    }
}

#[test]
fn every_call_of_our_own_pallets_has_its_own_benchmark() {
    for (pallet, _) in OWN {
        let text = measured_for(pallet);
        let calls = RuntimeCall::get_call_names(pallet);
        assert!(!calls.is_empty(), "{pallet}");
        for call in calls {
            assert!(text.contains(&format!("\tfn {call}(")), "{pallet}::{call} is not measured");
        }
    }
}

#[test]
fn no_call_and_no_authorisation_of_our_own_pallets_has_a_weight_that_was_not_measured() {
    for (pallet, folder) in OWN {
        let source = fs::read_to_string(crate_dir().join(format!("../pallets/{folder}/src/lib.rs"))).unwrap();
        let attributes = ["#[pallet::weight(", "#[pallet::weight_of_authorize(", "#[pallet::task_weight("];
        for attribute in attributes {
            for (at, _) in source.match_indices(attribute) {
                let end = source[at..].find(")]").unwrap();
                let weight = &source[at..at + end];
                // A function adds up the weights that depend on the content of reports.
                let measured = weight.contains("WeightInfo::") || weight.contains("report::weight_of");
                assert!(measured, "{pallet}: {weight}");
            }
        }
        assert_eq!(
            source.matches("#[pallet::authorize").count(),
            source.matches("#[pallet::weight_of_authorize(").count(),
            "{pallet}"
        );
    }
}

/// Return the code of a source file that runs on a chain: without comments and without
/// `integrity_test`.
fn without_checks(source: &str) -> String {
    let mut kept = String::new();
    let mut skipped_to: Option<String> = None;
    for line in source.lines() {
        let text = line.trim_start();
        let indent = &line[..line.len() - text.len()];
        match &skipped_to {
            Some(end) if line == end => skipped_to = None,
            Some(_) => {}
            None if text.starts_with("fn integrity_test()") => skipped_to = Some(format!("{indent}}}")),
            None if text.starts_with("//") => {}
            None => {
                kept.push_str(line);
                kept.push('\n');
            }
        }
    }
    kept
}

/// Return all sources in a folder except tests, mocks, benchmarks and the weights themselves.
fn charging_sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if ["tests", "mock", "benchmarking", "weights"].contains(&name) {
            continue;
        }
        match path.is_dir() {
            true => text.push_str(&charging_sources(&path)),
            false => text.push_str(&without_checks(&fs::read_to_string(&path).unwrap())),
        }
    }
    text
}

#[test]
fn everything_that_is_measured_of_our_own_pallets_is_charged_by_somebody() {
    for (pallet, folder) in OWN {
        let folder = crate_dir().join(format!("../pallets/{folder}/src"));
        let weights = fs::read_to_string(folder.join("weights.rs")).unwrap();
        let (_, of) = weights.split_once("pub trait WeightInfo").unwrap();
        let (of, _) = of.split_once("\n}").unwrap();
        let functions = of.lines().filter_map(|line| line.trim().strip_prefix("fn ")?.split('(').next());
        let functions = functions.collect::<Vec<_>>();
        assert!(functions.len() > 2, "{pallet}");
        let source = charging_sources(&folder);
        assert!(source.contains("pub mod pallet"), "{pallet}");
        // A pallet may take the weights of all its calls by their names.
        let by_name = source.contains("#[pallet::call(weight(<T as Config>::WeightInfo))]");
        let calls = RuntimeCall::get_call_names(pallet);
        for function in functions {
            let charged = source.contains(&format!("WeightInfo::{function}("))
                || source.contains(&format!("WeightInfo>::{function}("))
                || (by_name && calls.contains(&function));
            assert!(charged, "{pallet}: nobody charges {function}");
        }
    }
}

#[test]
fn there_is_room_for_all_keys_that_a_block_shares() {
    let keys = shared_keys();
    assert!(keys.len() as u64 <= SHARED_KEYS, "{} keys", keys.len());
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    for value in [
        pallet_jobs::NextJob::<Runtime>::hashed_key().to_vec(),
        pallet_transaction_payment::NextFeeMultiplier::<Runtime>::hashed_key().to_vec(),
        pallet_parameters::Parameters::<Runtime>::hashed_key_for(parameters::RuntimeParametersKey::Compute(
            dynamic::compute::ParametersKey::AuditBlocks(dynamic::compute::AuditBlocks),
        )),
    ] {
        assert!(keys.contains(&value));
    }
    assert!(!keys.contains(&pallet_jobs::Jobs::<Runtime>::hashed_key_for(0)), "an entry of a map is nobody else's");
}

#[test]
fn an_empty_block_is_a_small_part_of_what_a_block_may_be() {
    let limits = RuntimeBlockWeights::get();
    assert_eq!(limits.max_block, MAX_BLOCK_WEIGHT);
    assert_eq!(limits.max_block.ref_time(), SLOT_MS * 1_000_000_000 / 2);
    assert_eq!(limits.get(DispatchClass::Normal).max_total, Some(NORMAL_RATIO * MAX_BLOCK_WEIGHT));
    assert!(limits.base_block.all_lte(limits.max_block / 20), "{}", limits.base_block);
}

#[test]
fn a_block_has_room_for_thousands_of_transfers() {
    preset("development").execute_with(|| {
        let transfer = pallet_balances::Call::transfer_keep_alive { dest: bob().into(), value: DPN };
        let info = signed(Sr25519Keyring::Alice, 0, RuntimeCall::Balances(transfer)).get_dispatch_info();
        assert!(info.call_weight.ref_time() > 0 && info.extension_weight.ref_time() > 0);
        let base = RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
        let whole = info.total_weight().saturating_add(base);
        let room: Weight = NORMAL_RATIO * MAX_BLOCK_WEIGHT;
        let transfers = room.ref_time() / whole.ref_time();
        println!("{transfers} transfers of {whole}, {} of it extensions, {base} the base", info.extension_weight);
        assert!(transfers >= 3_000, "{transfers} transfers in a block, of {whole}");
    });
}
