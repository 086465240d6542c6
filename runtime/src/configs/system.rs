//! Configuration of blocks and time, and the transactions that the runtime itself creates.

use crate::{
    AccountId, Babe, Block, Moment, Nonce, PalletInfo, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, RuntimeTask,
    SLOT_MS, TxExtension, UncheckedExtrinsic, VERSION,
    weights::{self, BlockExecutionWeight, ExtrinsicBaseWeight, ParityDbWeight, SHARED_KEYS},
};
use dpin_primitives::{Balance, Hash, Hashing};
use frame_support::{
    derive_impl,
    dispatch::DispatchClass,
    parameter_types,
    traits::{ConstU16, ConstU32, ConstU64},
    weights::{Weight, constants::WEIGHT_REF_TIME_PER_MILLIS},
};
use frame_system::{
    limits::{BlockLength, BlockWeights},
    offchain::{CreateAuthorizedTransaction, CreateBare, CreateTransaction, CreateTransactionBase},
};
use polkadot_sdk::*;
use sp_runtime::{Perbill, generic::Era};
use sp_version::RuntimeVersion;

/// Share of a block's weight and length that normal transactions may use.
pub const NORMAL_RATIO: Perbill = Perbill::from_percent(80);

/// Maximum weight of a block: half a slot on the machine on which the weights were measured.
///
/// The other half is for sending the block through the network, for importing it before the next
/// one is authored, and for slower machines.
///
/// The size of a block's proof has no limit, because no relay chain has to check one.
pub const MAX_BLOCK_WEIGHT: Weight = Weight::from_parts(SLOT_MS / 2 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);

/// Expected maximum share of a block for its hooks. No single normal transaction can use it.
const HOOKS_RATIO: Perbill = Perbill::from_percent(10);

/// Maximum length of all extrinsics in a block, in bytes: 5 MiB.
pub const MAX_BLOCK_BYTES: u32 = 5 * 1024 * 1024;

parameter_types! {
    /// Name and versions of this runtime.
    pub const Version: RuntimeVersion = VERSION;
    /// The limits of a block's weight: see [`MAX_BLOCK_WEIGHT`] and [`NORMAL_RATIO`].
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
    /// The limits of a block's length: see [`MAX_BLOCK_BYTES`] and [`NORMAL_RATIO`].
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
    // Two hours of blocks, the longest life of a mortal transaction.
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
