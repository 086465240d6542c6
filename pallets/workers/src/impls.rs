//! What the calls and the other pallets do.

use super::*;
use dpin_primitives::{
    traits::{WorkerCount, WorkerRegistry},
    worker::{is_geohash, possession_message, WorkerProfile},
    AssetKind, BLC,
};
use polkadot_sdk::{
    frame_support::{
        defensive,
        storage::with_storage_layer,
        traits::{
            fungible::InspectHold,
            tokens::{Fortitude, Precision, Restriction},
        },
    },
    sp_application_crypto::RuntimeAppPublic,
    sp_runtime::Saturating,
};

/// Check what a worker declares and return the class of its devices.
fn declared_class<T: Config>(
    address: &PublicAddress,
    region: &Region,
    devices: &Devices,
    offer: &Offer,
) -> Result<DeviceClass, Error<T>> {
    let class = devices.first().ok_or(Error::<T>::NoDevices)?.class;
    ensure!(devices.iter().all(|device| device.class == class), Error::<T>::MixedClasses);
    ensure!(is_geohash(region), Error::<T>::InvalidRegion);
    ensure!(!address.is_empty() && address.iter().all(u8::is_ascii_graphic), Error::<T>::InvalidAddress);
    ensure!(!offer.min_reward.is_empty(), Error::<T>::OfferEmpty);
    let twice =
        |(i, (asset, _)): (usize, &(_, _))| offer.min_reward.iter().skip(i + 1).any(|(other, _)| other == asset);
    ensure!(!offer.min_reward.iter().enumerate().any(twice), Error::<T>::DuplicateAsset);
    ensure!(offer.max_run_blocks > 0, Error::<T>::OfferTooShort);
    Ok(class)
}

impl<T: Config> Pallet<T> {
    fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    pub(crate) fn held_bond(worker: &AccountId) -> Balance {
        T::Currency::balance_on_hold(&HoldReason::Bond.into(), worker)
    }

    fn standing(worker: &AccountId) -> Result<Standing, Error<T>> {
        Standings::<T>::get(worker).ok_or(Error::<T>::UnknownWorker)
    }

    /// The standing of a worker that has not left.
    fn staying(worker: &AccountId) -> Result<Standing, Error<T>> {
        let standing = Self::standing(worker)?;
        ensure!(!matches!(standing.status, Status::Leaving { .. }), Error::<T>::Leaving);
        Ok(standing)
    }

    /// A worker as the chain knows it.
    pub fn info(account: &AccountId) -> Option<WorkerInfo> {
        let WorkerRecord { key, address, .. } = Workers::<T>::get(account)?;
        let Standing { locked, slots, busy, position, .. } = Standings::<T>::get(account)?;
        let bond = Self::held_bond(account);
        Some(WorkerInfo {
            account: account.clone(),
            key,
            address,
            bond,
            locked,
            slots,
            busy,
            available: position.is_some(),
        })
    }

    pub(crate) fn do_register(worker: AccountId, proof: WorkerSignature, record: WorkerRecord) -> DispatchResult {
        ensure!(!Workers::<T>::contains_key(&worker), Error::<T>::AlreadyRegistered);
        ensure!(!Keys::<T>::contains_key(&record.key), Error::<T>::KeyTaken);
        let class = declared_class::<T>(&record.address, &record.region, &record.devices, &record.offer)?;
        let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::from(0u32));
        ensure!(record.key.verify(&possession_message(&genesis, &worker), &proof), Error::<T>::InvalidProof);
        Self::insert(worker, record, class)
    }

    /// Take in a worker of the genesis block.
    pub(crate) fn found(worker: AccountId, key: WorkerKey, address: &str) -> DispatchResult {
        let any_reward = [AssetKind::Native, BLC].map(|asset| (asset, 1)).to_vec();
        let device = Device {
            class: DeviceClass::Cpu,
            vendor: Default::default(),
            model: Default::default(),
            memory: 1 << 30,
            compute_units: 1,
            fp64: true,
        };
        let record = WorkerRecord {
            key,
            address: PublicAddress::truncate_from(address.as_bytes().to_vec()),
            region: Region::default(),
            devices: Devices::truncate_from([device].to_vec()),
            offer: Offer {
                min_reward: BoundedVec::truncate_from(any_reward),
                kernels: Default::default(),
                max_run_blocks: BlockNumber::MAX,
            },
        };
        let class = declared_class::<T>(&record.address, &record.region, &record.devices, &record.offer)?;
        Self::insert(worker, record, class)
    }

    /// Take in a worker whose declarations are checked.
    fn insert(worker: AccountId, record: WorkerRecord, class: DeviceClass) -> DispatchResult {
        T::Currency::hold(&HoldReason::Bond.into(), &worker, T::MinBond::get())?;
        let key = record.key.clone();
        let slots = record.devices.len().saturated_into();
        let standing = Standing { status: Status::Active, class, slots, busy: 0, locked: 0, position: None };
        ActiveCount::<T>::mutate(|count| count.saturating_inc());
        Keys::<T>::insert(&key, &worker);
        Workers::<T>::insert(&worker, record);
        Self::put(&worker, standing);
        Self::deposit_event(Event::Registered { worker, key });
        Ok(())
    }

    pub(crate) fn do_bond(worker: AccountId, amount: Balance) -> DispatchResult {
        let standing = Self::staying(&worker)?;
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        T::Currency::hold(&HoldReason::Bond.into(), &worker, amount)?;
        Self::put(&worker, standing);
        Self::deposit_event(Event::Bonded { worker, amount });
        Ok(())
    }

    pub(crate) fn do_unbond(worker: AccountId, amount: Balance) -> DispatchResult {
        let standing = Self::staying(&worker)?;
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        let left = Self::held_bond(&worker).checked_sub(amount).ok_or(Error::<T>::BondTooSmall)?;
        ensure!(left >= standing.locked, Error::<T>::BondLocked);
        ensure!(left >= T::MinBond::get(), Error::<T>::BelowMinBond);
        T::Currency::release(&HoldReason::Bond.into(), &worker, amount, Precision::Exact)?;
        Self::deposit_event(Event::Unbonded { worker, amount });
        Ok(())
    }

    pub(crate) fn do_update(
        worker: AccountId,
        address: PublicAddress,
        region: Region,
        devices: Devices,
        offer: Offer,
    ) -> DispatchResult {
        let mut standing = Self::staying(&worker)?;
        ensure!(standing.busy == 0, Error::<T>::Busy);
        let class = declared_class::<T>(&address, &region, &devices, &offer)?;
        let key = Workers::<T>::get(&worker).ok_or(Error::<T>::UnknownWorker)?.key;

        if class != standing.class {
            Self::leave_index(&mut standing);
            standing.class = class;
        }
        standing.slots = devices.len().saturated_into();
        Workers::<T>::insert(&worker, WorkerRecord { key, address, region, devices, offer });
        Self::put(&worker, standing);
        Self::deposit_event(Event::Updated { worker });
        Ok(())
    }

    pub(crate) fn do_pause(worker: AccountId) -> DispatchResult {
        let mut standing = Self::staying(&worker)?;
        ensure!(standing.status == Status::Active, Error::<T>::AlreadyPaused);
        standing.status = Status::Paused;
        ActiveCount::<T>::mutate(|count| count.saturating_dec());
        Self::put(&worker, standing);
        Self::deposit_event(Event::Paused { worker });
        Ok(())
    }

    pub(crate) fn do_resume(worker: AccountId) -> DispatchResult {
        let mut standing = Self::staying(&worker)?;
        ensure!(standing.status == Status::Paused, Error::<T>::NotPaused);
        standing.status = Status::Active;
        ActiveCount::<T>::mutate(|count| count.saturating_inc());
        Self::put(&worker, standing);
        Self::deposit_event(Event::Resumed { worker });
        Ok(())
    }

    pub(crate) fn do_leave(worker: AccountId) -> DispatchResult {
        let mut standing = Self::staying(&worker)?;
        if standing.status == Status::Active {
            ActiveCount::<T>::mutate(|count| count.saturating_dec());
        }
        let since = Self::now();
        standing.status = Status::Leaving { since };
        Self::put(&worker, standing);
        Self::deposit_event(Event::Left { worker, free_at: since.saturating_add(T::LeaveBlocks::get()) });
        Ok(())
    }

    pub(crate) fn do_withdraw(worker: AccountId) -> DispatchResult {
        let standing = Self::standing(&worker)?;
        let Status::Leaving { since } = standing.status else { return Err(Error::<T>::NotLeaving.into()) };
        ensure!(Self::now() >= since.saturating_add(T::LeaveBlocks::get()), Error::<T>::TooEarly);
        ensure!(standing.busy == 0, Error::<T>::Busy);
        ensure!(standing.locked == 0, Error::<T>::BondLocked);
        let record = Workers::<T>::get(&worker).ok_or(Error::<T>::UnknownWorker)?;

        let bond = Self::held_bond(&worker);
        if bond > 0 {
            T::Currency::release(&HoldReason::Bond.into(), &worker, bond, Precision::Exact)?;
        }
        Keys::<T>::remove(&record.key);
        Workers::<T>::remove(&worker);
        Standings::<T>::remove(&worker);
        Self::deposit_event(Event::Withdrawn { worker, bond });
        Ok(())
    }

    /// Write a worker's standing, with its place in the availability index brought up to date.
    fn put(worker: &AccountId, mut standing: Standing) {
        let available = standing.status == Status::Active
            && standing.busy < standing.slots
            && Self::held_bond(worker) >= T::MinBond::get();
        if !available {
            Self::leave_index(&mut standing);
        } else if standing.position.is_none() {
            AvailableCount::<T>::mutate(standing.class, |count| {
                Available::<T>::insert(standing.class, *count, worker);
                standing.position = Some(*count);
                count.saturating_inc();
            });
        }
        Standings::<T>::insert(worker, standing);
    }

    /// Take a worker out of the index, if it is there: the last of its class takes its place.
    fn leave_index(standing: &mut Standing) {
        let Some(position) = standing.position.take() else { return };
        AvailableCount::<T>::mutate(standing.class, |count| {
            count.saturating_dec();
            let Some(last) = Available::<T>::take(standing.class, *count) else {
                defensive!("the availability index has no gaps");
                return;
            };
            if *count != position {
                Standings::<T>::mutate(&last, |other| {
                    if let Some(other) = other {
                        other.position = Some(position);
                    }
                });
                Available::<T>::insert(standing.class, position, last);
            }
        });
    }
}

impl<T: Config> WorkerCount for Pallet<T> {
    fn available(class: Option<DeviceClass>) -> u32 {
        match class {
            Some(class) => AvailableCount::<T>::get(class),
            None => DeviceClass::ALL.iter().fold(0, |sum, class| sum.saturating_add(AvailableCount::<T>::get(class))),
        }
    }
}

impl<T: Config> WorkerRegistry for Pallet<T> {
    fn key(worker: &AccountId) -> Option<WorkerKey> {
        Workers::<T>::get(worker).map(|record| record.key)
    }

    fn worker_of(key: &WorkerKey) -> Option<AccountId> {
        Keys::<T>::get(key)
    }

    fn draw(class: Option<DeviceClass>, uniform: u64) -> Option<AccountId> {
        let mut position = uniform.checked_rem(Self::available(class).into())?;
        let (class, position) = match class {
            Some(class) => (class, position),
            None => DeviceClass::ALL.iter().find_map(|class| {
                let count = u64::from(AvailableCount::<T>::get(class));
                if position < count {
                    return Some((*class, position));
                }
                position = position.saturating_sub(count);
                None
            })?,
        };
        Available::<T>::get(class, u32::try_from(position).ok()?)
    }

    fn profile(worker: &AccountId) -> Option<WorkerProfile> {
        let WorkerRecord { region, devices, offer, .. } = Workers::<T>::get(worker)?;
        Some(WorkerProfile {
            class: devices.first()?.class,
            memory: devices.iter().map(|device| device.memory).min()?,
            fp64: devices.iter().all(|device| device.fp64),
            region,
            offer,
        })
    }

    fn active() -> u32 {
        ActiveCount::<T>::get()
    }

    fn locked(worker: &AccountId) -> Balance {
        Standings::<T>::get(worker).map_or(0, |standing| standing.locked)
    }

    fn free_bond(worker: &AccountId) -> Balance {
        let locked = Standings::<T>::get(worker).map_or(0, |standing| standing.locked);
        Self::held_bond(worker).saturating_sub(locked)
    }

    fn occupy(worker: &AccountId) -> bool {
        match Standings::<T>::get(worker) {
            Some(mut standing) if standing.status == Status::Active && standing.busy < standing.slots => {
                standing.busy = standing.busy.saturating_add(1);
                Self::put(worker, standing);
                true
            }
            _ => false,
        }
    }

    fn vacate(worker: &AccountId) {
        let Some((mut standing, busy)) =
            Standings::<T>::get(worker).and_then(|s| s.busy.checked_sub(1).map(|busy| (s, busy)))
        else {
            defensive!("only a slot that was taken is given back");
            return;
        };
        standing.busy = busy;
        Self::put(worker, standing);
    }

    fn lock(worker: &AccountId, amount: Balance) -> bool {
        Standings::<T>::mutate(worker, |standing| {
            let Some(standing) = standing.as_mut() else { return false };
            match standing.locked.checked_add(amount) {
                Some(locked) if locked <= Self::held_bond(worker) => {
                    standing.locked = locked;
                    true
                }
                _ => false,
            }
        })
    }

    fn unlock(worker: &AccountId, amount: Balance) {
        Standings::<T>::mutate(worker, |standing| {
            let Some((standing, locked)) = standing.as_mut().and_then(|s| s.locked.checked_sub(amount).map(|l| (s, l)))
            else {
                defensive!("only what was locked is unlocked");
                return;
            };
            standing.locked = locked;
        })
    }

    fn slash(worker: &AccountId, amount: Balance, shares: &[(AccountId, Balance)]) -> Balance {
        let Some(mut standing) = Standings::<T>::get(worker) else { return 0 };
        let taken = amount.min(standing.locked);
        if taken == 0 {
            return 0;
        }
        let before = Self::held_bond(worker);
        let reason = HoldReason::Bond.into();
        let mut left = taken;
        for (to, share) in shares {
            let pay = left.min(*share);
            // Who cannot be paid, say for having less than an account must have, leaves the share to be burned.
            let paid = with_storage_layer(|| {
                let (free, force) = (Restriction::Free, Fortitude::Force);
                T::Currency::transfer_on_hold(&reason, worker, to, pay, Precision::Exact, free, force)
            });
            left = left.saturating_sub(paid.unwrap_or(0));
        }
        let burned = match left {
            0 => 0,
            _ => T::Currency::burn_held(&reason, worker, left, Precision::BestEffort, Fortitude::Force).unwrap_or_else(
                |_| {
                    defensive!("what is held can be burned");
                    0
                },
            ),
        };
        let taken_in_fact = taken.saturating_sub(left).saturating_add(burned);

        standing.locked = standing.locked.saturating_sub(taken);
        Self::put(worker, standing);
        Self::deposit_event(Event::Slashed { worker: worker.clone(), amount: taken_in_fact, burned });
        let bond = Self::held_bond(worker);
        if before >= T::MinBond::get() && bond < T::MinBond::get() {
            Self::deposit_event(Event::FellBelowMinBond { worker: worker.clone(), bond });
        }
        taken_in_fact
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_worker(seed: u32) -> AccountId {
        let worker: AccountId = polkadot_sdk::frame_benchmarking::account("worker", seed, 0);
        let bond = T::MinBond::get().saturating_mul(1_000);
        T::Currency::set_balance(&worker, bond.saturating_mul(2).saturating_add(T::Currency::minimum_balance()));
        let record = benchmarking::largest_record(WorkerKey::generate_pair(None));
        Self::insert(worker.clone(), record, DeviceClass::Gpu)
            .and_then(|_| Self::do_bond(worker.clone(), bond))
            .expect("what was just minted can be held");
        worker
    }
}
