//! Kernels on the chain: look them up, and register them.

use crate::{
    blob::file::{BlobFile, store},
    chain::{Chain, call::Call, signer::Signer, submit::Sent},
    context::Context,
    error::{Error, Result},
    kernel::file::KernelFile,
    text::output::short,
};
use dpin_primitives::{BlockNumber, KernelId, api::KernelInfo};

/// Look up a registered kernel.
///
/// # Errors
///
/// When no kernel has that id.
pub(crate) async fn registered(chain: &Chain, id: KernelId) -> Result<KernelInfo> {
    let found: Option<KernelInfo> = chain.api("ComputeApi_kernel", id).await?;
    found.ok_or_else(|| {
        Error::refused(format!("kernel {id:?} is not registered"))
            .named("Jobs.UnknownKernel")
            .hint("register it with `dpin kernel register FILE.cl`, or choose one from `dpin kernel list`")
    })
}

/// Register a kernel and store its source, unless it is registered.
///
/// # Errors
///
/// When a transaction is refused or fails.
pub(crate) async fn register(
    context: &Context,
    chain: &Chain,
    signer: &Signer,
    kernel: &KernelFile,
    lifetime: BlockNumber,
) -> Result<Vec<Sent>> {
    let id = kernel.manifest.id();
    let known: Option<KernelInfo> = chain.api("ComputeApi_kernel", id).await?;
    let already = format!("kernel {} is already registered", short(format!("{id:?}")));
    if known.is_some() {
        context.output.note(already);
        return Ok(Vec::new());
    }
    let mut sent = Vec::new();
    let source = BlobFile::small(kernel.manifest.source, kernel.source.clone());
    sent.extend(store(context, chain, signer, &source, lifetime).await?);
    match context.send(chain, signer, &Call::register_kernel(&kernel.manifest)).await {
        Ok(registered) => {
            sent.push(registered);
            context.output.note(format!("registered kernel {id:?}"));
        }
        // Another command was faster.
        Err(error) if error.name.as_deref() == Some("Jobs.AlreadyRegistered") => context.output.note(already),
        Err(error) => return Err(error),
    }
    Ok(sent)
}
