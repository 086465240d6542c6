//! A chain with the runtime in process, from one of the runtime's own presets.

use anyhow::{Context, Result, anyhow};
use dpin_runtime::Runtime;
use polkadot_sdk::{sp_genesis_builder::runtime_decl_for_genesis_builder::GenesisBuilderV1, sp_io::TestExternalities};
use serde_json::Value;

/// A chain from the runtime's preset of that name. `patch` is merged into the preset as in RFC
/// 7386; an empty object changes nothing.
///
/// # Errors
///
/// If there is no such preset, or the runtime refuses the genesis.
pub fn chain(name: &str, patch: Value) -> Result<TestExternalities> {
    let preset = |id: Option<&str>| -> Result<Value> {
        let json = Runtime::get_preset(&id.map(Into::into)).context("there is no such preset")?;
        Ok(serde_json::from_slice(&json)?)
    };
    let mut genesis = preset(None)?;
    merge(&mut genesis, preset(Some(name))?);
    merge(&mut genesis, patch);
    let genesis = serde_json::to_vec(&genesis)?;
    let mut ext = TestExternalities::new_empty();
    ext.execute_with(|| Runtime::build_state(genesis)).map_err(|error| anyhow!("{error}"))?;
    Ok(ext)
}

/// Merge `patch` into `target`, as in RFC 7386.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Default::default());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(&key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::{pallet_sudo, sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET, sp_keyring::Sr25519Keyring};
    use serde_json::json;

    #[test]
    fn a_patch_changes_adds_and_removes() {
        let mut target = json!({"a": {"b": 1, "c": 2}, "d": [1, 2], "e": 3});
        merge(&mut target, json!({"a": {"b": null, "f": {"g": 4, "h": null}}, "d": [5], "e": {"i": 6}}));
        assert_eq!(target, json!({"a": {"c": 2, "f": {"g": 4}}, "d": [5], "e": {"i": 6}}));
    }

    #[test]
    fn a_chain_has_the_presets_genesis_with_the_patch_over_it() {
        let root = |patch| {
            chain(LOCAL_TESTNET_RUNTIME_PRESET, patch).unwrap().execute_with(pallet_sudo::Key::<Runtime>::get).unwrap()
        };
        assert_eq!(root(json!({})), Sr25519Keyring::Alice.to_account_id());
        let bob = Sr25519Keyring::Bob.to_account_id();
        assert_eq!(root(json!({"sudo": {"key": bob}})), bob);
    }

    #[test]
    fn there_is_no_chain_without_its_preset() {
        assert!(chain("mainnet-of-yesterday", json!({})).is_err());
    }
}
