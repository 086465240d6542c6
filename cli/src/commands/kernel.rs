//! `dpin kernel`: check, register and look up kernels.

use crate::{
    amount,
    context::Context,
    error::{Error, Result},
    kernel_file::{manifest_fields, manifest_json, KernelFile},
    output::{self, fields, short, table},
    parse,
    spec::{self, LIFETIME},
    submit::Sent,
};
use clap::{Args, Subcommand};
use dpin_primitives::{
    api::{KernelInfo, Page},
    BlockNumber, KernelId,
};
use dpin_rpc::KernelView;
use serde_json::{json, Value};
use std::path::PathBuf;

/// Check, register and look up kernels
#[derive(Subcommand, Debug)]
pub enum KernelCommand {
    /// Check a kernel and its description without sending anything
    #[command(
        after_help = "Examples:\n  dpin kernel check kernels/mandelbrot/mandelbrot.cl\n  dpin kernel check blur.cl --manifest blur-fast.toml"
    )]
    Check(FileArgs),
    /// Register a kernel, and store its source if that is needed
    #[command(after_help = "Example:\n  dpin --dev bob kernel register kernels/mandelbrot/mandelbrot.cl")]
    Register(RegisterArgs),
    /// The registered kernels
    List(ListArgs),
    /// A registered kernel
    Show {
        /// Its id
        #[arg(value_parser = parse::hash)]
        kernel: KernelId,
    },
}

/// A kernel in files.
#[derive(Args, Debug)]
pub struct FileArgs {
    /// The source, OpenCL C 1.2
    #[arg(value_name = "FILE")]
    source: PathBuf,
    /// Its description [default: FILE.toml or kernel.toml beside it]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
}

/// What `kernel register` takes.
#[derive(Args, Debug)]
pub struct RegisterArgs {
    #[command(flatten)]
    file: FileArgs,
    /// How long the source stays stored at least, in blocks. As long as the kernel is registered it is kept anyway
    #[arg(long, value_name = "BLOCKS", default_value_t = LIFETIME)]
    lifetime: BlockNumber,
}

/// What `kernel list` takes.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
    /// Go on after this kernel
    #[arg(long, value_name = "KERNEL", value_parser = parse::hash)]
    after: Option<KernelId>,
}

/// Run it.
///
/// # Errors
///
/// As the command may fail.
pub async fn run(command: KernelCommand, context: &Context) -> Result<()> {
    match command {
        KernelCommand::Check(args) => check(args, context),
        KernelCommand::Register(args) => register(args, context).await,
        KernelCommand::List(args) => list(args, context).await,
        KernelCommand::Show { kernel } => show(kernel, context).await,
    }
}

fn check(args: FileArgs, context: &Context) -> Result<()> {
    let kernel = KernelFile::read(&args.source, args.manifest.as_deref())?;
    let json = json!({
        "manifest": manifest_json(&kernel.manifest),
        "sourceBytes": kernel.source.len(),
    });
    context.output.result(&json, || {
        let mut lines = manifest_fields(&kernel.manifest);
        lines.push(("size", format!("{} bytes of source", kernel.source.len())));
        format!(
            "{}\n\nsource and description agree; it was not compiled, which the workers' devices do",
            fields(&lines)
        )
    });
    Ok(())
}

async fn register(args: RegisterArgs, context: &Context) -> Result<()> {
    context.must_wait()?;
    let kernel = KernelFile::read(&args.file.source, args.file.manifest.as_deref())?;
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let sent = spec::register(context, &chain, &signer, &kernel, args.lifetime).await?;
    let id = kernel.manifest.id();
    let json = json!({
        "kernel": id,
        "new": !sent.is_empty(),
        "transactions": sent.iter().map(Sent::to_json).collect::<Vec<_>>(),
    });
    context.output.result(&json, || format!("{id:?}"));
    Ok(())
}

fn info_json(info: &KernelInfo) -> Value {
    output::json(KernelView::from(info.clone()))
}

async fn list(args: ListArgs, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let page: Page<KernelInfo, KernelId> = chain.api("ComputeApi_kernels", (args.after, args.limit)).await?;
    let json = json!({ "kernels": page.items.iter().map(info_json).collect::<Vec<_>>(), "next": page.next });
    context.output.result(&json, || {
        let rows = page.items.iter().map(|info| {
            vec![
                String::from_utf8_lossy(&info.manifest.entry).into_owned(),
                format!("{:?}", info.id),
                short(&info.owner),
                info.jobs.to_string(),
            ]
        });
        let text = table(&["entry", "kernel", "owner", "open jobs"], rows.collect());
        match page.next {
            Some(next) => format!("{text}\nmore with --after {next:?}"),
            None => text,
        }
    });
    Ok(())
}

async fn show(id: KernelId, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let info =
        spec::registered(&chain, id).await.map_err(|error| Error { exit: crate::error::Exit::Failed, ..error })?;
    context.output.result(&info_json(&info), || {
        let mut lines = manifest_fields(&info.manifest);
        lines.push(("owner", info.owner.to_string()));
        lines.push(("deposit", amount::dpn(info.deposit)));
        lines.push(("open jobs", info.jobs.to_string()));
        fields(&lines)
    });
    Ok(())
}
