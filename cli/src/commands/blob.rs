//! `dpin blob`: store and fetch bytes.

use crate::{
    call::Call,
    context::Context,
    depot::{self, Depot, DepotArgs},
    error::{Error, Result},
    output::{self, bytes, fields},
    parse,
    spec::{self, BlobFile, LIFETIME},
};
use clap::{Args, Subcommand};
use dpin_primitives::{blake2, BlobHash, BlockNumber};
use dpin_rpc::BlobStatusView;
use polkadot_sdk::sp_core::Bytes;
use serde_json::json;
use std::{io::Write, path::PathBuf};
use subxt::rpcs::rpc_params;

/// Store and fetch bytes: inputs of jobs and sources of kernels
#[derive(Subcommand, Debug)]
pub enum BlobCommand {
    /// Store a file, or let it live longer if it is stored. Of a file above 1 MiB the chain is told the id, and your node gets the
    /// bytes. A deposit is held until it is gone
    #[command(after_help = "Examples:
  dpin --dev bob blob put a.bin --lifetime 28800
  dpin --dev bob blob put weights.bin --blob-token-file DATA/chains/dev/blobs/token    # up to 4 GiB")]
    Put(PutArgs),
    /// Announce a file of up to 4 GiB, whose bytes stay off the chain, or let its announcement live longer. Upload it to a node, too
    #[command(after_help = "Example:\n  dpin --dev bob blob announce weights.bin --lifetime 28800")]
    Announce(AnnounceArgs),
    /// Fetch a blob, and check it against its hash. A large one needs --out; what broke off goes on where it was
    #[command(after_help = "Example:\n  dpin blob get 0x… --out a.bin")]
    Get(GetArgs),
    /// What the chain knows of a blob, and whether the node has its bytes
    Status {
        /// The blob
        #[arg(value_parser = parse::hash)]
        blob: BlobHash,
    },
}

/// What `blob put` takes.
#[derive(Args, Debug)]
pub struct PutArgs {
    /// The file
    file: PathBuf,
    /// How long it stays stored at least, in blocks of 3 s
    #[arg(long, value_name = "BLOCKS", default_value_t = LIFETIME)]
    lifetime: BlockNumber,
    #[command(flatten)]
    depot: DepotArgs,
}

/// What `blob announce` takes.
#[derive(Args, Debug)]
pub struct AnnounceArgs {
    /// The file
    file: PathBuf,
    /// How long it stays announced at least, in blocks of 3 s
    #[arg(long, value_name = "BLOCKS", default_value_t = LIFETIME)]
    lifetime: BlockNumber,
}

/// What `blob get` takes.
#[derive(Args, Debug)]
pub struct GetArgs {
    /// The blob
    #[arg(value_parser = parse::hash)]
    blob: BlobHash,
    /// Write it to this file [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    depot: DepotArgs,
}

/// Run it.
///
/// # Errors
///
/// As the command may fail.
pub async fn run(command: BlobCommand, context: &Context) -> Result<()> {
    match command {
        BlobCommand::Put(args) => put(args, context).await,
        BlobCommand::Announce(args) => announce(args, context).await,
        BlobCommand::Get(args) => get(args, context).await,
        BlobCommand::Status { blob } => status(blob, context).await,
    }
}

async fn put(args: PutArgs, context: &Context) -> Result<()> {
    let file = BlobFile::read(&args.file, context.output).await?;
    if file.is_large() {
        // The node takes what the chain knows.
        context.must_wait()?;
    }
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let known = spec::stored(&chain, file.id).await?;
    let longer = chain.best().await?.saturating_add(args.lifetime);
    // Before anything is paid: without its bytes an announcement is of no use.
    file.try_out(&args.depot, context.output).await?;
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
    file.upload(&args.depot, context.output).await?;
    let transaction = sent.as_ref().map(|sent| sent.to_json());
    let json = json!({ "blob": file.id, "size": file.size, "done": done, "transaction": transaction });
    context.output.result(&json, || format!("{:?}", file.id));
    Ok(())
}

async fn announce(args: AnnounceArgs, context: &Context) -> Result<()> {
    let (id, size) = depot::identify(&args.file, context.output).await?;
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let known = spec::stored(&chain, id).await?;
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
    let known = spec::stored(&chain, args.blob).await?;
    if let Some(blob) = known.filter(|blob| blob.announced) {
        let out = args.out.as_deref().ok_or_else(|| {
            Error::usage(format!("the blob has {}", bytes(blob.size))).hint("write it to a file: --out FILE")
        })?;
        let depot = Depot::new(&args.depot, context.output)?;
        let length = depot.download(args.blob, Some(blob.size), out).await?;
        let json = json!({ "blob": args.blob, "size": length, "out": out });
        context.output.result(&json, || format!("{}: {}, verified", out.display(), bytes(length)));
        return Ok(());
    }
    let found: Option<Bytes> = chain.request("blob_get", rpc_params![args.blob]).await?;
    let data = found.ok_or_else(|| {
        Error::failed(format!("this node does not have the blob {:?}", args.blob))
            .hint("`dpin blob status` tells whether it is stored at all; a node that keeps all blocks has it (--url)")
    })?;
    if blake2(&data) != args.blob {
        return Err(Error::unverified("the node gave other bytes than the hash names").hint("ask another node: --url"));
    }
    match args.out {
        Some(path) => {
            std::fs::write(&path, &data[..])
                .map_err(|error| Error::failed(format!("{} cannot be written: {error}", path.display())))?;
            let json = json!({ "blob": args.blob, "size": data.len(), "out": path });
            context.output.result(&json, || format!("{}: {}, verified", path.display(), bytes(data.len() as u64)));
            Ok(())
        }
        None => std::io::stdout()
            .write_all(&data)
            .map_err(|error| Error::failed(format!("the blob cannot be written: {error}"))),
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
