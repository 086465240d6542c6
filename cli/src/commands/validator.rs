//! `dpin validator`: session keys.

use crate::{
    chain::{Chain, call::Call, value_key},
    context::Context,
    error::{Error, Result},
    text::{amount, output::fields, parse},
};
use clap::Subcommand;
use codec::{Decode, Encode};
use dpin_primitives::{
    AccountId,
    economy::{EraIndex, RewardInfo},
};
use polkadot_sdk::{sp_core::Bytes, sp_io::hashing::twox_64};
use serde::Deserialize;
use serde_json::json;
use subxt::rpcs::rpc_params;

/// Shown wherever users might expect a call that makes validators.
const FIXED: &str = "validators are fixed at genesis for now: no call makes an account a validator";

/// Manage session keys. Validators are fixed at genesis for now: no call makes an account a
/// validator
#[derive(Subcommand, Debug)]
pub(crate) enum ValidatorCommand {
    /// Show whether an account is a validator, and its session keys
    Status {
        /// Account [default: that of the signing key]
        #[arg(value_parser = parse::account)]
        account: Option<AccountId>,
    },
    /// Make new session keys in the node. The node must allow unsafe methods, as it does for its
    /// own machine
    #[command(
        after_help = "Example, on the validator's machine:\n  dpin --key-file me.json validator rotate-keys --json > keys.json"
    )]
    RotateKeys {
        /// Account that owns the keys [default: that of the signing key]
        #[arg(long, value_parser = parse::account)]
        owner: Option<AccountId>,
    },
    /// Register session keys for the signing account. They take effect in the session after the
    /// next
    #[command(after_help = "Examples:
  dpin --key-file me.json validator set-keys --rotate       # make and register them
  dpin --key-file me.json validator set-keys --keys 0x… --proof 0x…")]
    SetKeys {
        /// Session keys, as `rotate-keys` prints them
        #[arg(long, value_name = "HEX", requires = "proof", required_unless_present = "rotate")]
        keys: Option<String>,
        /// Proof of ownership of the keys, as `rotate-keys` prints it
        #[arg(long, value_name = "HEX", requires = "keys")]
        proof: Option<String>,
        /// Make new keys in the node first
        #[arg(long, conflicts_with = "keys")]
        rotate: bool,
    },
    /// Remove the session keys of the signing account. Their deposit is returned
    #[command(after_help = "Example:\n  dpin --key-file me.json validator purge-keys")]
    PurgeKeys,
}

/// Session keys that a node has made.
#[derive(Deserialize)]
struct Rotated {
    keys: Bytes,
    proof: Option<Bytes>,
}

/// Public session keys as the runtime stores them.
#[derive(Decode)]
struct SessionKeys {
    babe: [u8; 32],
    grandpa: [u8; 32],
}

/// Run the command.
///
/// # Errors
///
/// When the command fails.
pub(crate) async fn run(command: ValidatorCommand, context: &Context) -> Result<()> {
    match command {
        ValidatorCommand::Status { account } => status(account, context).await,
        ValidatorCommand::RotateKeys { owner } => {
            let owner = context.account(&owner)?;
            let Rotated { keys, proof } = rotate(&context.chain().await?, &owner).await?;
            context.output.result(&json!({ "owner": owner, "keys": keys, "proof": proof }), || {
                fields(&[
                    ("keys", format!("0x{}", hex::encode(&keys[..]))),
                    ("proof", proof.as_ref().map(|proof| format!("0x{}", hex::encode(&proof[..]))).unwrap_or_default()),
                    ("next", "register the keys: `dpin validator set-keys --keys … --proof …`".into()),
                ])
            });
            Ok(())
        }
        ValidatorCommand::PurgeKeys => {
            context
                .send_and_report(Call::purge_keys(), "removed the session keys, and their deposit was returned")
                .await
        }
        ValidatorCommand::SetKeys { keys, proof, rotate } => set_keys(keys, proof, rotate, context).await,
    }
}

async fn rotate(chain: &Chain, owner: &AccountId) -> Result<Rotated> {
    let params = rpc_params![Bytes(owner.encode())];
    chain.request("author_rotateKeysWithOwner", params).await.map_err(|error| match error.exit {
        crate::error::Exit::Connection => error,
        _ => error.hint("the node allows this only for its own machine: use ws://127.0.0.1:9944 there, or start it with --rpc-methods unsafe behind a firewall"),
    })
}

fn bytes(text: &str, option: &str) -> Result<Vec<u8>> {
    let digits = text.trim().strip_prefix("0x").unwrap_or(text.trim());
    hex::decode(digits).map_err(|error| Error::usage(format!("{option}: {error}")))
}

async fn set_keys(keys: Option<String>, proof: Option<String>, make: bool, context: &Context) -> Result<()> {
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let (keys, proof) = match (keys, proof) {
        (Some(keys), Some(proof)) if !make => (bytes(&keys, "--keys")?, bytes(&proof, "--proof")?),
        _ => {
            let Rotated { keys, proof } = rotate(&chain, &signer.account()).await?;
            let proof = proof.ok_or_else(|| Error::failed("the node returned no proof of the keys"))?;
            (keys.0, proof.0)
        }
    };
    if keys.len() != 64 {
        return Err(Error::usage(format!("--keys has {} bytes; session keys have 64", keys.len()))
            .hint("use the keys that `dpin validator rotate-keys` prints"));
    }
    let sent = context.send(&chain, &signer, &Call::set_keys(keys, proof)).await?;
    context.report(&sent, "session keys registered");
    context.output.note(FIXED);
    Ok(())
}

async fn status(account: Option<AccountId>, context: &Context) -> Result<()> {
    let account = context.account(&account)?;
    let chain = context.chain().await?;
    let validators: Vec<AccountId> = chain.storage(value_key("Session", "Validators")).await?.unwrap_or_default();
    let session: u32 = chain.storage(value_key("Session", "CurrentIndex")).await?.unwrap_or_default();
    let next = account.using_encoded(|bytes| [twox_64(bytes).as_slice(), bytes].concat());
    let keys: Option<SessionKeys> = chain.storage([value_key("Session", "NextKeys"), next].concat()).await?;
    let era: EraIndex = chain.api("EconomyApi_current_era", ()).await?;
    let reward: Option<RewardInfo> = chain.api("EconomyApi_reward", (era, &account)).await?;
    let active = validators.contains(&account);
    let blocks = reward.as_ref().map_or(0, |reward| reward.blocks);
    let shown = |key: &[u8; 32]| format!("0x{}", hex::encode(key));
    let json = json!({
        "account": account,
        "validator": active,
        "validators": validators,
        "session": session,
        "era": era,
        "blocks": blocks,
        "reward": reward.as_ref().map_or(0, |reward| reward.validator).to_string(),
        "keys": keys.as_ref().map(|keys| json!({ "babe": shown(&keys.babe), "grandpa": shown(&keys.grandpa) })),
    });
    context.output.result(&json, || {
        fields(&[
            ("account", account.to_string()),
            ("validator", if active { "yes".into() } else { format!("no; {FIXED}") }),
            ("validators", validators.len().to_string()),
            ("session", session.to_string()),
            ("era", format!("{era}: {blocks} blocks authored")),
            ("reward", reward.as_ref().map(|reward| amount::dpn(reward.validator)).unwrap_or_default()),
            ("babe key", keys.as_ref().map(|keys| shown(&keys.babe)).unwrap_or_default()),
            ("grandpa key", keys.as_ref().map(|keys| shown(&keys.grandpa)).unwrap_or_default()),
        ])
    });
    Ok(())
}
