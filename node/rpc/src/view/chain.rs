//! Answers about kernels, quotes and blobs.

use super::CostView;
use dpin_primitives::{
    AccountId, BlobHash, BlockNumber, KernelId,
    api::{KernelInfo, Quarantine, Quote, Wait},
    economy::FeeQuote,
    job::{AuditPolicy, JobShape},
    json::{Account, Amount, HexHash},
    kernel::{KernelClass, Param, Tiling},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A registered kernel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KernelView {
    /// Id of the kernel: the hash of its manifest.
    #[schemars(with = "HexHash")]
    pub id: KernelId,
    /// The blob with the OpenCL C source.
    #[schemars(with = "HexHash")]
    pub source: BlobHash,
    /// Name of the `__kernel` function.
    pub entry: String,
    /// The function's parameters.
    pub params: Vec<Param>,
    /// Work-items of a work-group in each dimension.
    pub local_size: [u32; 3],
    /// Tiling of a task's output.
    pub tiling: Tiling,
    /// Build options as the OpenCL compiler takes them.
    pub options: Vec<String>,
    /// Whether the checker of the deterministic subset has accepted the kernel.
    pub deterministic: bool,
    /// The account that registered the kernel.
    #[schemars(with = "Account")]
    pub owner: AccountId,
    /// Deposit of the kernel, in planck.
    pub deposit: Amount,
    /// Jobs that use the kernel and have not ended.
    pub jobs: u32,
    /// Device classes for which no job of the kernel may be posted now, because it was found not to
    /// build there.
    pub quarantines: Vec<Quarantine>,
}

/// A page of registered kernels.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KernelsPage {
    /// The kernels.
    pub kernels: Vec<KernelView>,
    /// The value of `after` for the next page; `null` at the end.
    #[schemars(with = "Option<HexHash>")]
    pub next: Option<KernelId>,
}

/// All fees of a job, in its asset's smallest unit unless a field says otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeesView {
    /// Rewards of all tasks.
    pub rewards: Amount,
    /// The requester's reservation fees.
    pub reservation: Amount,
    /// Surcharges for payment in another asset than DPN.
    pub surcharge: Amount,
    /// Pay of all auditors.
    pub auditors: Amount,
    /// Amount put on hold: the sum of the fields above.
    pub total: Amount,
    /// Reservation fees that workers pay out of their rewards.
    pub worker_fees: Amount,
    /// Fee of the transaction that posts the job, in planck, without a tip.
    pub transaction: Amount,
}

/// Price and duration of a job.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuoteView {
    /// Grid and number of tasks of the job.
    pub shape: JobShape,
    /// Cost of each task.
    pub per_task: CostView,
    /// Total amount put on hold.
    pub total: Amount,
    /// Audit policy of the job.
    pub audit: AuditPolicy,
    /// All fees.
    pub fees: FeesView,
    /// Estimated duration.
    pub wait: Wait,
}

/// State of a blob on the chain and on the called node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlobStatusView {
    /// Whether the chain knows the blob.
    pub on_chain: bool,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Whether the blob was announced: its bytes are in no block, and nodes fetch them from each
    /// other.
    pub announced: Option<bool>,
    /// The account that stored or announced the blob.
    #[schemars(with = "Option<Account>")]
    pub owner: Option<AccountId>,
    /// The first block in which anybody may expire the blob, if no kernel and no open job uses it.
    /// The owner may remove an unused blob at any time.
    pub expires: Option<BlockNumber>,
    /// Kernels and open jobs that use the blob.
    pub pins: Option<u32>,
    /// Whether this node has the bytes of a blob that is in a block or was uploaded with
    /// `blob_put`.
    pub stored: bool,
    /// Bytes of a large blob on this node's disk. If they equal the size, the blob is whole.
    pub present: Option<u64>,
}

impl From<KernelInfo> for KernelView {
    fn from(kernel: KernelInfo) -> Self {
        let manifest = kernel.manifest;
        Self {
            id: kernel.id,
            source: manifest.source,
            entry: String::from_utf8_lossy(&manifest.entry).into_owned(),
            params: manifest.params.into_inner(),
            local_size: manifest.local_size,
            tiling: manifest.tiling,
            options: manifest.options.iter().map(|option| option.flag().into()).collect(),
            deterministic: manifest.class == KernelClass::Deterministic,
            owner: kernel.owner,
            deposit: Amount(kernel.deposit),
            jobs: kernel.jobs,
            quarantines: kernel.quarantines,
        }
    }
}

impl From<FeeQuote> for FeesView {
    fn from(fees: FeeQuote) -> Self {
        Self {
            rewards: Amount(fees.rewards),
            reservation: Amount(fees.reservation),
            surcharge: Amount(fees.surcharge),
            auditors: Amount(fees.auditors),
            total: Amount(fees.total),
            worker_fees: Amount(fees.worker_fees),
            transaction: Amount(fees.transaction),
        }
    }
}

impl From<(Quote, FeeQuote, Wait)> for QuoteView {
    fn from((quote, fees, wait): (Quote, FeeQuote, Wait)) -> Self {
        Self {
            shape: quote.shape,
            per_task: quote.per_task.into(),
            total: Amount(quote.total),
            audit: quote.audit,
            fees: fees.into(),
            wait,
        }
    }
}
