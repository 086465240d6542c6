//! The chain's types, for subxt.

use crate::chain::fee_asset::FeeAsset;
use subxt::{
    config::{Config, DefaultTransactionExtensions, substrate::SubstrateConfig},
    metadata::ArcMetadata,
    utils::{AccountId32, MultiAddress, MultiSignature},
};

/// The chain's types, for subxt.
#[derive(Clone, Debug, Default)]
pub(crate) struct DpinConfig(SubstrateConfig);

impl Config for DpinConfig {
    type AccountId = AccountId32;
    type Address = MultiAddress<AccountId32, ()>;
    type Signature = MultiSignature;
    type Header = <SubstrateConfig as Config>::Header;
    type TransactionExtensions = DefaultTransactionExtensions<Self>;
    type AssetId = FeeAsset;
    type Hasher = <SubstrateConfig as Config>::Hasher;

    fn metadata_for_spec_version(&self, spec_version: u32) -> Option<ArcMetadata> {
        self.0.metadata_for_spec_version(spec_version)
    }

    fn set_metadata_for_spec_version(&self, spec_version: u32, metadata: ArcMetadata) {
        self.0.set_metadata_for_spec_version(spec_version, metadata)
    }
}
