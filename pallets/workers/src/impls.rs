//! The bodies of the calls, the view functions and the traits for other pallets.

use crate::{
    ActiveCount, Available, AvailableCount, Certificates, Config, Devices, Error, Event, HoldReason, Keys, NextNumber,
    Numbers, Pallet, Reputation, Standing, Standings, Status, WorkerRecord, Workers, health,
};
use alloc::vec::Vec;
use dpin_primitives::{
    AccountId, AssetKind, BLC, Balance, BlockNumber, TaskId,
    address::NodeAddress,
    api::{MAX_PAGE, MAX_PAGE_SCAN, Page, WorkerInfo, WorkerStatus},
    traits::{WorkerCount, WorkerRegistry},
    worker::{
        Candidate, Capability, Device, DeviceClass, Duties, Duty, DutyEnd, Fp32, Offer, Outcome, Place, PublicAddress,
        Region, WorkerKey, WorkerProfile, WorkerSignature, WorkerState, is_geohash, possession_message,
    },
};
use polkadot_sdk::{
    frame_support::{
        BoundedVec, defensive, ensure,
        traits::{
            Get,
            fungible::{InspectHold, MutateHold},
            tokens::Precision,
        },
    },
    frame_system::{self, pallet_prelude::BlockNumberFor},
    sp_application_crypto::RuntimeAppPublic,
    sp_runtime::{DispatchResult, Perbill, SaturatedConversion, Saturating},
};

/// Least number of blocks between two reports of a node on its worker's devices.
pub const REPORT_GAP: BlockNumber = 20;

/// Check the declarations of a worker. Return the class of its devices, and the capability that
/// they have in common.
fn check_declared<T: Config>(
    address: &PublicAddress,
    region: &Region,
    devices: &Devices,
    offer: &Offer,
) -> Result<(DeviceClass, Capability), Error<T>> {
    let class = devices.first().ok_or(Error::<T>::NoDevices)?.class;
    ensure!(devices.iter().all(|device| device.class == class), Error::<T>::MixedClasses);
    ensure!(is_geohash(region), Error::<T>::InvalidRegion);
    ensure!(NodeAddress::parse(address).is_ok(), Error::<T>::InvalidAddress);
    ensure!(!offer.min_reward.is_empty(), Error::<T>::OfferEmpty);
    let twice = |(i, (asset, _)): (usize, &(_, _))| {
        offer.min_reward.iter().skip(i.saturating_add(1)).any(|(other, _)| other == asset)
    };
    ensure!(!offer.min_reward.iter().enumerate().any(twice), Error::<T>::DuplicateAsset);
    ensure!(offer.max_run_blocks > 0, Error::<T>::OfferTooShort);
    Ok((class, Capability::of(devices).ok_or(Error::<T>::NoDevices)?))
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

    /// Return a worker as the chain knows it.
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
                Status::NoDevice => WorkerStatus::NoDevice,
                Status::Leaving { since } => {
                    WorkerStatus::Leaving { free_at: since.saturating_add(T::LeaveBlocks::get()) }
                }
            },
            bond: standing.bond,
            locked: standing.locked,
            slots: standing.slots,
            busy: standing.busy,
            available: standing.position.is_some(),
            reputation: standing.reputation.value(),
            strikes: standing.strikes,
            slashing: standing.slashing,
            misses: standing.misses,
            // The canaries pallet stores passports; the runtime adds the worker's.
            passport: None,
            certificate: Certificates::<T>::get(account),
        })
    }

    /// Return the workers of a class, or of all classes, in the order of their numbers. The page
    /// begins after number `after`, holds at most `limit` and at most [`MAX_PAGE`] workers, and
    /// looks at no more than [`MAX_PAGE_SCAN`] numbers.
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

    pub(crate) fn do_register(worker: AccountId, proof: WorkerSignature, record: WorkerRecord) -> DispatchResult {
        ensure!(!Workers::<T>::contains_key(&worker), Error::<T>::AlreadyRegistered);
        ensure!(!Keys::<T>::contains_key(&record.key), Error::<T>::KeyTaken);
        let (class, capability) = check_declared::<T>(&record.address, &record.region, &record.devices, &record.offer)?;
        let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::from(0u32));
        ensure!(record.key.verify(&possession_message(&genesis, &worker), &proof), Error::<T>::InvalidProof);
        Self::insert(worker, record, class, capability, !T::Admission::get())
    }

    /// Register a worker of the genesis block.
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
        Self::admit(worker, record)
    }

    /// Register a worker that need not prove itself first.
    pub(crate) fn admit(worker: AccountId, record: WorkerRecord) -> DispatchResult {
        let (class, capability) = check_declared::<T>(&record.address, &record.region, &record.devices, &record.offer)?;
        Self::insert(worker, record, class, capability, true)
    }

    /// Register a worker whose declarations are checked.
    fn insert(
        worker: AccountId,
        record: WorkerRecord,
        class: DeviceClass,
        capability: Capability,
        admitted: bool,
    ) -> DispatchResult {
        T::Currency::hold(&HoldReason::Bond.into(), &worker, T::MinBond::get())?;
        let key = record.key.clone();
        let slots = record.devices.len().saturated_into();
        let number = Self::next_number_to(&worker)?;
        let standing = Standing {
            status: Status::Active,
            class,
            capability,
            slots,
            busy: 0,
            bond: T::MinBond::get(),
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
            reported: 0,
            duties: Duties::default(),
        };
        ActiveCount::<T>::mutate(|count| count.saturating_inc());
        Keys::<T>::insert(&key, &worker);
        Workers::<T>::insert(&worker, record);
        Self::put(&worker, standing);
        Self::deposit_event(Event::Registered { worker, key });
        Ok(())
    }

    pub(crate) fn do_bond(worker: AccountId, amount: Balance) -> DispatchResult {
        let mut standing = Self::staying(&worker)?;
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        T::Currency::hold(&HoldReason::Bond.into(), &worker, amount)?;
        standing.bond = standing.bond.saturating_add(amount);
        Self::put(&worker, standing);
        Self::deposit_event(Event::Bonded { worker, amount });
        Ok(())
    }

    pub(crate) fn do_unbond(worker: AccountId, amount: Balance) -> DispatchResult {
        let mut standing = Self::staying(&worker)?;
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        let left = standing.bond.checked_sub(amount).ok_or(Error::<T>::BondTooSmall)?;
        ensure!(left >= standing.locked, Error::<T>::BondLocked);
        ensure!(left >= T::MinBond::get(), Error::<T>::BelowMinBond);
        T::Currency::release(&HoldReason::Bond.into(), &worker, amount, Precision::Exact)?;
        standing.bond = left;
        Self::put(&worker, standing);
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
        let (class, capability) = check_declared::<T>(&address, &region, &devices, &offer)?;
        let WorkerRecord { key, devices: before, .. } = Workers::<T>::get(&worker).ok_or(Error::<T>::UnknownWorker)?;

        // Other devices have proved nothing. Where admission is off, a worker that has failed a
        // canary still has to prove itself.
        if devices != before && T::Admission::get() {
            standing.admitted = false;
        }
        if class != standing.class {
            Self::leave_index(&mut standing);
            standing.class = class;
        }
        standing.capability = capability;
        standing.slots = devices.len().saturated_into();
        Workers::<T>::insert(&worker, WorkerRecord { key, address, region, devices, offer });
        Self::put(&worker, standing);
        Self::deposit_event(Event::Updated { worker });
        Ok(())
    }

    pub(crate) fn do_pause(worker: AccountId) -> DispatchResult {
        let mut standing = Self::staying(&worker)?;
        ensure!(standing.status != Status::Paused, Error::<T>::AlreadyPaused);
        Self::set_status(&mut standing, Status::Paused);
        Self::put(&worker, standing);
        Self::deposit_event(Event::Paused { worker });
        Ok(())
    }

    pub(crate) fn do_resume(worker: AccountId) -> DispatchResult {
        let mut standing = Self::staying(&worker)?;
        ensure!(standing.status != Status::Active, Error::<T>::NotPaused);
        Self::set_status(&mut standing, Status::Active);
        Self::put(&worker, standing);
        Self::deposit_event(Event::Resumed { worker });
        Ok(())
    }

    pub(crate) fn do_leave(worker: AccountId) -> DispatchResult {
        let mut standing = Self::staying(&worker)?;
        let since = Self::now();
        Self::set_status(&mut standing, Status::Leaving { since });
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
        // A task of the chain's own may need no bond, so `locked` alone does not show that the
        // worker owes nothing.
        ensure!(standing.duties.is_empty(), Error::<T>::Busy);
        let record = Workers::<T>::get(&worker).ok_or(Error::<T>::UnknownWorker)?;

        let bond = standing.bond;
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

    /// Change a worker's status and update the count of active workers. The caller still has to
    /// [`put`](Self::put) the standing.
    pub(crate) fn set_status(standing: &mut Standing, status: Status) {
        ActiveCount::<T>::mutate(|count| match (standing.status == Status::Active, status == Status::Active) {
            (true, false) => count.saturating_dec(),
            (false, true) => count.saturating_inc(),
            _ => (),
        });
        standing.status = status;
    }

    /// Whether a worker may be drawn. The answer depends only on its standing and on constants.
    /// Every change of a standing that can change the answer goes through [`Self::put`].
    pub(crate) fn is_available(standing: &Standing) -> bool {
        standing.status == Status::Active && standing.busy < standing.slots && Self::is_drawable(standing)
    }

    /// Whether a worker may be drawn as soon as it is active and has a free slot.
    fn is_drawable(standing: &Standing) -> bool {
        standing.admitted
            && standing.misses < health::MISSES_TO_SUSPEND
            && standing.pending < T::MaxPendingSlashes::get()
            && standing.reputation.value() >= T::MinReputation::get()
            && standing.bond >= T::MinBond::get()
    }

    /// Store a worker's standing and update its place in the availability index.
    pub(crate) fn put(worker: &AccountId, mut standing: Standing) {
        if !Self::is_available(&standing) {
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

    /// Remove a worker from the index if it is there. The last worker of its class takes its place.
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

/// Facts and changes of a worker's standing, one at a time. Other pallets use [`WorkerRegistry`].
impl<T: Config> Pallet<T> {
    /// The locked part of a worker's bond, in planck. It answers for tasks in flight and for
    /// pending slashes.
    pub fn locked(worker: &AccountId) -> Balance {
        Standings::<T>::get(worker).map_or(0, |standing| standing.locked)
    }

    /// The part of a worker's bond that is not locked, in planck.
    pub fn free_bond(worker: &AccountId) -> Balance {
        Standings::<T>::get(worker).map_or(0, |standing| standing.free_bond())
    }

    /// The reputation of a worker.
    pub fn reputation(worker: &AccountId) -> Perbill {
        Standings::<T>::get(worker).map_or(Perbill::zero(), |standing| standing.reputation.value())
    }

    /// Take one of the worker's slots for a duty, and lock its bond; `false` if that is not
    /// possible.
    pub(crate) fn engage(worker: &AccountId, duty: Duty, amount: Balance) -> bool {
        let free = |standing: &Standing| standing.status == Status::Active && standing.busy < standing.slots;
        let Some(mut standing) = Standings::<T>::get(worker).filter(free) else { return false };
        let obliged = standing.oblige(duty, amount);
        if obliged {
            standing.busy = standing.busy.saturating_add(1);
            Self::put(worker, standing);
        }
        obliged
    }

    /// Give the worker a duty that takes no slot, and lock its bond; `false` if that is not
    /// possible.
    pub(crate) fn oblige(worker: &AccountId, duty: Duty, amount: Balance) -> bool {
        Standings::<T>::mutate(worker, |standing| {
            standing.as_mut().is_some_and(|standing| standing.oblige(duty, amount))
        })
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
        let classes = class.as_ref().map_or(&DeviceClass::ALL[..], core::slice::from_ref);
        let counts: Vec<u64> = classes.iter().map(|class| AvailableCount::<T>::get(class).into()).collect();
        let all = counts.iter().fold(0u64, |sum, count| sum.saturating_add(*count));
        let mut position = uniform.checked_rem(all)?;
        let (class, position) = classes.iter().zip(counts).find_map(|(class, count)| {
            if position < count {
                return Some((class, position));
            }
            position = position.saturating_sub(count);
            None
        })?;
        Available::<T>::get(class, u32::try_from(position).ok()?)
    }

    fn profile(worker: &AccountId) -> Option<WorkerProfile> {
        let record = Workers::<T>::get(worker)?;
        Some(WorkerProfile { region: record.region, offer: record.offer, address: record.address })
    }

    fn is_certified(worker: &AccountId) -> bool {
        Certificates::<T>::get(worker) >= T::CertificateMinimum::get()
    }

    fn active() -> u32 {
        ActiveCount::<T>::get()
    }

    fn state(worker: &AccountId) -> Option<WorkerState> {
        Standings::<T>::get(worker).map(Into::into)
    }

    fn numbers() -> u32 {
        NextNumber::<T>::get()
    }

    fn candidate(number: u32) -> Option<Candidate> {
        let worker = Numbers::<T>::get(number)?;
        let standing = Standings::<T>::get(&worker)?;
        Some(Candidate {
            active: standing.status == Status::Active,
            drawable: Self::is_drawable(&standing),
            free_slot: standing.busy < standing.slots,
            bond: standing.bond.saturating_sub(standing.slashing),
            state: standing.into(),
            profile: <Self as WorkerRegistry>::profile(&worker)?,
            certified: Self::is_certified(&worker),
            worker,
        })
    }

    fn may_report_devices(worker: &AccountId, working: bool, at: BlockNumber) -> bool {
        let waits = if working { Status::NoDevice } else { Status::Active };
        // The next report must be made at least `REPORT_GAP` blocks after the stored one. So no
        // report counts twice, and a flickering device does not fill blocks.
        Standings::<T>::get(worker).is_some_and(|standing| {
            standing.status == waits && (standing.reported == 0 || at >= standing.reported.saturating_add(REPORT_GAP))
        })
    }

    fn report_devices(worker: &AccountId, working: bool) {
        let Some(mut standing) = Standings::<T>::get(worker) else { return };
        let (status, event) = if working {
            (Status::Active, Event::DevicesFound { worker: worker.clone() })
        } else {
            (Status::NoDevice, Event::DevicesLost { worker: worker.clone() })
        };
        Self::set_status(&mut standing, status);
        standing.reported = Self::now();
        Self::put(worker, standing);
        Self::deposit_event(event);
    }

    fn take_on(worker: &AccountId, duty: Duty, amount: Balance, place: Place) -> bool {
        match place {
            Place::Slot => Self::engage(worker, duty, amount),
            Place::NoSlot => Self::oblige(worker, duty, amount),
        }
    }

    fn conclude(worker: &AccountId, task: TaskId, end: DutyEnd) {
        Self::do_conclude(worker, task, end)
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

    fn note(worker: &AccountId, outcome: Outcome, value: Balance) {
        Self::do_note(worker, outcome, value)
    }

    #[cfg(any(feature = "std", feature = "try-runtime"))]
    fn engagements() -> Vec<(AccountId, Duties, Balance)> {
        let in_flight = |standing: &Standing| standing.locked.saturating_sub(standing.slashing);
        let all = Standings::<T>::iter().map(|(worker, standing)| {
            let locked = in_flight(&standing);
            (worker, standing.duties, locked)
        });
        all.filter(|(_, duties, _)| !duties.is_empty()).collect()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_worker(seed: u32) -> AccountId {
        crate::benchmarking::busy_worker::<T>(seed)
    }
}
