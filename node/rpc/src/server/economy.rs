//! `economy_*`.

use super::{Chain, runtime};
use crate::{BuybackView, BuybacksView, EconomyApiServer, EraView, Error};
use dpin_primitives::{
    AccountId, OpaqueBlock as Block,
    economy::{
        AllocationInfo, BondsInfo, EconomyApi as RuntimeEconomyApi, EraIndex, MarketInfo, PotInfo, RewardInfo, Supply,
        VestingInfo,
    },
    json::Asset,
};
use polkadot_sdk::sp_api::ProvideRuntimeApi;
use std::sync::Arc;

/// Answers `economy_*`.
pub struct Economy<C> {
    client: Arc<C>,
}

impl<C> Economy<C> {
    /// Creates the methods over the node's client.
    pub fn new(client: Arc<C>) -> Self {
        Self { client }
    }
}

impl<C> EconomyApiServer for Economy<C>
where
    C: ProvideRuntimeApi<Block> + Chain,
    C::Api: RuntimeEconomyApi<Block>,
{
    fn supply(&self) -> Result<Supply, Error> {
        self.client.runtime_api().supply(self.client.best().hash).map_err(runtime)
    }

    fn allocation(&self) -> Result<Vec<AllocationInfo>, Error> {
        self.client.runtime_api().allocation(self.client.best().hash).map_err(runtime)
    }

    fn vesting(&self, account: AccountId) -> Result<Vec<VestingInfo>, Error> {
        self.client.runtime_api().vesting(self.client.best().hash, account).map_err(runtime)
    }

    fn era(&self, era: Option<EraIndex>) -> Result<Option<EraView>, Error> {
        let (at, api) = (self.client.best().hash, self.client.runtime_api());
        let number = match era {
            Some(number) => number,
            None => api.current_era(at).map_err(runtime)?,
        };
        Ok(api.era(at, number).map_err(runtime)?.map(|info| EraView { era: number, info }))
    }

    fn reward(&self, era: EraIndex, account: AccountId) -> Result<Option<RewardInfo>, Error> {
        self.client.runtime_api().reward(self.client.best().hash, era, account).map_err(runtime)
    }

    fn pots(&self) -> Result<Vec<PotInfo>, Error> {
        self.client.runtime_api().pots(self.client.best().hash).map_err(runtime)
    }

    fn market(&self, asset: Asset) -> Result<Option<MarketInfo>, Error> {
        self.client.runtime_api().market(self.client.best().hash, asset.into()).map_err(runtime)
    }

    fn buybacks(&self, asset: Asset, first: EraIndex) -> Result<BuybacksView, Error> {
        let (at, api) = (self.client.best().hash, self.client.runtime_api());
        let totals = api.buyback_totals(at, asset.into()).map_err(runtime)?;
        let eras = api.buybacks(at, asset.into(), first).map_err(runtime)?;
        let eras = eras.into_iter().map(|(era, totals)| BuybackView { era, totals });
        Ok(BuybacksView { totals, eras: eras.collect() })
    }

    fn bonds(&self) -> Result<BondsInfo, Error> {
        self.client.runtime_api().liquidity_bonds(self.client.best().hash).map_err(runtime)
    }
}
