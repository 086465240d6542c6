//! The runtime APIs for the node and the clients.

// The macro writes undocumented items.
#![allow(missing_docs)]

use crate::{
    AccountId, AssetConversion, AssetKind, Babe, Balance, Blobs, Block, Buyback, Executive, Grandpa, Hash, Historical,
    InherentDataExt, Issuance, Jobs, Nonce, ProofOfCompute, Runtime, RuntimeCall, RuntimeGenesisConfig, SessionKeys,
    System, TransactionPayment, VERSION,
    configs::{fees, pots},
    genesis_config_presets, views,
};
use alloc::vec::Vec;
use codec::Encode;
use dpin_primitives::{
    BlobHash, JobId, KernelId, TaskId,
    api::{
        BlobInfo, JobHead, JobInfo, KernelInfo, NetworkInfo, Page, ParametersInfo, Quote, TaskInfo, Wait, WorkerInfo,
    },
    candidates::Candidates,
    economy::{
        AllocationInfo, BondsInfo, BuybackTotals, EraIndex, EraInfo, FeeQuote, MarketInfo, PotInfo, RewardInfo, Supply,
        VestingInfo,
    },
    job::JobSpec,
    kernel::{InputBytes, Tiling},
    traits::BlobStore,
    worker::DeviceClass,
};
use frame_support::{
    genesis_builder_helper::{build_state, get_preset},
    traits::{Get, KeyOwnerProofSystem},
    weights::Weight,
};
use pallet_grandpa::AuthorityId as GrandpaId;
use polkadot_sdk::*;
use sp_api::impl_runtime_apis;
use sp_core::{OpaqueMetadata, crypto::KeyTypeId};
use sp_runtime::{
    ApplyExtrinsicResult, ExtrinsicInclusionMode,
    traits::{Block as BlockT, NumberFor},
    transaction_validity::{TransactionSource, TransactionValidity},
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;

impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion {
            VERSION
        }

        fn execute_block(block: <Block as BlockT>::LazyBlock) {
            Executive::execute_block(block)
        }

        fn initialize_block(header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
            Executive::initialize_block(header)
        }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata {
            OpaqueMetadata::new(Runtime::metadata().into())
        }

        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
            Runtime::metadata_at_version(version)
        }

        fn metadata_versions() -> Vec<u32> {
            Runtime::metadata_versions()
        }
    }

    impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
        fn execute_view_function(
            id: frame_support::view_functions::ViewFunctionId,
            input: Vec<u8>,
        ) -> Result<Vec<u8>, frame_support::view_functions::ViewFunctionDispatchError> {
            Runtime::execute_view_function(id, input)
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            Executive::apply_extrinsic(extrinsic)
        }

        fn finalize_block() -> <Block as BlockT>::Header {
            Executive::finalize_block()
        }

        fn inherent_extrinsics(data: sp_inherents::InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
            data.create_extrinsics()
        }

        fn check_inherents(
            block: <Block as BlockT>::LazyBlock,
            data: sp_inherents::InherentData,
        ) -> sp_inherents::CheckInherentsResult {
            data.check_extrinsics(&block)
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            source: TransactionSource,
            tx: <Block as BlockT>::Extrinsic,
            block_hash: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            Executive::validate_transaction(source, tx, block_hash)
        }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(header: &<Block as BlockT>::Header) {
            Executive::offchain_worker(header)
        }
    }

    impl sp_consensus_babe::BabeApi<Block> for Runtime {
        fn configuration() -> sp_consensus_babe::BabeConfiguration {
            let epoch_config = Babe::epoch_config().unwrap_or(genesis_config_presets::BABE_EPOCH_CONFIG);
            sp_consensus_babe::BabeConfiguration {
                slot_duration: Babe::slot_duration(),
                epoch_length: <Runtime as pallet_babe::Config>::EpochDuration::get(),
                c: epoch_config.c,
                authorities: Babe::authorities().to_vec(),
                randomness: Babe::randomness(),
                allowed_slots: epoch_config.allowed_slots,
            }
        }

        fn current_epoch_start() -> sp_consensus_babe::Slot {
            Babe::current_epoch_start()
        }

        fn current_epoch() -> sp_consensus_babe::Epoch {
            Babe::current_epoch()
        }

        fn next_epoch() -> sp_consensus_babe::Epoch {
            Babe::next_epoch()
        }

        fn generate_key_ownership_proof(
            _slot: sp_consensus_babe::Slot,
            authority_id: sp_consensus_babe::AuthorityId,
        ) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
            Historical::prove((sp_consensus_babe::KEY_TYPE, authority_id))
                .map(|proof| sp_consensus_babe::OpaqueKeyOwnershipProof::new(proof.encode()))
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
            key_owner_proof: sp_consensus_babe::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            Babe::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof.decode()?)
        }
    }

    impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
        fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
            Grandpa::grandpa_authorities()
        }

        fn current_set_id() -> sp_consensus_grandpa::SetId {
            pallet_grandpa::CurrentSetId::<Runtime>::get()
        }

        fn generate_key_ownership_proof(
            _set_id: sp_consensus_grandpa::SetId,
            authority_id: GrandpaId,
        ) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
            Historical::prove((sp_consensus_grandpa::KEY_TYPE, authority_id))
                .map(|proof| sp_consensus_grandpa::OpaqueKeyOwnershipProof::new(proof.encode()))
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_grandpa::EquivocationProof<<Block as BlockT>::Hash, NumberFor<Block>>,
            key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            Grandpa::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof.decode()?)
        }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
            SessionKeys::generate(&owner, seed).into()
        }

        fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
            SessionKeys::decode_into_raw_public_keys(&encoded)
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(account: AccountId) -> Nonce {
            System::account_nonce(account)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
        fn query_info(
            uxt: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_info(uxt, len)
        }

        fn query_fee_details(
            uxt: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> pallet_transaction_payment::FeeDetails<Balance> {
            TransactionPayment::query_fee_details(uxt, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<Block, Balance, RuntimeCall> for Runtime {
        fn query_call_info(
            call: RuntimeCall,
            len: u32,
        ) -> pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_call_info(call, len)
        }

        fn query_call_fee_details(
            call: RuntimeCall,
            len: u32,
        ) -> pallet_transaction_payment::FeeDetails<Balance> {
            TransactionPayment::query_call_fee_details(call, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl dpin_primitives::api::ComputeApi<Block> for Runtime {
        fn job(id: JobId) -> Option<JobInfo> {
            views::job(id)
        }

        fn job_count() -> JobId {
            Jobs::job_count()
        }

        fn task(task: TaskId) -> Option<TaskInfo> {
            views::task(task)
        }

        fn jobs_of(requester: AccountId, after: Option<JobId>, limit: u32) -> Page<JobHead, JobId> {
            Jobs::jobs_of(requester, after, limit)
        }

        fn last_job_of(requester: AccountId) -> Option<JobId> {
            Jobs::last_job_of(requester)
        }

        fn kernel(id: KernelId) -> Option<KernelInfo> {
            Jobs::kernel(id)
        }

        fn kernels(after: Option<KernelId>, limit: u32) -> Page<KernelInfo, KernelId> {
            Jobs::kernels(after, limit)
        }

        fn worker(account: AccountId) -> Option<WorkerInfo> {
            views::worker(account)
        }

        fn workers(device_class: Option<DeviceClass>, after: Option<u32>, limit: u32) -> Page<WorkerInfo, u32> {
            views::workers(device_class, after, limit)
        }

        fn wait(spec: JobSpec, requester: Option<AccountId>) -> Result<Wait, sp_runtime::DispatchError> {
            views::wait(&spec, requester)
        }

        fn candidates(task: TaskId) -> Option<Candidates> {
            ProofOfCompute::candidates(task)
        }

        fn prospects(
            spec: JobSpec,
            tiling: Tiling,
            inputs: InputBytes,
            requester: Option<AccountId>,
        ) -> Candidates {
            views::prospects(&spec, tiling, inputs, requester)
        }

        fn network() -> NetworkInfo {
            views::network()
        }

        fn parameters() -> ParametersInfo {
            views::parameters()
        }

        fn quote(spec: JobSpec) -> Result<Quote, sp_runtime::DispatchError> {
            Jobs::quote(&spec)
        }

        fn blob_size(hash: BlobHash) -> Option<u64> {
            <Blobs as BlobStore>::size(&hash)
        }

        fn blob(hash: BlobHash) -> Option<BlobInfo> {
            Blobs::info(hash)
        }

        fn genesis() -> Hash {
            Jobs::genesis_hash()
        }
    }

    impl dpin_primitives::economy::EconomyApi<Block> for Runtime {
        fn supply() -> Supply {
            Issuance::supply()
        }

        fn allocation() -> Vec<AllocationInfo> {
            Issuance::allocation()
        }

        fn vesting(account: AccountId) -> Vec<VestingInfo> {
            Issuance::vesting(account)
        }

        fn current_era() -> EraIndex {
            Issuance::current_era()
        }

        fn era(era: EraIndex) -> Option<EraInfo> {
            Issuance::era(era)
        }

        fn reward(era: EraIndex, account: AccountId) -> Option<RewardInfo> {
            Issuance::reward(era, account)
        }

        fn pots() -> Vec<PotInfo> {
            pots()
        }

        fn buybacks(asset: AssetKind, first: EraIndex) -> Vec<(EraIndex, BuybackTotals)> {
            Buyback::buybacks(asset, first)
        }

        fn buyback_totals(asset: AssetKind) -> BuybackTotals {
            Buyback::totals(asset)
        }

        fn market(asset: AssetKind) -> Option<MarketInfo> {
            Buyback::market(asset)
        }

        fn liquidity_bonds() -> BondsInfo {
            Buyback::bonds()
        }

        fn fees(spec: JobSpec) -> Result<FeeQuote, sp_runtime::DispatchError> {
            fees(spec)
        }
    }

    impl pallet_asset_conversion::AssetConversionApi<Block, Balance, AssetKind> for Runtime {
        fn quote_price_exact_tokens_for_tokens(
            asset1: AssetKind,
            asset2: AssetKind,
            amount: Balance,
            include_fee: bool,
        ) -> Option<Balance> {
            AssetConversion::quote_price_exact_tokens_for_tokens(asset1, asset2, amount, include_fee)
        }

        fn quote_price_tokens_for_exact_tokens(
            asset1: AssetKind,
            asset2: AssetKind,
            amount: Balance,
            include_fee: bool,
        ) -> Option<Balance> {
            AssetConversion::quote_price_tokens_for_exact_tokens(asset1, asset2, amount, include_fee)
        }

        fn get_reserves(asset1: AssetKind, asset2: AssetKind) -> Option<(Balance, Balance)> {
            AssetConversion::get_reserves(asset1, asset2).ok()
        }
    }

    impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
        fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
            build_state::<RuntimeGenesisConfig>(config)
        }

        fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
            get_preset::<RuntimeGenesisConfig>(id, genesis_config_presets::get_preset)
        }

        fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
            genesis_config_presets::preset_names()
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    impl frame_benchmarking::Benchmark<Block> for Runtime {
        fn benchmark_metadata(
            extra: bool,
        ) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
            use frame_support::traits::StorageInfoTrait;
            (crate::benchmarks::list(extra), crate::AllPalletsWithSystem::storage_info())
        }

        fn dispatch_benchmark(
            config: frame_benchmarking::BenchmarkConfig,
        ) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
            crate::benchmarks::dispatch(config)
        }
    }

    #[cfg(feature = "try-runtime")]
    impl frame_try_runtime::TryRuntime<Block> for Runtime {
        fn on_runtime_upgrade(checks: frame_try_runtime::UpgradeCheckSelect) -> (Weight, Weight) {
            // This runs only in tools, which should stop when it fails.
            let weight = Executive::try_runtime_upgrade(checks).expect("the upgrade passes its own checks");
            (weight, crate::configs::RuntimeBlockWeights::get().max_block)
        }

        fn execute_block(
            block: <Block as BlockT>::LazyBlock,
            state_root_check: bool,
            signature_check: bool,
            select: frame_try_runtime::TryStateSelect,
        ) -> Weight {
            Executive::try_execute_block(block, state_root_check, signature_check, select)
                .expect("the block passes its own checks")
        }
    }
}
