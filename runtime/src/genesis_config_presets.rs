//! Genesis configurations of the networks that are known by name.

#![deny(missing_docs)]

use crate::{
    AccountId, AssetConversionConfig, AssetKind, AssetsConfig, BLC, BLC_ID, BLC_UNIT, BabeConfig, Balance,
    BuybackConfig, DPN, IssuanceConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys, SudoConfig, WorkersConfig,
    configs::{BLC_MINIMUM, BlcIssuer, ExistentialDeposit, Pots},
};
use alloc::{string::String, vec, vec::Vec};
use dpin_primitives::economy::{Category, Pot};
use frame_support::build_struct_json_patch;
use polkadot_sdk::*;
use serde_json::Value;
use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};
use sp_core::sr25519;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::traits::Convert;

/// Probability that a slot has a primary author: one in four. Other slots have a secondary author,
/// also drawn by VRF.
pub const PRIMARY_PROBABILITY: (u64, u64) = (1, 4);

/// BABE's configuration at genesis.
pub const BABE_EPOCH_CONFIG: BabeEpochConfiguration =
    BabeEpochConfiguration { c: PRIMARY_PROBABILITY, allowed_slots: AllowedSlots::PrimaryAndSecondaryVRFSlots };

/// Balance of each well-known account on a test network, in planck: a million DPN.
///
/// It is an advance, taken from the end of the emission, so that no network has more DPN than the
/// cap.
pub const DEV_ENDOWMENT: Balance = 1_000_000 * DPN;
/// Balance of each well-known account on a test network, in the smallest unit of BLC: a million
/// BLC.
pub const DEV_BLC_ENDOWMENT: Balance = 1_000_000 * BLC_UNIT;
/// BLC in the first pool of a test network, in the smallest unit. The pool has as many DPN, so the
/// price is 1.
pub const DEV_POOL_BLC: Balance = Category::Liquidity.amount() / DPN * BLC_UNIT;

/// Pots that receive small amounts, or must keep some. They start with the existential deposit.
const OPENED_POTS: [Pot; 5] = [Pot::Revenue, Pot::Liquidity, Pot::Ecosystem, Pot::Fund, Pot::Insurance];

/// The allocation of DPN on a network of well-known accounts.
fn dev_issuance() -> IssuanceConfig {
    let of = |account: Sr25519Keyring| account.to_account_id();
    let endowed = Sr25519Keyring::well_known().map(|account| (of(account), DEV_ENDOWMENT));
    let opened = OPENED_POTS.map(|pot| (Pots::convert(pot), ExistentialDeposit::get()));
    IssuanceConfig {
        vesting: vec![
            (Category::Contributors, of(Sr25519Keyring::CharlieStash), Category::Contributors.amount() / 2),
            (Category::Contributors, of(Sr25519Keyring::DaveStash), Category::Contributors.amount() / 2),
            (Category::Governance, of(Sr25519Keyring::EveStash), Category::Governance.amount()),
        ],
        advance: endowed.chain(opened).collect(),
        ..Default::default()
    }
}

/// A validator with the keys of a node that was started with `--alice` or similar.
pub(crate) fn dev_validator(account: Sr25519Keyring, finality: Ed25519Keyring) -> (AccountId, AccountId, SessionKeys) {
    let id = account.to_account_id();
    (id.clone(), id, SessionKeys { babe: account.public().into(), grandpa: finality.public().into() })
}

/// A network of well-known accounts, for tests only: everybody has their keys.
pub(crate) fn dev_network(
    validators: Vec<(AccountId, AccountId, SessionKeys)>,
    workers: Vec<(AccountId, sr25519::Public, String)>,
) -> Value {
    let root = Sr25519Keyring::Alice.to_account_id();
    let liquidity = Pots::convert(Pot::Liquidity);
    let endowed = Sr25519Keyring::well_known().map(|account| (BLC_ID, account.to_account_id(), DEV_BLC_ENDOWMENT));
    let pooled = (BLC_ID, liquidity.clone(), DEV_POOL_BLC + BLC_MINIMUM);
    // The minimum that an account keeps of an asset. Without it, the first fees would be kept as
    // the minimum and never spent.
    let opened = [Pot::Revenue, Pot::Bonds].map(|pot| (BLC_ID, Pots::convert(pot), BLC_MINIMUM));
    build_struct_json_patch!(RuntimeGenesisConfig {
        assets: AssetsConfig {
            assets: vec![(BLC_ID, BlcIssuer::get(), true, BLC_MINIMUM)],
            metadata: vec![(BLC_ID, b"BLC".to_vec(), b"BLC".to_vec(), 12)],
            accounts: endowed.chain([pooled]).chain(opened).collect(),
            next_asset_id: Some(BLC_ID + 1),
        },
        issuance: dev_issuance(),
        asset_conversion: AssetConversionConfig {
            pools: vec![(AssetKind::Native, BLC, liquidity, Category::Liquidity.amount(), DEV_POOL_BLC)],
        },
        buyback: BuybackConfig { markets: vec![BLC] },
        babe: BabeConfig { epoch_config: BABE_EPOCH_CONFIG },
        session: SessionConfig { keys: validators },
        sudo: SudoConfig { key: Some(root) },
        workers: WorkersConfig { workers },
    })
}

/// The key `//Alice//worker`. A node started with `--dev` has it in its keystore.
pub const ALICE_WORKER_KEY: [u8; 32] = [
    0xde, 0x08, 0x90, 0xe2, 0xf8, 0x71, 0xc4, 0x26, 0x34, 0x80, 0x18, 0x8c, 0x3c, 0x6f, 0x27, 0x19, 0x41, 0x98, 0xa6,
    0x1f, 0x1c, 0x56, 0xda, 0x84, 0x68, 0x51, 0xa0, 0x25, 0x54, 0xe1, 0x9f, 0x3f,
];

/// One validator: Alice. She is also root and the first worker.
pub fn development() -> Value {
    let alice = Sr25519Keyring::Alice.to_account_id();
    dev_network(
        vec![dev_validator(Sr25519Keyring::Alice, Ed25519Keyring::Alice)],
        vec![(alice, sr25519::Public::from_raw(ALICE_WORKER_KEY), String::from("ws://127.0.0.1:9944"))],
    )
}

/// Two validators: Alice and Bob. Alice is also root.
pub fn local_testnet() -> Value {
    let validators = vec![
        dev_validator(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
        dev_validator(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
    ];
    dev_network(validators, Vec::new())
}

/// Return the preset with this name as JSON, to be merged into the default genesis. `None` if there
/// is no such preset.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
    let patch = match id.as_ref() {
        sp_genesis_builder::DEV_RUNTIME_PRESET => development(),
        sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET => local_testnet(),
        _ => return None,
    };
    serde_json::to_vec(&patch).ok()
}

/// Return the names of all presets.
pub fn preset_names() -> Vec<PresetId> {
    vec![
        PresetId::from(sp_genesis_builder::DEV_RUNTIME_PRESET),
        PresetId::from(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET),
    ]
}
