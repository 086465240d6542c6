//! `dpin blob`: store and fetch bytes.

use crate::{
    call::Call,
    context::Context,
    error::{Error, Result},
    output::{self, bytes, fields},
    parse,
    spec::{self, LIFETIME},
};
use clap::{Args, Subcommand};
use dpin_primitives::{
    blake2,
    blob_tree::{Hasher, MAX_BLOB_BYTES},
    BlobHash, BlockNumber,
};
use dpin_rpc::BlobStatusView;
use polkadot_sdk::sp_core::Bytes;
use serde_json::json;
use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
};
use subxt::rpcs::rpc_params;

/// Store and fetch bytes: inputs of jobs and sources of kernels
#[derive(Subcommand, Debug)]
pub enum BlobCommand {
    /// Store a file of at most 1 MiB, or let it live longer if it is stored. A deposit is held until it is gone
    #[command(after_help = "Example:\n  dpin --dev bob blob put a.bin --lifetime 28800")]
    Put(PutArgs),
    /// Announce a file of up to 4 GiB, whose bytes stay off the chain, or let its announcement live longer. Upload it to a node, too
    #[command(after_help = "Example:\n  dpin --dev bob blob announce weights.bin --lifetime 28800")]
    Announce(PutArgs),
    /// Fetch a blob, and check it against its hash
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
    let data = spec::read_blob(&args.file)?;
    let hash = blake2(&data);
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let known = spec::stored(&chain, hash).await?;
    let longer = chain.best().await?.saturating_add(args.lifetime);
    let sent = match &known {
        None => Some(context.send(&chain, &signer, &Call::store(args.lifetime, &data)).await?),
        Some(blob) if blob.owner == signer.account() && blob.expires < longer => {
            Some(context.send(&chain, &signer, &Call::renew(hash, args.lifetime)).await?)
        }
        Some(_) => None,
    };
    let done = match (&known, &sent) {
        (None, _) => "stored",
        (Some(_), Some(_)) => "renewed",
        (Some(_), None) => "unchanged",
    };
    let json = json!({ "blob": hash, "size": data.len(), "done": done, "transaction": sent.as_ref().map(|sent| sent.to_json()) });
    context.output.note(format!("{}: {done}", args.file.display()));
    context.output.result(&json, || format!("{hash:?}"));
    Ok(())
}

async fn announce(args: PutArgs, context: &Context) -> Result<()> {
    let (id, size) = large_id(&args.file)?;
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

/// The id of a large blob, and its size.
fn large_id(path: &Path) -> Result<(BlobHash, u64)> {
    /// Bytes read at a time.
    const PIECE: u64 = 4 * 1024 * 1024;
    let unreadable = |error| Error::usage(format!("{} cannot be read: {error}", path.display()));
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let (mut hasher, mut piece) = (Hasher::new(), Vec::new());
    loop {
        piece.clear();
        let read = (&file).take(PIECE).read_to_end(&mut piece).map_err(unreadable)?;
        hasher.update(&piece);
        let size = hasher.len();
        if size > MAX_BLOB_BYTES {
            return Err(Error::usage(format!("{} has more than 4 GiB", path.display())));
        }
        if read == 0 {
            return match size {
                0 => Err(Error::usage(format!("{} is empty", path.display()))),
                size => Ok((hasher.finish(), size)),
            };
        }
    }
}

async fn get(args: GetArgs, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_file_is_that_of_its_tree() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("blob");
        let bytes = vec![7; 5_000_000];
        std::fs::write(&path, &bytes).unwrap();
        let mut hasher = Hasher::new();
        hasher.update(&bytes);
        assert_eq!(large_id(&path).unwrap(), (hasher.finish(), 5_000_000));
        std::fs::write(&path, b"").unwrap();
        assert!(large_id(&path).is_err());
        assert!(large_id(dir.path()).is_err());
    }
}
