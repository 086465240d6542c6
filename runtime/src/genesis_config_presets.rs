//! What a chain starts with, for each kind of network that is known by name.

#![deny(missing_docs)]

use crate::{
    configs::{ExistentialDeposit, RevenuePot, BLC_MINIMUM},
    AccountId, AssetsConfig, BabeConfig, Balance, BalancesConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys,
    SudoConfig, WorkersConfig, BLC_ID, BLC_UNIT, DPN,
};
use alloc::{string::String, vec, vec::Vec};
use frame_support::build_struct_json_patch;
use polkadot_sdk::*;
use serde_json::Value;
use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};
use sp_core::sr25519;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// The chance that a slot has a primary author: one in four. Slots without one have a secondary author, drawn by VRF too.
pub const PRIMARY_PROBABILITY: (u64, u64) = (1, 4);

/// How BABE starts.
pub const BABE_EPOCH_CONFIG: BabeEpochConfiguration =
    BabeEpochConfiguration { c: PRIMARY_PROBABILITY, allowed_slots: AllowedSlots::PrimaryAndSecondaryVRFSlots };

/// What each well-known account has on a network for trying and testing, in planck: a million DPN.
pub const DEV_ENDOWMENT: Balance = 1_000_000 * DPN;
/// What each well-known account has on a network for trying and testing, in the smallest unit of BLC: a million BLC.
pub const DEV_BLC_ENDOWMENT: Balance = 1_000_000 * BLC_UNIT;

/// A validator with the keys that a node started with `--alice` and so on has.
pub(crate) fn dev_validator(account: Sr25519Keyring, finality: Ed25519Keyring) -> (AccountId, AccountId, SessionKeys) {
    let id = account.to_account_id();
    (id.clone(), id, SessionKeys { babe: account.public().into(), grandpa: finality.public().into() })
}

/// A network of well-known accounts: keys that everybody has, for trying and testing only.
pub(crate) fn dev_network(
    validators: Vec<(AccountId, AccountId, SessionKeys)>,
    workers: Vec<(AccountId, sr25519::Public, String)>,
) -> Value {
    let root = Sr25519Keyring::Alice.to_account_id();
    let accounts: Vec<AccountId> = Sr25519Keyring::well_known().map(|account| account.to_account_id()).collect();
    let mut balances: Vec<(AccountId, Balance)> = accounts.iter().cloned().map(|who| (who, DEV_ENDOWMENT)).collect();
    // What every account must have, so that the first fee can be paid to the pot however small it is.
    balances.push((RevenuePot::get(), ExistentialDeposit::get()));
    build_struct_json_patch!(RuntimeGenesisConfig {
        balances: BalancesConfig { balances },
        assets: AssetsConfig {
            assets: vec![(BLC_ID, root.clone(), true, BLC_MINIMUM)],
            metadata: vec![(BLC_ID, b"BLC".to_vec(), b"BLC".to_vec(), 12)],
            accounts: accounts.into_iter().map(|who| (BLC_ID, who, DEV_BLC_ENDOWMENT)).collect(),
            next_asset_id: Some(BLC_ID + 1),
        },
        babe: BabeConfig { epoch_config: BABE_EPOCH_CONFIG },
        session: SessionConfig { keys: validators },
        sudo: SudoConfig { key: Some(root) },
        workers: WorkersConfig { workers },
    })
}

/// The key `//Alice//worker`, which a node started with `--dev` has in its keystore.
pub const ALICE_WORKER_KEY: [u8; 32] = [
    0xde, 0x08, 0x90, 0xe2, 0xf8, 0x71, 0xc4, 0x26, 0x34, 0x80, 0x18, 0x8c, 0x3c, 0x6f, 0x27, 0x19, 0x41, 0x98, 0xa6,
    0x1f, 0x1c, 0x56, 0xda, 0x84, 0x68, 0x51, 0xa0, 0x25, 0x54, 0xe1, 0x9f, 0x3f,
];

/// One validator, Alice, who is also root and the first worker.
pub fn development() -> Value {
    let alice = Sr25519Keyring::Alice.to_account_id();
    dev_network(
        vec![dev_validator(Sr25519Keyring::Alice, Ed25519Keyring::Alice)],
        vec![(alice, sr25519::Public::from_raw(ALICE_WORKER_KEY), String::from("ws://127.0.0.1:9944"))],
    )
}

/// Two validators, Alice and Bob; Alice is also root.
pub fn local_testnet() -> Value {
    let validators = vec![
        dev_validator(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
        dev_validator(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
    ];
    dev_network(validators, Vec::new())
}

/// The preset of that name as JSON, to be merged into the default genesis; `None` where there is none.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
    let patch = match id.as_ref() {
        sp_genesis_builder::DEV_RUNTIME_PRESET => development(),
        sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET => local_testnet(),
        _ => return None,
    };
    serde_json::to_vec(&patch).ok()
}

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
    vec![
        PresetId::from(sp_genesis_builder::DEV_RUNTIME_PRESET),
        PresetId::from(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET),
    ]
}
