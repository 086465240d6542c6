//! How each network's chain specification is made.
//!
//! A specification is the runtime's WebAssembly, one of the runtime's genesis presets, and what clients are told of the network:
//! its name, its token and how it writes addresses. What a network starts with is therefore decided in one place, the presets of
//! `dpin-runtime`.

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

fn properties() -> Properties {
    let mut properties = Properties::new();
    properties.insert("tokenSymbol".into(), TOKEN_SYMBOL.into());
    properties.insert("tokenDecimals".into(), TOKEN_DECIMALS.into());
    properties.insert("ss58Format".into(), SS58_FORMAT.into());
    properties
}

fn from_preset(name: &str, id: &str, chain_type: ChainType, preset: &str) -> Result<ChainSpec, String> {
    let wasm =
        WASM_BINARY.ok_or("this binary was built without the runtime (SKIP_WASM_BUILD); build it with the runtime")?;
    Ok(ChainSpec::builder(wasm, None)
        .with_name(name)
        .with_id(id)
        .with_protocol_id(id)
        .with_chain_type(chain_type)
        .with_properties(properties())
        .with_genesis_config_preset_name(preset)
        .build())
}

/// A network of one validator, for trying things out: Alice, who is also root.
///
/// # Errors
///
/// When this binary was built without the runtime's WebAssembly.
pub fn development() -> Result<ChainSpec, String> {
    from_preset("DPIN Development", "dpin_dev", ChainType::Development, DEV_RUNTIME_PRESET)
}

/// A network of two validators on one machine, Alice and Bob; Alice is also root.
///
/// # Errors
///
/// When this binary was built without the runtime's WebAssembly.
pub fn local_testnet() -> Result<ChainSpec, String> {
    from_preset("DPIN Local Testnet", "dpin_local", ChainType::Local, LOCAL_TESTNET_RUNTIME_PRESET)
}

/// The specification that `id` stands for, as given with `--chain`: `dev`, `local`, or the path of a specification's file.
///
/// # Errors
///
/// When there is no such network, the file cannot be read or is no specification, or this binary was built without the runtime's
/// WebAssembly.
pub fn load_spec(id: &str) -> Result<ChainSpec, String> {
    match id {
        "" => Err("there is no public network yet; say --chain dev, --chain local, or --chain and a file".into()),
        "dev" => development(),
        "local" => local_testnet(),
        path => ChainSpec::from_json_file(PathBuf::from(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::sp_runtime::BuildStorage;

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
