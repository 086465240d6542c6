//! What the calls and the other pallets do.

use super::*;
use dpin_primitives::{
    api::{Page, WorkerStatus, MAX_PAGE, MAX_PAGE_SCAN},
    traits::{WorkerCount, WorkerRegistry},
    worker::{is_geohash, possession_message, Fp32, Outcome, Penalty, WorkerProfile},
    BLC,
};
use polkadot_sdk::{
    frame_support::{
        defensive,
        traits::{fungible::InspectHold, tokens::Precision},
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
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    pub(crate) fn held_bond(worker: &AccountId) -> Balance {
        T::Currency::balance_on_hold(&HoldReason::Bond.into(), worker)
    }

    pub(crate) fn standing(worker: &AccountId) -> Result<Standing, Error<T>> {
        Standings::<T>::get(worker).ok_or(Error::<T>::UnknownWorker)
    }

    /// The standing of a worker that has not left.
    pub(crate) fn staying(worker: &AccountId) -> Result<Standing, Error<T>> {
        let standing = Self::standing(worker)?;
        ensure!(!matches!(standing.status, Status::Leaving { .. }), Error::<T>::Leaving);
        Ok(standing)
    }

    /// A worker as the chain knows it.
    pub fn info(account: &AccountId) -> Option<WorkerInfo> {
        let standing = Standings::<T>::get(account)?;
        let WorkerRecord { key, address, region, devices, offer } = Workers::<T>::get(account)?;
        Some(WorkerInfo {
            account: account.clone(),
            number: standing.number,
            key,
            address,
            region,
            class: standing.class,
            devices: devices.into_inner(),
            offer,
            status: match standing.status {
                Status::Active => WorkerStatus::Active,
                Status::Paused => WorkerStatus::Paused,
                Status::Leaving { since } => {
                    WorkerStatus::Leaving { free_at: since.saturating_add(T::LeaveBlocks::get()) }
                }
            },
            bond: Self::held_bond(account),
            locked: standing.locked,
            slots: standing.slots,
            busy: standing.busy,
            available: standing.position.is_some(),
            reputation: standing.reputation.value(),
            strikes: standing.strikes,
            slashing: standing.slashing,
            misses: standing.misses,
            // Passports are kept where canaries are: the runtime adds it.
            passport: None,
            certificate: Certificates::<T>::get(account),
        })
    }

    /// The workers of a class, or all, in the order of their numbers from the one after `after` on: at most `limit` and
    /// [`MAX_PAGE`], out of at most [`MAX_PAGE_SCAN`] numbers.
    pub(crate) fn page(class: Option<DeviceClass>, after: Option<u32>, limit: u32) -> Page<WorkerInfo, u32> {
        let most = limit.min(MAX_PAGE) as usize;
        let numbers = NextNumber::<T>::get();
        let mut items = Vec::new();
        let (mut last, mut next) = (after, after.map_or(0, |number| number.saturating_add(1)));
        for _ in 0..MAX_PAGE_SCAN {
            if next >= numbers || items.len() >= most {
                break;
            }
            let of_class = |worker: &AccountId| {
                class.is_none_or(|class| Standings::<T>::get(worker).is_some_and(|standing| standing.class == class))
            };
            items.extend(Numbers::<T>::get(next).filter(of_class).and_then(|worker| Self::info(&worker)));
            last = Some(next);
            next = next.saturating_add(1);
        }
        Page { items, next: last.filter(|_| next < numbers) }
    }

    /// What the lottery needs to know of a worker: any of its devices may get the task.
    pub(crate) fn declared_profile(worker: &AccountId) -> Option<WorkerProfile> {
        let WorkerRecord { region, devices, offer, .. } = Workers::<T>::get(worker)?;
        Some(WorkerProfile {
            class: devices.first()?.class,
            memory: devices.iter().map(|device| device.memory).min()?,
            fp64: devices.iter().all(|device| device.fp64),
            fp32: Fp32 {
                denormals: devices.iter().all(|device| device.fp32.denormals),
                rounded_division: devices.iter().all(|device| device.fp32.rounded_division),
            },
            region,
            offer,
            certified: Self::is_certified(worker),
        })
    }

    pub(crate) fn do_register(worker: AccountId, proof: WorkerSignature, record: WorkerRecord) -> DispatchResult {
        ensure!(!Workers::<T>::contains_key(&worker), Error::<T>::AlreadyRegistered);
        ensure!(!Keys::<T>::contains_key(&record.key), Error::<T>::KeyTaken);
        let class = declared_class::<T>(&record.address, &record.region, &record.devices, &record.offer)?;
        let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::from(0u32));
        ensure!(record.key.verify(&possession_message(&genesis, &worker), &proof), Error::<T>::InvalidProof);
        Self::insert(worker, record, class, !T::Admission::get())
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
            fp32: Fp32::ALL,
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
        Self::insert(worker, record, class, true)
    }

    /// Take in a worker whose declarations are checked.
    fn insert(worker: AccountId, record: WorkerRecord, class: DeviceClass, admitted: bool) -> DispatchResult {
        T::Currency::hold(&HoldReason::Bond.into(), &worker, T::MinBond::get())?;
        let key = record.key.clone();
        let slots = record.devices.len().saturated_into();
        let number = Self::next_number_to(&worker)?;
        let standing = Standing {
            status: Status::Active,
            class,
            slots,
            busy: 0,
            locked: 0,
            slashing: 0,
            pending: 0,
            position: None,
            number,
            admitted,
            misses: 0,
            reputation: Reputation::default(),
            strikes: 0,
            fault: None,
        };
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
        let WorkerRecord { key, devices: before, .. } = Workers::<T>::get(&worker).ok_or(Error::<T>::UnknownWorker)?;

        // Other devices have proved nothing. Where none need to, who has failed has to prove itself all the same.
        if devices != before && T::Admission::get() {
            standing.admitted = false;
        }
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
        Self::return_certificate(&worker);
        Keys::<T>::remove(&record.key);
        Workers::<T>::remove(&worker);
        Standings::<T>::remove(&worker);
        Numbers::<T>::remove(standing.number);
        Self::deposit_event(Event::Withdrawn { worker, bond });
        Ok(())
    }

    /// Whether a worker may be drawn. Nothing but what is stored and constants decides it, and whatever changes it goes through
    /// [`Self::put`].
    pub(crate) fn is_available(worker: &AccountId, standing: &Standing) -> bool {
        standing.status == Status::Active
            && standing.busy < standing.slots
            && standing.admitted
            && standing.misses < health::MISSES_TO_SUSPEND
            && standing.pending < T::MaxPendingSlashes::get()
            && standing.reputation.value() >= T::MinReputation::get()
            && Self::held_bond(worker) >= T::MinBond::get()
    }

    /// Write a worker's standing, with its place in the availability index brought up to date.
    pub(crate) fn put(worker: &AccountId, mut standing: Standing) {
        if !Self::is_available(worker, &standing) {
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
        Self::declared_profile(worker)
    }

    fn address(worker: &AccountId) -> Option<PublicAddress> {
        Workers::<T>::get(worker).map(|record| record.address)
    }

    fn active() -> u32 {
        ActiveCount::<T>::get()
    }

    fn locked(worker: &AccountId) -> Balance {
        Standings::<T>::get(worker).map_or(0, |standing| standing.locked)
    }

    fn slashing(worker: &AccountId) -> Balance {
        Standings::<T>::get(worker).map_or(0, |standing| standing.slashing)
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
            let unlocked = standing.as_mut().and_then(|standing| {
                let locked = standing.locked.checked_sub(amount)?;
                (locked >= standing.slashing).then(|| standing.locked = locked)
            });
            if unlocked.is_none() {
                defensive!("only what was locked, and is not set aside for a slash, is unlocked");
            }
        })
    }

    // As the trait does it, with one reading and one writing of the standing.
    fn engage(worker: &AccountId, amount: Balance) -> bool {
        let Some(mut standing) = Standings::<T>::get(worker) else { return false };
        let locked = standing.locked.checked_add(amount).filter(|locked| *locked <= Self::held_bond(worker));
        let free = standing.status == Status::Active && standing.busy < standing.slots;
        let Some(locked) = locked.filter(|_| free) else { return false };
        standing.locked = locked;
        standing.busy = standing.busy.saturating_add(1);
        Self::put(worker, standing);
        true
    }

    fn discharge(worker: &AccountId, amount: Balance, value: Balance) {
        let Some(mut standing) = Standings::<T>::get(worker) else { return };
        match standing.locked.checked_sub(amount).filter(|locked| *locked >= standing.slashing) {
            Some(locked) => standing.locked = locked,
            None => {
                defensive!("only what was locked, and is not set aside for a slash, is unlocked");
            }
        }
        Self::note_on(worker, standing, Outcome::Right, value);
    }

    fn slash(worker: &AccountId, penalty: Penalty) {
        Self::do_slash(worker, penalty)
    }

    fn reputation(worker: &AccountId) -> Perbill {
        Standings::<T>::get(worker).map_or(Perbill::zero(), |standing| standing.reputation.value())
    }

    fn strikes(worker: &AccountId) -> u32 {
        Standings::<T>::get(worker).map_or(0, |standing| standing.strikes)
    }

    fn note(worker: &AccountId, outcome: Outcome, value: Balance) {
        Self::do_note(worker, outcome, value)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_worker(seed: u32) -> AccountId {
        let worker: AccountId = polkadot_sdk::frame_benchmarking::account("worker", seed, 0);
        let bond = T::MinBond::get().saturating_mul(1_000);
        T::Currency::set_balance(&worker, bond.saturating_mul(2).saturating_add(T::Currency::minimum_balance()));
        let record = benchmarking::largest_record(WorkerKey::generate_pair(None));
        Self::insert(worker.clone(), record, DeviceClass::Gpu, true)
            .and_then(|_| Self::do_bond(worker.clone(), bond))
            .expect("what was just minted can be held");
        worker
    }
}
