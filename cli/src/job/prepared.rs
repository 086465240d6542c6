//! A job with its files: everything that must be on chain before it is posted.

use crate::{
    blob::{
        file::{BlobFile, store, stored},
        http::BlobHttpArgs,
    },
    chain::{AtBlock, Chain, call::Call, signer::Signer, submit::Sent},
    context::Context,
    error::{Error, Result},
    job::{
        key::{JobKey, KeyArgs},
        plan::{Deposit, Plan},
        quote::Quoted,
    },
    kernel::{file::KernelFile, registry},
    text::amount,
};
use codec::Encode;
use dpin_primitives::{
    AccountId, AssetKind, Balance, BlockNumber, Hash, api::KernelInfo, job::JobSpec, kernel::KernelManifest,
};
use std::collections::BTreeMap;

/// A job that can be posted once its blobs are stored and its kernel is registered.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    /// The job.
    pub spec: JobSpec,
    /// The manifest of its kernel.
    pub manifest: KernelManifest,
    /// Its kernel, if it was read from a file.
    pub kernel: Option<KernelFile>,
    /// Inputs from files, encrypted if there is a key.
    pub inputs: Vec<BlobFile>,
    /// The key of the encrypted inputs.
    pub key: Option<JobKey>,
    /// Options for the directory of the key.
    pub keys: KeyArgs,
    /// Least time for which blobs stay stored, in blocks.
    pub lifetime: BlockNumber,
    /// Options for large inputs.
    pub blob_http: BlobHttpArgs,
}

/// The chain's prices of stored blobs.
struct BlobPrices {
    base: Balance,
    per_byte: Balance,
    /// Longest lifetime, in blocks.
    longest: BlockNumber,
}

impl BlobPrices {
    fn read(at: &AtBlock) -> Result<Self> {
        Ok(Self {
            base: Chain::constant(at, "Blobs", "BaseDeposit")?,
            per_byte: Chain::constant(at, "Blobs", "ByteDeposit")?,
            longest: Chain::constant(at, "Blobs", "MaxLifetime")?,
        })
    }

    /// The deposit for a blob. Bytes that stay off the chain cost nothing.
    fn deposit(&self, file: &BlobFile) -> Balance {
        match file.is_large() {
            true => self.base,
            false => self.per_byte.saturating_mul(file.size.into()).saturating_add(self.base),
        }
    }
}

/// The deposits and calls for the blobs and the kernel that the chain lacks.
#[derive(Default)]
struct Missing {
    deposits: Vec<Deposit>,
    calls: Vec<Call>,
}

impl Missing {
    fn add(&mut self, what: &'static str, id: Hash, amount: Balance, call: Call) {
        self.deposits.push(Deposit { what, id, amount });
        self.calls.push(call);
    }
}

impl Prepared {
    /// List the blobs and the kernel to store, with the price of everything. Sends nothing.
    ///
    /// # Errors
    ///
    /// When the chain or the node would refuse something.
    pub(crate) async fn plan(&self, chain: &Chain, requester: Option<&AccountId>) -> Result<Plan> {
        let missing = self.missing(chain, &chain.at_final().await?).await?;
        let quoted = match missing.deposits.is_empty() {
            true => Quoted::request(chain, &self.spec, requester).await?,
            false => self.quote_without_chain(chain, requester).await?,
        };
        let mut calls = missing.calls;
        calls.push(Call::submit_job(&self.spec));
        let mut fees = Some(0);
        for call in &calls {
            fees = fees.zip(chain.fee_of(call).await?).map(|(sum, fee): (Balance, Balance)| sum.saturating_add(fee));
        }
        let transactions = u32::try_from(calls.len()).unwrap_or(u32::MAX);
        Ok(Plan { quoted, deposits: missing.deposits, fees, transactions })
    }

    /// The blobs and the kernel that the chain lacks.
    async fn missing(&self, chain: &Chain, at: &AtBlock) -> Result<Missing> {
        let prices = BlobPrices::read(at)?;
        let mut missing = Missing::default();
        for input in &self.inputs {
            if input.is_new(stored(chain, input.id).await?.as_ref()) {
                missing.add("input", input.id, prices.deposit(input), input.call(self.lifetime));
            }
        }
        if let Some(kernel) = &self.kernel {
            self.add_kernel(chain, at, &prices, kernel, &mut missing).await?;
        }
        let stores = missing.deposits.iter().any(|deposit| deposit.what != "kernel");
        if stores && !(1..=prices.longest).contains(&self.lifetime) {
            return Err(Error::usage(format!("--lifetime is 1 to {} blocks", prices.longest)));
        }
        Ok(missing)
    }

    /// Add the kernel and its source to `missing`, unless the kernel is registered.
    async fn add_kernel(
        &self,
        chain: &Chain,
        at: &AtBlock,
        prices: &BlobPrices,
        kernel: &KernelFile,
        missing: &mut Missing,
    ) -> Result<()> {
        let id = kernel.manifest.id();
        let known: Option<KernelInfo> = chain.api("ComputeApi_kernel", id).await?;
        if known.is_some() {
            return Ok(());
        }
        let source = BlobFile::small(kernel.manifest.source, kernel.source.clone());
        if source.is_new(stored(chain, source.id).await?.as_ref()) {
            missing.add("source", source.id, prices.deposit(&source), source.call(self.lifetime));
        }
        let per_byte: Balance = Chain::constant(at, "Jobs", "KernelDepositPerByte")?;
        let base: Balance = Chain::constant(at, "Jobs", "KernelDepositBase")?;
        let size = kernel.manifest.encoded_size() as Balance;
        let amount = per_byte.saturating_mul(size).saturating_add(base);
        missing.add("kernel", id, amount, Call::register_kernel(&kernel.manifest));
        Ok(())
    }

    /// Quote a job whose kernel or inputs the chain lacks.
    async fn quote_without_chain(&self, chain: &Chain, requester: Option<&AccountId>) -> Result<Quoted> {
        let known = self.known_inputs(chain).await?;
        let of_files = |id: &Hash| self.inputs.iter().find(|input| input.id == *id).map(|input| input.size);
        let bytes = |id: &Hash| of_files(id).or_else(|| known.get(id).copied()).unwrap_or_default();
        let inputs = self.spec.inputs.iter().map(bytes).collect();
        Quoted::estimate(chain, &self.spec, &self.manifest, inputs, requester).await
    }

    /// The sizes in bytes of the inputs named by their hash. They must exist.
    async fn known_inputs(&self, chain: &Chain) -> Result<BTreeMap<Hash, u64>> {
        let mut sizes = BTreeMap::new();
        for id in self.spec.inputs.iter().filter(|id| self.inputs.iter().all(|input| input.id != **id)) {
            let info = stored(chain, *id).await?.ok_or_else(|| {
                Error::refused(format!("--in: blob {id:?} is not on the chain"))
                    .named("Jobs.UnknownBlob")
                    .hint("store the input first: `dpin blob put FILE`")
            })?;
            sizes.insert(*id, info.size);
        }
        Ok(sizes)
    }

    /// Check that everything would be accepted: the node accepts large inputs, and the account has
    /// the money.
    ///
    /// # Errors
    ///
    /// When something is missing.
    pub(crate) async fn try_out(
        &self,
        context: &Context,
        chain: &Chain,
        account: &AccountId,
        plan: &Plan,
    ) -> Result<()> {
        for input in &self.inputs {
            input.try_out(&self.blob_http, context.output).await?;
        }
        let asset = &self.spec.reward.asset;
        let fees = if context.pays_fees_in_dpn() { plan.fees.unwrap_or_default() } else { 0 };
        let held = plan.quoted.fees.total;
        let of_job = if *asset == AssetKind::Native { held } else { 0 };
        let needed = plan.deposit().saturating_add(fees).saturating_add(of_job);
        has_enough(chain.native(account).await?.free, needed, &AssetKind::Native)?;
        if let AssetKind::WithId(id) = asset {
            has_enough(chain.asset(*id, account).await?.free, held, asset)?;
        }
        Ok(())
    }

    /// Store the missing blobs, and register the kernel if it is new. Returns the transactions.
    ///
    /// # Errors
    ///
    /// When a transaction is refused or fails.
    pub(crate) async fn establish(&self, context: &Context, chain: &Chain, signer: &Signer) -> Result<Vec<Sent>> {
        let mut sent = Vec::new();
        for input in &self.inputs {
            sent.extend(store(context, chain, signer, input, self.lifetime).await?);
            input.upload(&self.blob_http, context.output).await?;
        }
        if let Some(kernel) = &self.kernel {
            sent.extend(registry::register(context, chain, signer, kernel, self.lifetime).await?);
        }
        Ok(sent)
    }
}

/// Refuse a job that the account cannot pay for.
///
/// # Errors
///
/// When the account has less than needed.
pub(crate) fn has_enough(has: Balance, needed: Balance, asset: &AssetKind) -> Result<()> {
    if has >= needed {
        return Ok(());
    }
    let show = |amount| amount::show(amount, asset);
    Err(Error::refused(format!(
        "the account has {}, but the job, its deposits and fees need {}",
        show(has),
        show(needed)
    ))
    .named("Jobs.InsufficientBalance")
    .hint("`dpin token balance` shows the account's balance"))
}
