//! Builds each network's chain specification.
//!
//! A specification consists of the runtime's WebAssembly, one of the runtime's genesis presets, the
//! allocation table of the supply ([`allocation`]), and properties for clients: the network's name,
//! its token and its address format.

pub mod allocation;

use allocation::Allocation;
use dpin_runtime::WASM_BINARY;
use polkadot_sdk::{
    sc_chain_spec::Properties,
    sc_service::{ChainType, GenericChainSpec},
    sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET},
};
use std::path::PathBuf;

/// A network's specification.
pub type ChainSpec = GenericChainSpec;

/// Symbol of the native coin.
pub const TOKEN_SYMBOL: &str = "DPN";
/// Decimals of the native coin.
pub const TOKEN_DECIMALS: u8 = 12;
/// Prefix of addresses: the generic one of Substrate.
pub const SS58_FORMAT: u16 = 42;

/// The allocation table of `dev`.
pub const DEVELOPMENT_TABLE: &str = include_str!("../tables/dev.csv");
/// The allocation table of `local`.
pub const LOCAL_TESTNET_TABLE: &str = include_str!("../tables/local.csv");

fn properties() -> Properties {
    let mut properties = Properties::new();
    properties.insert("tokenSymbol".into(), TOKEN_SYMBOL.into());
    properties.insert("tokenDecimals".into(), TOKEN_DECIMALS.into());
    properties.insert("ss58Format".into(), SS58_FORMAT.into());
    properties
}

fn from_preset(name: &str, id: &str, chain_type: ChainType, preset: &str, table: &str) -> Result<ChainSpec, String> {
    let wasm =
        WASM_BINARY.ok_or("this program was built without the runtime; build it again without SKIP_WASM_BUILD")?;
    let allocation = Allocation::parse(table).map_err(|error| format!("the allocation table of {name}: {error}"))?;
    Ok(ChainSpec::builder(wasm, None)
        .with_name(name)
        .with_id(id)
        .with_protocol_id(id)
        .with_chain_type(chain_type)
        .with_properties(properties())
        .with_genesis_config_preset_name(preset)
        .with_genesis_config_patch(allocation.genesis_patch())
        .build())
}

/// A network of one validator for development: Alice, who is also root.
///
/// # Errors
///
/// When this binary was built without the runtime's WebAssembly, or the allocation table is
/// invalid.
pub fn development() -> Result<ChainSpec, String> {
    from_preset("DPIN Development", "dpin_dev", ChainType::Development, DEV_RUNTIME_PRESET, DEVELOPMENT_TABLE)
}

/// A network of two validators on one machine, Alice and Bob; Alice is also root.
///
/// # Errors
///
/// When this binary was built without the runtime's WebAssembly, or the allocation table is
/// invalid.
pub fn local_testnet() -> Result<ChainSpec, String> {
    from_preset("DPIN Local Testnet", "dpin_local", ChainType::Local, LOCAL_TESTNET_RUNTIME_PRESET, LOCAL_TESTNET_TABLE)
}

/// Load the specification that `--chain` names: `dev`, `local`, or the path of a file with a
/// specification.
///
/// # Errors
///
/// When there is no such network, the file cannot be read, the file is not a specification, or this
/// binary was built without the runtime's WebAssembly.
pub fn load_spec(id: &str) -> Result<ChainSpec, String> {
    match id {
        "" => Err("there is no public network yet; use --chain dev, --chain local, or --chain FILE".into()),
        "dev" => development(),
        "local" => local_testnet(),
        path => ChainSpec::from_json_file(PathBuf::from(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{
        Balance,
        economy::{Category, SUPPLY_CAP},
    };
    use dpin_runtime::{Balances, Issuance, genesis_config_presets::get_preset};
    use polkadot_sdk::{frame_support::traits::fungible::Inspect, sp_io::TestExternalities, sp_runtime::BuildStorage};
    use serde_json::Value;

    const NETWORKS: [(&str, &str, &str); 2] =
        [("dev", DEV_RUNTIME_PRESET, DEVELOPMENT_TABLE), ("local", LOCAL_TESTNET_RUNTIME_PRESET, LOCAL_TESTNET_TABLE)];

    fn preset(name: &str) -> Value {
        serde_json::from_slice(&get_preset(&name.into()).unwrap()).unwrap()
    }

    #[test]
    fn every_table_says_what_the_runtimes_preset_says() {
        for (id, name, table) in NETWORKS {
            let patch = Allocation::parse(table).unwrap().genesis_patch();
            assert_eq!(patch["issuance"], preset(name)["issuance"], "{id}");
        }
    }

    #[test]
    fn a_genesis_follows_its_table_to_the_planck() {
        for (id, _, table) in NETWORKS {
            let allocation = Allocation::parse(table).unwrap();
            let storage = load_spec(id).unwrap().build_storage().unwrap();
            TestExternalities::new(storage).execute_with(|| {
                let advanced: Balance = allocation.advance.iter().map(|(_, amount)| amount).sum();
                assert_eq!(advanced + allocation.emission, Category::Airdrop.amount());

                let supply = Issuance::supply();
                assert_eq!(supply.cap, SUPPLY_CAP);
                assert_eq!(supply.minted, SUPPLY_CAP - allocation.emission, "{id}");
                assert_eq!(Balances::total_issuance(), supply.minted - supply.burned, "{id}");
                assert_eq!(supply.issuance, supply.minted - supply.burned, "{id}");

                let lines = Issuance::allocation();
                assert_eq!(lines.iter().map(|line| line.category).collect::<Vec<_>>(), Category::ALL);
                for line in lines {
                    assert_eq!(line.amount, line.category.amount());
                    let minted = if line.category == Category::Airdrop { advanced } else { line.amount };
                    assert_eq!(line.minted, minted, "{id}: {:?}", line.category);
                }
                for (account, amount) in allocation.advance {
                    assert_eq!(Balances::total_balance(&account), amount, "{id}: {account}");
                }
                for (category, account, amount) in allocation.vesting {
                    let vests = |info: &dpin_primitives::economy::VestingInfo| {
                        info.category == category && info.amount == amount && info.released == 0
                    };
                    assert!(Issuance::vesting(account.clone()).iter().any(vests), "{id}: {account}");
                }
            });
        }
    }

    #[test]
    fn a_table_overrules_the_preset() {
        let dave = "contributors,5HKPmK9GYtE1PSLsS1qiYU9xQ9Si1NcEhdeCq9sw5bqu4ns8,6300000";
        let table = DEVELOPMENT_TABLE.replace(dave, "").replace(",6300000", ",12600000");
        let spec = from_preset("Test", "test", ChainType::Development, DEV_RUNTIME_PRESET, &table).unwrap();
        let written: Value = serde_json::from_str(&spec.as_json(false).unwrap()).unwrap();
        let issuance = &written["genesis"]["runtimeGenesis"]["patch"]["issuance"];
        assert_eq!(issuance["vesting"].as_array().unwrap().len(), 2);
        assert!(spec.build_storage().is_ok());
    }

    #[test]
    fn a_network_whose_table_does_not_add_up_has_no_specification() {
        let table = LOCAL_TESTNET_TABLE.replace("governance,", "# ");
        let error = from_preset("Test", "test", ChainType::Local, LOCAL_TESTNET_RUNTIME_PRESET, &table).err().unwrap();
        assert_eq!(error, "the allocation table of Test: Community Governance adds up to 0 DPN, not to 3450000 DPN");
    }

    #[test]
    fn every_network_has_a_genesis_that_its_own_runtime_builds() {
        for id in ["dev", "local"] {
            let storage = load_spec(id).unwrap().build_storage().unwrap();
            assert!(storage.top.contains_key(&b":code"[..]));
            assert!(storage.top.len() > 50, "{id} has {} entries", storage.top.len());
        }
    }

    #[test]
    fn clients_are_told_token_and_address_format() {
        let properties = development().unwrap().properties();
        assert_eq!(properties["tokenSymbol"], "DPN");
        assert_eq!(properties["tokenDecimals"], 12);
        assert_eq!(properties["ss58Format"], 42);
    }

    #[test]
    fn networks_differ_in_id_and_genesis() {
        let (dev, local) = (development().unwrap(), local_testnet().unwrap());
        assert_ne!(dev.id(), local.id());
        assert_ne!(dev.build_storage().unwrap().top, local.build_storage().unwrap().top);
    }

    #[test]
    fn a_written_specification_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("spec.json");
        std::fs::write(&file, development().unwrap().as_json(true).unwrap()).unwrap();
        let read = load_spec(file.to_str().unwrap()).unwrap();
        assert_eq!(read.id(), "dpin_dev");
        assert_eq!(read.build_storage().unwrap().top, development().unwrap().build_storage().unwrap().top);
    }

    #[test]
    fn an_unknown_network_is_an_error() {
        assert!(load_spec("").is_err());
        assert!(load_spec("/nonexistent/spec.json").is_err());
    }
}
