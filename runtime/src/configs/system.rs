//! Blocks, time, and how the runtime itself makes transactions.

use crate::{
    weights::{self, BlockExecutionWeight, ExtrinsicBaseWeight, ParityDbWeight, SHARED_KEYS},
    AccountId, Babe, Block, Moment, Nonce, PalletInfo, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, RuntimeTask,
    TxExtension, UncheckedExtrinsic, SLOT_MS, VERSION,
};
use dpin_primitives::{Balance, Hash, Hashing};
use frame_support::{
    derive_impl,
    dispatch::DispatchClass,
    parameter_types,
    traits::{ConstU16, ConstU32, ConstU64},
    weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use frame_system::{
    limits::{BlockLength, BlockWeights},
    offchain::{CreateAuthorizedTransaction, CreateBare, CreateTransaction, CreateTransactionBase},
};
use polkadot_sdk::*;
use sp_runtime::{generic::Era, Perbill};
use sp_version::RuntimeVersion;

/// The share of a block's weight and length that ordinary transactions may fill.
pub const NORMAL_RATIO: Perbill = Perbill::from_percent(80);

/// The most work in a block: half a slot on the machine that the weights were measured on. The other half is for the block's
/// way through the network, for validators that import it before they author the next, and for machines that are slower.
///
/// Nothing bounds the size of a block's proof: there is no relay chain that would have to see one.
pub const MAX_BLOCK_WEIGHT: Weight = Weight::from_parts(SLOT_MS / 2 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);

/// The share of a block that its hooks are expected to take at most, which no single ordinary transaction can claim.
const HOOKS_RATIO: Perbill = Perbill::from_percent(10);

/// The most bytes of extrinsics in a block: 5 MiB.
pub const MAX_BLOCK_BYTES: u32 = 5 * 1024 * 1024;

parameter_types! {
    /// What identifies this runtime.
    pub const Version: RuntimeVersion = VERSION;
    /// How a block's work is shared out: see [`MAX_BLOCK_WEIGHT`] and [`NORMAL_RATIO`].
    pub RuntimeBlockWeights: BlockWeights = BlockWeights::builder()
        .base_block(
            BlockExecutionWeight::get()
                .saturating_add(ParityDbWeight::get().reads_writes(SHARED_KEYS, SHARED_KEYS)),
        )
        .for_class(DispatchClass::all(), |class| class.base_extrinsic = ExtrinsicBaseWeight::get())
        .for_class(DispatchClass::Normal, |class| class.max_total = Some(NORMAL_RATIO * MAX_BLOCK_WEIGHT))
        .for_class(DispatchClass::Operational, |class| {
            class.max_total = Some(MAX_BLOCK_WEIGHT);
            class.reserved = Some(MAX_BLOCK_WEIGHT - NORMAL_RATIO * MAX_BLOCK_WEIGHT);
        })
        .avg_block_initialization(HOOKS_RATIO)
        .build_or_panic();
    /// The most bytes in a block.
    pub RuntimeBlockLength: BlockLength = BlockLength::builder()
        .max_length(MAX_BLOCK_BYTES)
        .modify_max_length_for_class(DispatchClass::Normal, |length| *length = NORMAL_RATIO * MAX_BLOCK_BYTES)
        .build();
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type Block = Block;
    type AccountId = AccountId;
    type Nonce = Nonce;
    type Hash = Hash;
    type Hashing = Hashing;
    type AccountData = pallet_balances::AccountData<Balance>;
    type BlockWeights = RuntimeBlockWeights;
    type BlockLength = RuntimeBlockLength;
    // Two hours of blocks: the longest a mortal transaction can live.
    type BlockHashCount = ConstU32<2400>;
    type DbWeight = ParityDbWeight;
    type Version = Version;
    type SS58Prefix = ConstU16<42>;
    type MaxConsumers = ConstU32<16>;
    type SystemWeightInfo = weights::frame_system::WeightInfo<Runtime>;
    type ExtensionsWeightInfo = weights::frame_system_extensions::WeightInfo<Runtime>;
}

impl pallet_timestamp::Config for Runtime {
    type Moment = Moment;
    type OnTimestampSet = Babe;
    type MinimumPeriod = ConstU64<{ SLOT_MS / 2 }>;
    type WeightInfo = weights::pallet_timestamp::WeightInfo<Runtime>;
}

impl<LocalCall> CreateTransactionBase<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    type Extrinsic = UncheckedExtrinsic;
    type RuntimeCall = RuntimeCall;
}

impl<LocalCall> CreateBare<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_bare(call)
    }
}

impl<LocalCall> CreateTransaction<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    type Extension = TxExtension;

    fn create_transaction(call: RuntimeCall, extension: TxExtension) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_transaction(call, extension)
    }
}

impl<LocalCall> CreateAuthorizedTransaction<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    fn create_extension() -> TxExtension {
        (
            frame_system::AuthorizeCall::new(),
            frame_system::CheckNonZeroSender::new(),
            frame_system::CheckSpecVersion::new(),
            frame_system::CheckTxVersion::new(),
            frame_system::CheckGenesis::new(),
            frame_system::CheckMortality::from(Era::Immortal),
            frame_system::CheckNonce::from(0),
            frame_system::CheckWeight::new(),
            pallet_asset_conversion_tx_payment::ChargeAssetTxPayment::from(0, None),
            frame_metadata_hash_extension::CheckMetadataHash::new(false),
            frame_system::WeightReclaim::new(),
        )
    }
}
