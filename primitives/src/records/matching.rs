//! The tasks that a worker can take: the requirements of a task beside the properties of a worker.

use crate::{
    AssetKind, Balance, KernelId,
    candidates::Condition,
    job::Requirements,
    worker::{Capability, Offer, WorkerState},
};

impl Offer {
    /// Whether the offer covers a task of `kernel` that pays `reward` of `asset` and may run for
    /// `run_blocks` blocks.
    pub fn covers(&self, kernel: &KernelId, asset: &AssetKind, reward: Balance, run_blocks: u32) -> bool {
        self.unmet(kernel, asset, reward, run_blocks).next().is_none()
    }

    /// Return the conditions of the offer that such a task does not meet.
    pub fn unmet(
        &self,
        kernel: &KernelId,
        asset: &AssetKind,
        reward: Balance,
        run_blocks: u32,
    ) -> impl Iterator<Item = Condition> {
        let least = self.min_reward.iter().find(|(taken, _)| taken == asset).map(|(_, least)| *least);
        let met = [
            (Condition::Asset, least.is_some()),
            (Condition::Price, least.is_none_or(|least| reward >= least)),
            (Condition::Deadline, run_blocks <= self.max_run_blocks),
            (Condition::Kernel, self.kernels.is_empty() || self.kernels.contains(kernel)),
        ];
        met.into_iter().filter(|(_, met)| !met).map(|(condition, _)| condition)
    }
}

impl Capability {
    /// Whether the devices compute as precisely as `requires` demands.
    pub fn is_as_precise(&self, requires: &Requirements) -> bool {
        (self.fp64 || !requires.fp64) && self.fp32.covers(&requires.fp32)
    }
}

impl WorkerState {
    /// Return the requirements that the worker's devices and reputation do not meet.
    pub fn unmet(&self, requires: &Requirements) -> impl Iterator<Item = Condition> {
        let met = [
            (Condition::Class, requires.class.is_none_or(|class| class == self.class)),
            (Condition::Memory, self.capability.memory >= requires.memory),
            (Condition::Fp64, self.capability.fp64 || !requires.fp64),
            (Condition::Fp32, self.capability.fp32.covers(&requires.fp32)),
            (Condition::Reputation, self.reputation >= requires.reputation),
        ];
        met.into_iter().filter(|(_, met)| !met).map(|(condition, _)| condition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};

    #[test]
    fn an_offer_covers_only_what_it_names() {
        let kernel = KernelId::repeat_byte(1);
        let offer = Offer {
            min_reward: vec![(AssetKind::Native, 10)].try_into().unwrap(),
            kernels: Default::default(),
            max_run_blocks: 20,
        };
        assert!(offer.covers(&kernel, &AssetKind::Native, 10, 20));
        assert!(!offer.covers(&kernel, &AssetKind::Native, 9, 20));
        assert!(!offer.covers(&kernel, &crate::BLC, 10, 20));
        assert!(!offer.covers(&kernel, &AssetKind::Native, 10, 21));
        let picky = Offer { kernels: vec![KernelId::repeat_byte(2)].try_into().unwrap(), ..offer };
        assert!(!picky.covers(&kernel, &AssetKind::Native, 10, 20));
        let unmet =
            |offer: &Offer, asset, reward, blocks| offer.unmet(&kernel, asset, reward, blocks).collect::<Vec<_>>();
        assert_eq!(unmet(&picky, &AssetKind::Native, 10, 20), [Condition::Kernel]);
        assert_eq!(
            unmet(&picky, &AssetKind::Native, 9, 21),
            [Condition::Price, Condition::Deadline, Condition::Kernel]
        );
        assert_eq!(
            unmet(&picky, &crate::BLC, 0, 20),
            [Condition::Asset, Condition::Kernel],
            "no price is named for it"
        );
    }
}
