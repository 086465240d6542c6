//! Calls that a transaction can make on the chain.

use codec::{Compact, Encode};
use dpin_primitives::{
    AccountId, Address, AssetKind, Balance, BlobHash, BlockNumber, JobId, KernelId, TaskId,
    economy::{Category, EraIndex},
    job::JobSpec,
    kernel::KernelManifest,
    worker::{Device, Offer, PublicAddress, Region},
};
use subxt::ext::scale_encode::{self, EncodeAsFields, FieldIter, TypeResolver};

/// A call by name, with its arguments encoded as the runtime encodes them. The metadata gives its
/// numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Call {
    pallet: &'static str,
    name: &'static str,
    arguments: Arguments,
}

/// Encoded arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Arguments(Vec<u8>);

impl EncodeAsFields for Arguments {
    fn encode_as_fields_to<R: TypeResolver>(
        &self,
        _fields: &mut dyn FieldIter<'_, R::TypeId>,
        _types: &R,
        out: &mut Vec<u8>,
    ) -> Result<(), scale_encode::Error> {
        out.extend_from_slice(&self.0);
        Ok(())
    }
}

impl subxt::tx::Payload for Call {
    type CallData = Arguments;

    fn pallet_name(&self) -> &str {
        self.pallet
    }

    fn call_name(&self) -> &str {
        self.name
    }

    fn call_data(&self) -> &Arguments {
        &self.arguments
    }
}

impl Call {
    fn new(pallet: &'static str, name: &'static str, arguments: impl Encode) -> Self {
        Self { pallet, name, arguments: Arguments(arguments.encode()) }
    }

    /// The call as `pallet.call`, which is how clients write it.
    pub(crate) fn title(&self) -> String {
        format!("{}.{}", self.pallet, self.name)
    }

    /// Store a blob for `lifetime` blocks.
    pub(crate) fn store(lifetime: BlockNumber, data: &[u8]) -> Self {
        Self::new("Blobs", "store", (lifetime, data))
    }

    /// Announce a blob of `size` bytes for `lifetime` blocks.
    pub(crate) fn announce(id: BlobHash, size: u64, lifetime: BlockNumber) -> Self {
        Self::new("Blobs", "announce", (id, size, lifetime))
    }

    /// Extend the lifetime of a blob to `lifetime` blocks from now.
    pub(crate) fn renew(hash: BlobHash, lifetime: BlockNumber) -> Self {
        Self::new("Blobs", "renew", (hash, lifetime))
    }

    /// Remove a blob. Its deposit is released.
    pub(crate) fn remove_blob(hash: BlobHash) -> Self {
        Self::new("Blobs", "remove", hash)
    }

    /// Unregister a kernel. Its deposit is released.
    pub(crate) fn unregister_kernel(kernel: KernelId) -> Self {
        Self::new("Jobs", "unregister_kernel", kernel)
    }

    /// Vouch that a kernel builds. This ends its quarantines.
    pub(crate) fn vouch_for_kernel(kernel: KernelId) -> Self {
        Self::new("Jobs", "vouch_for_kernel", kernel)
    }

    /// Call for a jury about a tile of a task.
    pub(crate) fn challenge(task: TaskId, tile: u32) -> Self {
        Self::new("ProofOfCompute", "challenge", (task, tile))
    }

    /// Call for a jury because the output of a task cannot be fetched.
    pub(crate) fn report_unavailable(task: TaskId) -> Self {
        Self::new("ProofOfCompute", "report_unavailable", task)
    }

    /// Move a task on after its deadline has passed.
    pub(crate) fn expire_task(task: TaskId) -> Self {
        Self::new("ProofOfCompute", "expire_task", task)
    }

    /// Pay the debt of a requester to a creditor.
    pub(crate) fn claim_owed(creditor: &AccountId, requester: &AccountId, asset: &AssetKind) -> Self {
        Self::new("Jobs", "claim_owed", (creditor, requester, asset))
    }

    /// Lock BLC to be certified.
    pub(crate) fn certify(amount: Balance) -> Self {
        Self::new("Workers", "certify", Compact(amount))
    }

    /// Release the certificate.
    pub(crate) fn decertify() -> Self {
        Self::new("Workers", "decertify", ())
    }

    /// Carry out a slash that is due.
    pub(crate) fn apply_slash(slash: u64) -> Self {
        Self::new("Workers", "apply_slash", Compact(slash))
    }

    /// Claim that the worker's devices compute this many units.
    pub(crate) fn claim_units(units: u32) -> Self {
        Self::new("Canaries", "claim", units)
    }

    /// Register a kernel.
    pub(crate) fn register_kernel(manifest: &KernelManifest) -> Self {
        Self::new("Jobs", "register_kernel", manifest)
    }

    /// Post a job.
    pub(crate) fn submit_job(spec: &JobSpec) -> Self {
        Self::new("Jobs", "submit_job", spec)
    }

    /// Post several jobs of one kernel, paid in one asset.
    pub(crate) fn submit_jobs(specs: &[JobSpec]) -> Self {
        Self::new("Jobs", "submit_jobs", specs)
    }

    /// Cancel the tasks of a job that no worker has yet.
    pub(crate) fn cancel_job(job: JobId) -> Self {
        Self::new("Jobs", "cancel_job", job)
    }

    /// Become a worker.
    pub(crate) fn register_worker(
        key: [u8; 32],
        proof: [u8; 64],
        address: &PublicAddress,
        region: &Region,
        devices: &[Device],
        offer: &Offer,
    ) -> Self {
        Self::new("Workers", "register", (key, proof, address, region, devices, offer))
    }

    /// Change the devices, the offer, the region or the address of a worker.
    pub(crate) fn update_worker(address: &PublicAddress, region: &Region, devices: &[Device], offer: &Offer) -> Self {
        Self::new("Workers", "update", (address, region, devices, offer))
    }

    /// Add to the bond.
    pub(crate) fn bond(amount: Balance) -> Self {
        Self::new("Workers", "bond", Compact(amount))
    }

    /// Release a part of the bond.
    pub(crate) fn unbond(amount: Balance) -> Self {
        Self::new("Workers", "unbond", Compact(amount))
    }

    /// Stop taking tasks, until resumed.
    pub(crate) fn pause() -> Self {
        Self::new("Workers", "pause", ())
    }

    /// Take tasks again.
    pub(crate) fn resume() -> Self {
        Self::new("Workers", "resume", ())
    }

    /// Stop taking tasks for good.
    pub(crate) fn leave() -> Self {
        Self::new("Workers", "leave", ())
    }

    /// Remove a worker that has left, and release its bond.
    pub(crate) fn withdraw(worker: &AccountId) -> Self {
        Self::new("Workers", "withdraw", worker)
    }

    /// Register session keys. Both arguments are as the node returned them.
    pub(crate) fn set_keys(keys: Vec<u8>, proof: Vec<u8>) -> Self {
        // The keys are a structure of the runtime: its encoding is passed on unchanged.
        let arguments = Arguments([keys, proof.encode()].concat());
        Self { pallet: "Session", name: "set_keys", arguments }
    }

    /// Remove the session keys. Their deposit is released.
    pub(crate) fn purge_keys() -> Self {
        Self::new("Session", "purge_keys", ())
    }

    /// Transfer DPN or another asset, unless that would end the sender's account.
    pub(crate) fn transfer(asset: &AssetKind, to: &Address, amount: Balance) -> Self {
        match asset {
            AssetKind::Native => Self::new("Balances", "transfer_keep_alive", (to, Compact(amount))),
            AssetKind::WithId(id) => Self::new("Assets", "transfer_keep_alive", (Compact(*id), to, Compact(amount))),
        }
    }

    /// Mint and pay an account's reward for an era.
    pub(crate) fn claim_reward(era: EraIndex, account: &AccountId) -> Self {
        Self::new("Issuance", "claim_reward", (era, account))
    }

    /// Pay the vested part of an account's rewards.
    pub(crate) fn claim_unlocked(account: &AccountId) -> Self {
        Self::new("Issuance", "claim_unlocked", account)
    }

    /// Pay the vested part of an account's share of an allocation.
    pub(crate) fn claim_vested(account: &AccountId, category: Category) -> Self {
        Self::new("Issuance", "claim_vested", (account, category))
    }

    /// Several fully encoded calls. Each of them may fail without failing the others.
    pub(crate) fn force_batch(calls: &[Vec<u8>]) -> Self {
        let mut arguments = Compact(calls.len() as u32).encode();
        arguments.extend(calls.iter().flatten());
        Self { pallet: "Utility", name: "force_batch", arguments: Arguments(arguments) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::BLC;

    #[test]
    fn arguments_are_encoded_one_after_the_other() {
        assert_eq!(Call::store(5, &[1, 2]).arguments.0, [5, 0, 0, 0, 8, 1, 2]);
        assert_eq!(Call::cancel_job(7).arguments.0, [7, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(Call::bond(1).arguments.0, [4]);
        assert_eq!(Call::set_keys(vec![9; 64], vec![1]).arguments.0, [vec![9; 64], vec![4, 1]].concat());
        assert_eq!(Call::force_batch(&[vec![4, 5, 1], vec![4, 4]]).arguments.0, [8, 4, 5, 1, 4, 4]);
    }

    #[test]
    fn assets_are_transferred_by_the_pallet_that_keeps_them() {
        let to = Address::Id([3; 32].into());
        assert_eq!(Call::transfer(&AssetKind::Native, &to, 1).title(), "Balances.transfer_keep_alive");
        let blc = Call::transfer(&BLC, &to, 1);
        assert_eq!(blc.title(), "Assets.transfer_keep_alive");
        assert_eq!(blc.arguments.0.first(), Some(&4));
    }
}
