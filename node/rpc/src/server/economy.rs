//! `economy_*`.

use super::{runtime, Chain};
use crate::{
    AllocationView, AssetView, BondsView, BuybackView, BuybacksView, EconomyApiServer, EraView, Error, MarketView,
    PotView, RewardInfoView, SupplyView, VestingView,
};
use dpin_primitives::{
    economy::{EconomyApi as RuntimeEconomyApi, EraIndex},
    AccountId, OpaqueBlock as Block,
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
    fn supply(&self) -> Result<SupplyView, Error> {
        Ok(self.client.runtime_api().supply(self.client.best().hash).map_err(runtime)?.into())
    }

    fn allocation(&self) -> Result<Vec<AllocationView>, Error> {
        let lines = self.client.runtime_api().allocation(self.client.best().hash).map_err(runtime)?;
        Ok(lines.into_iter().map(Into::into).collect())
    }

    fn vesting(&self, account: AccountId) -> Result<Vec<VestingView>, Error> {
        let vestings = self.client.runtime_api().vesting(self.client.best().hash, account).map_err(runtime)?;
        Ok(vestings.into_iter().map(Into::into).collect())
    }

    fn era(&self, era: Option<EraIndex>) -> Result<Option<EraView>, Error> {
        let (at, api) = (self.client.best().hash, self.client.runtime_api());
        let number = match era {
            Some(number) => number,
            None => api.current_era(at).map_err(runtime)?,
        };
        Ok(api.era(at, number).map_err(runtime)?.map(|era| (number, era).into()))
    }

    fn reward(&self, era: EraIndex, account: AccountId) -> Result<Option<RewardInfoView>, Error> {
        let reward = self.client.runtime_api().reward(self.client.best().hash, era, account).map_err(runtime)?;
        Ok(reward.map(Into::into))
    }

    fn pots(&self) -> Result<Vec<PotView>, Error> {
        let pots = self.client.runtime_api().pots(self.client.best().hash).map_err(runtime)?;
        Ok(pots.into_iter().map(Into::into).collect())
    }

    fn market(&self, asset: AssetView) -> Result<Option<MarketView>, Error> {
        let market = self.client.runtime_api().market(self.client.best().hash, asset.into()).map_err(runtime)?;
        Ok(market.map(Into::into))
    }

    fn buybacks(&self, asset: AssetView, first: EraIndex) -> Result<BuybacksView, Error> {
        let (at, api) = (self.client.best().hash, self.client.runtime_api());
        let totals = api.buyback_totals(at, asset.into()).map_err(runtime)?;
        let eras = api.buybacks(at, asset.into(), first).map_err(runtime)?;
        let eras = eras.into_iter().map(|(era, totals)| BuybackView { era, totals: totals.into() });
        Ok(BuybacksView { totals: totals.into(), eras: eras.collect() })
    }

    fn bonds(&self) -> Result<BondsView, Error> {
        Ok(self.client.runtime_api().liquidity_bonds(self.client.best().hash).map_err(runtime)?.into())
    }
}
