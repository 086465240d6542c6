//! Authoring and finalising blocks, and the consequences of equivocation.

use crate::{
    AccountId, Babe, Balances, DPN, EPOCH_SLOTS, Historical, Issuance, Offences, Runtime, RuntimeEvent, SLOT_MS,
    Session, SessionKeys, weights,
};
use alloc::vec::Vec;
use frame_support::{
    parameter_types,
    traits::{ConstU32, ConstU64, ConstU128},
    weights::Weight,
};
use pallet_session::{
    FindAccountFromAuthorIndex, NextKeys, QueuedKeys, disabling::UpToLimitWithReEnablingDisablingStrategy, historical,
};
use polkadot_sdk::*;
use sp_runtime::{
    Perbill,
    traits::{Convert, ConvertInto, OpaqueKeys},
};
use sp_staking::{
    SessionIndex,
    offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
};

/// Number of past sessions whose validator sets are kept: one day. An older equivocation cannot be
/// proved.
pub const KEPT_SESSIONS: u32 = (24 * 60 * 60 * 1000 / (EPOCH_SLOTS * SLOT_MS)) as u32;

parameter_types! {
    /// Maximum age of a report of an equivocation, in slots.
    pub const ReportLongevity: u64 = KEPT_SESSIONS as u64 * EPOCH_SLOTS;
}

/// Maximum number of validators.
type MaxAuthorities = ConstU32<100>;

impl pallet_babe::Config for Runtime {
    type EpochDuration = ConstU64<EPOCH_SLOTS>;
    type ExpectedBlockTime = ConstU64<SLOT_MS>;
    type EpochChangeTrigger = pallet_babe::ExternalTrigger;
    type DisabledValidators = Session;
    type WeightInfo = weights::pallet_babe::WeightInfo<Runtime>;
    type MaxAuthorities = MaxAuthorities;
    type MaxNominators = ConstU32<0>;
    type KeyOwnerProof = sp_session::MembershipProof;
    type EquivocationReportSystem = pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = weights::pallet_grandpa::WeightInfo<Runtime>;
    type MaxAuthorities = MaxAuthorities;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<{ KEPT_SESSIONS as u64 }>;
    type KeyOwnerProof = sp_session::MembershipProof;
    type EquivocationReportSystem =
        pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = FindAccountFromAuthorIndex<Self, Babe>;
    type EventHandler = Issuance;
}

impl pallet_offences::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type IdentificationTuple = historical::IdentificationTuple<Self>;
    type OnOffenceHandler = DisableOffenders;
}

impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = Babe;
    type NextSessionRotation = Babe;
    type SessionManager = historical::NoteHistoricalRoot<Self, FixedValidators>;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    type DisablingStrategy = UpToLimitWithReEnablingDisablingStrategy;
    type WeightInfo = weights::pallet_session::WeightInfo<Runtime>;
    type Currency = Balances;
    type KeyDeposit = ConstU128<{ 10 * DPN }>;
}

impl historical::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type FullIdentification = ();
    type FullIdentificationOf = NoIdentification;
}

/// Identifies a validator by its account alone.
pub struct NoIdentification;

impl Convert<AccountId, Option<()>> for NoIdentification {
    fn convert(_: AccountId) -> Option<()> {
        Some(())
    }
}

/// Keeps the validators of genesis for ever.
///
/// It returns the set to `pallet-session` at genesis and whenever a validator has new keys. Only
/// then a new root of the set is stored, against which equivocations of past sessions are proved.
/// In all other sessions the previous set continues, and GRANDPA has no change to sign.
pub struct FixedValidators;

impl FixedValidators {
    fn with_identification(validators: impl Iterator<Item = AccountId>) -> Vec<(AccountId, ())> {
        validators.map(|validator| (validator, ())).collect()
    }
}

impl pallet_session::SessionManager<AccountId> for FixedValidators {
    fn new_session(index: SessionIndex) -> Option<Vec<AccountId>> {
        let set = <Self as historical::SessionManager<AccountId, ()>>::new_session(index)?;
        Some(set.into_iter().map(|(validator, ())| validator).collect())
    }

    fn new_session_genesis(index: SessionIndex) -> Option<Vec<AccountId>> {
        let set = <Self as historical::SessionManager<AccountId, ()>>::new_session_genesis(index)?;
        Some(set.into_iter().map(|(validator, ())| validator).collect())
    }

    fn start_session(index: SessionIndex) {
        <Self as historical::SessionManager<AccountId, ()>>::start_session(index)
    }

    fn end_session(index: SessionIndex) {
        <Self as historical::SessionManager<AccountId, ()>>::end_session(index)
    }
}

impl historical::SessionManager<AccountId, ()> for FixedValidators {
    fn new_session(_: SessionIndex) -> Option<Vec<(AccountId, ())>> {
        let queued = QueuedKeys::<Runtime>::get();
        let changed = queued.iter().any(|(validator, keys)| NextKeys::<Runtime>::get(validator).as_ref() != Some(keys));
        changed.then(|| Self::with_identification(queued.into_iter().map(|(validator, _)| validator)))
    }

    fn new_session_genesis(_: SessionIndex) -> Option<Vec<(AccountId, ())>> {
        Some(Self::with_identification(NextKeys::<Runtime>::iter_keys()))
    }

    fn start_session(index: SessionIndex) {
        if let Some(oldest) = index.checked_sub(KEPT_SESSIONS) {
            Historical::prune_up_to(oldest);
        }
    }

    fn end_session(_: SessionIndex) {}
}

/// Disables validators that are proved to have equivocated, for the rest of the session.
///
/// The disabling strategy sets the limit: always less than a third of the validators.
pub struct DisableOffenders;

impl OnOffenceHandler<AccountId, historical::IdentificationTuple<Runtime>, Weight> for DisableOffenders {
    fn on_offence(
        offenders: &[OffenceDetails<AccountId, historical::IdentificationTuple<Runtime>>],
        slash_fraction: &[Perbill],
        session: SessionIndex,
    ) -> Weight {
        let db = <Runtime as frame_system::Config>::DbWeight::get();
        // In a later session there is nothing left to disable.
        if session != pallet_session::CurrentIndex::<Runtime>::get() {
            return db.reads(1);
        }
        for (details, fraction) in offenders.iter().zip(slash_fraction) {
            let (validator, ()) = &details.offender;
            Session::report_offence(validator.clone(), OffenceSeverity(*fraction));
        }
        db.reads(1).saturating_add(db.reads_writes(2, 1).saturating_mul(offenders.len() as u64))
    }
}
