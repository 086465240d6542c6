//! `dpin blob`: store and fetch bytes.

use crate::{
    blob::{
        file::{self, BlobFile, LIFETIME},
        http::{self, BlobHttp, BlobHttpArgs},
    },
    chain::{Chain, call::Call, submit::Sent, value_key},
    context::{Context, SentAll},
    error::{Error, Result},
    text::{
        amount,
        output::{self, bytes, count, fields, table},
        parse,
    },
};
use clap::{Args, Subcommand};
use codec::Decode;
use dpin_primitives::{AccountId, Balance, BlobHash, BlockNumber, blake2};
use dpin_rpc::BlobStatusView;
use polkadot_sdk::sp_core::Bytes;
use serde_json::{Value, json};
use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
};
use subxt::rpcs::rpc_params;

/// Store and fetch bytes: inputs of jobs and sources of kernels
#[derive(Subcommand, Debug)]
pub(crate) enum BlobCommand {
    /// Store a file of up to 1 MiB on the chain, or announce a larger one and upload it to your
    /// node. Extends the lifetime of a blob of yours. A deposit is held until the blob is removed
    #[command(after_help = "Examples:
  dpin --dev bob blob put a.bin --lifetime 28800
  dpin --dev bob blob put weights.bin --blob-token-file DATA/chains/dpin_dev/blobs/token")]
    Put(PutArgs),
    /// Announce a file of up to 4 GiB, or extend its announcement. The bytes stay off the chain:
    /// upload them to a node yourself
    #[command(after_help = "Example:\n  dpin --dev bob blob announce weights.bin --lifetime 28800")]
    Announce(AnnounceArgs),
    /// Fetch a blob, and check it against its hash. A large blob needs --out; an interrupted
    /// download is resumed
    #[command(after_help = "Example:\n  dpin blob get 0x… --out a.bin")]
    Get(GetArgs),
    /// List the blobs of an account, with their deposits
    #[command(after_help = "Examples:\n  dpin --dev bob blob list\n  dpin blob list 5Grw…")]
    List {
        /// Account [default: that of the signing key]
        #[arg(value_parser = parse::account)]
        account: Option<AccountId>,
    },
    /// Remove blobs of yours that no kernel and no open job uses. Their deposits are returned
    #[command(
        after_help = "Examples:\n  dpin --dev bob blob remove 0x…\n  dpin --dev bob blob remove --unused      # all unused blobs"
    )]
    Remove(RemoveArgs),
    /// Show the chain's record of a blob, and whether the node has its bytes
    Status {
        /// Id of the blob
        #[arg(value_parser = parse::hash)]
        blob: BlobHash,
    },
}

/// Arguments of `blob put`.
#[derive(Args, Debug)]
pub(crate) struct PutArgs {
    /// File to store
    file: PathBuf,
    /// Minimum time for which it stays stored, in blocks of 3 s
    #[arg(long, value_name = "BLOCKS", default_value_t = LIFETIME)]
    lifetime: BlockNumber,
    #[command(flatten)]
    blob_http: BlobHttpArgs,
}

/// Arguments of `blob announce`.
#[derive(Args, Debug)]
pub(crate) struct AnnounceArgs {
    /// File to announce
    file: PathBuf,
    /// Minimum time for which it stays announced, in blocks of 3 s
    #[arg(long, value_name = "BLOCKS", default_value_t = LIFETIME)]
    lifetime: BlockNumber,
}

/// Arguments of `blob get`.
#[derive(Args, Debug)]
pub(crate) struct GetArgs {
    /// Id of the blob
    #[arg(value_parser = parse::hash)]
    blob: BlobHash,
    /// File to write the blob to [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    blob_http: BlobHttpArgs,
}

/// Arguments of `blob remove`.
#[derive(Args, Debug)]
pub(crate) struct RemoveArgs {
    /// Ids of the blobs
    #[arg(value_parser = parse::hash, required_unless_present = "unused")]
    blobs: Vec<BlobHash>,
    /// Remove all blobs of the signing account that no kernel and no open job uses
    #[arg(long, conflicts_with = "blobs")]
    unused: bool,
}

/// A blob as the chain's state stores it.
#[derive(Decode, Clone, PartialEq, Eq, Debug)]
struct BlobRecord {
    owner: AccountId,
    size: u64,
    deposit: Balance,
    stored_at: Option<BlockNumber>,
    expires: BlockNumber,
    pins: u32,
}

/// Run the command.
///
/// # Errors
///
/// When the command fails.
pub(crate) async fn run(command: BlobCommand, context: &Context) -> Result<()> {
    match command {
        BlobCommand::Put(args) => put(args, context).await,
        BlobCommand::Announce(args) => announce(args, context).await,
        BlobCommand::Get(args) => get(args, context).await,
        BlobCommand::List { account } => list(account, context).await,
        BlobCommand::Remove(args) => remove(args, context).await,
        BlobCommand::Status { blob } => status(blob, context).await,
    }
}

async fn put(args: PutArgs, context: &Context) -> Result<()> {
    let file = BlobFile::read(&args.file, context.output).await?;
    if file.is_large() {
        // The node only accepts blobs that the chain knows.
        context.must_wait()?;
    }
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let known = file::stored(&chain, file.id).await?;
    let longer = chain.best().await?.saturating_add(args.lifetime);
    // This comes before any payment: an announcement is useless without the bytes.
    file.try_out(&args.blob_http, context.output).await?;
    let sent = match &known {
        None => Some(context.send(&chain, &signer, &file.call(args.lifetime)).await?),
        Some(blob) if blob.owner == signer.account() && blob.expires < longer => {
            Some(context.send(&chain, &signer, &Call::renew(file.id, args.lifetime)).await?)
        }
        Some(_) => None,
    };
    let done = match (&known, &sent) {
        (None, _) if file.is_large() => "announced",
        (None, _) => "stored",
        (Some(_), Some(_)) => "renewed",
        (Some(_), None) => "unchanged",
    };
    context.output.note(format!("{}: {done}", args.file.display()));
    file.upload(&args.blob_http, context.output).await?;
    let transaction = sent.as_ref().map(|sent| sent.to_json());
    let json = json!({ "blob": file.id, "size": file.size, "done": done, "transaction": transaction });
    context.output.result(&json, || format!("{:?}", file.id));
    Ok(())
}

async fn announce(args: AnnounceArgs, context: &Context) -> Result<()> {
    let (id, size) = http::identify(&args.file, context.output).await?;
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let known = file::stored(&chain, id).await?;
    let longer = chain.best().await?.saturating_add(args.lifetime);
    let (done, call) = match &known {
        None => ("announced", Some(Call::announce(id, size, args.lifetime))),
        Some(blob) if blob.owner == signer.account() && blob.expires < longer => {
            ("renewed", Some(Call::renew(id, args.lifetime)))
        }
        Some(_) => ("unchanged", None),
    };
    let sent = match call {
        Some(call) => Some(context.send(&chain, &signer, &call).await?),
        None => None,
    };
    let json =
        json!({ "blob": id, "size": size, "done": done, "transaction": sent.as_ref().map(|sent| sent.to_json()) });
    context.output.note(format!("{}: {done}", args.file.display()));
    context.output.result(&json, || format!("{id:?}"));
    Ok(())
}

async fn get(args: GetArgs, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let known = file::stored(&chain, args.blob).await?;
    if let Some(blob) = known.filter(|blob| blob.announced) {
        let out = args.out.as_deref().ok_or_else(|| {
            Error::usage(format!("the blob has {}, too much for the standard output", bytes(blob.size)))
                .hint("write it to a file with --out FILE")
        })?;
        let blob_http = BlobHttp::new(&args.blob_http, context.output)?;
        let length = blob_http.download(args.blob, Some(blob.size), out).await?;
        let json = json!({ "blob": args.blob, "size": length, "out": out });
        context.output.result(&json, || format!("{}: {}, verified", out.display(), bytes(length)));
        return Ok(());
    }
    let found: Option<Bytes> = chain.request("blob_get", rpc_params![args.blob]).await?;
    let data = found.ok_or_else(|| {
        Error::failed(format!("this node does not have the blob {:?}", args.blob))
            .hint("check with `dpin blob status` that it is stored; use a node that keeps all blocks (--url)")
    })?;
    if blake2(&data) != args.blob {
        return Err(Error::unverified("the bytes from the node do not match the hash").hint("use another node: --url"));
    }
    match args.out {
        Some(path) => {
            std::fs::write(&path, &data[..])
                .map_err(|error| Error::failed(format!("{} cannot be written: {error}", path.display())))?;
            let json = json!({ "blob": args.blob, "size": data.len(), "out": path });
            context.output.result(&json, || format!("{}: {}, verified", path.display(), bytes(data.len() as u64)));
            Ok(())
        }
        None if std::io::stdout().is_terminal()
            && data.iter().any(|byte| !matches!(byte, b'\t' | b'\n' | b' '..=b'~')) =>
        {
            Err(Error::usage(format!("the blob has {} that are not plain text", bytes(data.len() as u64)))
                .hint("write it to a file with --out FILE, or into a pipe"))
        }
        None => std::io::stdout()
            .write_all(&data)
            .map_err(|error| Error::failed(format!("the blob cannot be written: {error}"))),
    }
}

/// The blobs of an account. The chain keeps no list for each account, so this reads all blobs.
async fn owned(chain: &Chain, account: &AccountId) -> Result<Vec<(BlobHash, BlobRecord)>> {
    let mut found = Vec::new();
    let own = |key: &[u8], mut value: &[u8]| {
        let record = BlobRecord::decode(&mut value).ok().filter(|record| record.owner == *account)?;
        Some((BlobHash::from(<[u8; 32]>::try_from(key).ok()?), record))
    };
    chain.entries(&value_key("Blobs", "Blobs"), |key, value| found.extend(own(key, value))).await?;
    found.sort_by_key(|(hash, record)| (record.expires, *hash));
    Ok(found)
}

async fn list(account: Option<AccountId>, context: &Context) -> Result<()> {
    let account = context.account(&account)?;
    let chain = context.chain().await?;
    let blobs = owned(&chain, &account).await?;
    let all = blobs.iter().map(|(_, record)| record.deposit).fold(0, Balance::saturating_add);
    let json = json!({
        "account": account,
        "blobs": blobs.iter().map(|(hash, record)| record_json(hash, record)).collect::<Vec<_>>(),
        "deposits": all.to_string(),
    });
    context.output.result(&json, || list_text(&blobs, all));
    Ok(())
}

fn record_json(hash: &BlobHash, record: &BlobRecord) -> Value {
    json!({
        "hash": hash,
        "size": record.size,
        "announced": record.stored_at.is_none(),
        "expires": record.expires,
        "pins": record.pins,
        "deposit": record.deposit.to_string(),
    })
}

fn list_text(blobs: &[(BlobHash, BlobRecord)], all: Balance) -> String {
    let rows = blobs.iter().map(|(hash, record)| {
        vec![
            format!("{hash:?}"),
            bytes(record.size),
            if record.stored_at.is_some() { "in a block".into() } else { "announced".into() },
            record.expires.to_string(),
            record.pins.to_string(),
            amount::dpn(record.deposit),
        ]
    });
    let text = table(&["blob", "size", "bytes", "expires", "used by", "deposit"], rows.collect());
    match blobs.is_empty() {
        true => text,
        false => format!(
            "{text}\n{} held for them; `dpin blob remove BLOB` returns the deposit of an unused blob",
            amount::dpn(all)
        ),
    }
}

async fn remove(args: RemoveArgs, context: &Context) -> Result<()> {
    context.must_wait()?;
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let blobs = match args.unused {
        true => {
            let owned = owned(&chain, &signer.account()).await?;
            owned.into_iter().filter(|(_, record)| record.pins == 0).map(|(hash, _)| hash).collect()
        }
        false => args.blobs,
    };
    let calls: Vec<Call> = blobs.iter().map(|blob| Call::remove_blob(*blob)).collect();
    let sent = match calls.is_empty() {
        true => SentAll::default(),
        false => context.send_all(&chain, &signer, &calls).await?,
    };
    let removed = calls.len().saturating_sub(sent.failed.len());
    let json = json!({
        "removed": removed,
        "failed": sent.failed,
        "transactions": sent.transactions.iter().map(Sent::to_json).collect::<Vec<_>>(),
    });
    context.output.result(&json, || {
        format!("{} removed, and the deposits returned", count(u32::try_from(removed).unwrap_or(u32::MAX), "blob"))
    });
    match sent.failed.first() {
        None => Ok(()),
        Some(name) => Err(Error::refused(format!(
            "{} of {} blobs were not removed: {}",
            sent.failed.len(),
            calls.len(),
            sent.failed.join(", ")
        ))
        .named(name.clone())
        .hint("`dpin blob list` shows the blobs that kernels and open jobs use (Blobs.Pinned)")),
    }
}

async fn status(hash: BlobHash, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let blob: BlobStatusView = chain.request("blob_status", rpc_params![hash]).await?;
    context.output.result(&output::json(&blob), || {
        fields(&[
            ("blob", format!("{hash:?}")),
            ("on chain", if blob.on_chain { String::new() } else { "no".into() }),
            (
                "bytes are",
                blob.announced
                    .map(|announced| if announced { "off the chain".into() } else { "in a block".into() })
                    .unwrap_or_default(),
            ),
            ("size", blob.size.map(bytes).unwrap_or_default()),
            ("owner", blob.owner.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("expires", blob.expires.map(|block| format!("block {block}, unless it is in use")).unwrap_or_default()),
            ("used by", blob.pins.map(|pins| format!("{pins} kernels and open jobs")).unwrap_or_default()),
            (
                "at this node",
                match (blob.stored, blob.present) {
                    (true, _) => "yes".into(),
                    (false, Some(present)) if Some(present) == blob.size => "yes".into(),
                    (false, Some(present)) => format!("{} of it", bytes(present)),
                    (false, None) => "no".into(),
                },
            ),
        ])
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;
    use dpin_primitives::DPN;

    #[test]
    fn a_blob_of_the_state_is_listed_with_its_deposit() {
        // The encoding that pallet-blobs uses.
        let encoded = (AccountId::from([1; 32]), 2_048u64, DPN / 2, Some(7u32), 900u32, 1u32).encode();
        let record = BlobRecord::decode(&mut &encoded[..]).unwrap();
        let blobs = [(BlobHash::repeat_byte(9), record)];
        let text = list_text(&blobs, DPN / 2);
        assert!(
            text.contains("0x0909") && text.contains("2.00 KiB") && text.contains("0.5 DPN held for them"),
            "{text}"
        );
        let json = record_json(&blobs[0].0, &blobs[0].1);
        assert_eq!((&json["announced"], &json["deposit"]), (&json!(false), &json!("500000000000")));
        assert_eq!(list_text(&[], 0), "none");
    }
}
