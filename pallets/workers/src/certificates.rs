//! Certificates: funds that workers lock to be given the tasks that ask for a certified worker.

use crate::{Certificates, Config, Error, Event, HoldReason, Pallet, Standings};
use dpin_primitives::{AccountId, Balance};
use polkadot_sdk::{
    frame_support::{
        ensure,
        storage::with_storage_layer,
        traits::{Get, fungibles::hold::Mutate as _, tokens::Precision},
    },
    sp_runtime::{ArithmeticError, DispatchResult},
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_certify(worker: AccountId, amount: Balance) -> DispatchResult {
        Self::staying(&worker)?;
        ensure!(amount > 0, Error::<T>::ZeroAmount);
        let certificate = Certificates::<T>::get(&worker).checked_add(amount).ok_or(ArithmeticError::Overflow)?;
        ensure!(certificate >= T::CertificateMinimum::get(), Error::<T>::BelowCertificateMinimum);
        T::Assets::hold(T::CertificateAsset::get(), &HoldReason::Certificate.into(), &worker, amount)?;
        Certificates::<T>::insert(&worker, certificate);
        Self::deposit_event(Event::Certified { worker, amount, certificate });
        Ok(())
    }

    pub(crate) fn do_decertify(account: AccountId) -> DispatchResult {
        // A former worker may still have a certificate, one that could not be released when the
        // worker was forgotten. A task in audit has given its slot back, but still locks bond: its
        // requester may have asked for a certificate.
        if let Some(standing) = Standings::<T>::get(&account) {
            ensure!(standing.busy == 0, Error::<T>::Busy);
            ensure!(standing.locked <= standing.slashing, Error::<T>::BondLocked);
        }
        ensure!(Certificates::<T>::contains_key(&account), Error::<T>::NotCertified);
        Self::release_certificate(&account)
    }

    /// Release the certificate of a worker that is being forgotten. If that fails, for example
    /// because the asset is frozen, the certificate stays as it is. Nobody but the account can get
    /// it.
    pub(crate) fn return_certificate(worker: &AccountId) {
        if Certificates::<T>::contains_key(worker) {
            // The layer undoes the writes of a release that fails half-way.
            let _ = with_storage_layer(|| Self::release_certificate(worker));
        }
    }

    fn release_certificate(worker: &AccountId) -> DispatchResult {
        let amount = Certificates::<T>::take(worker);
        let reason = HoldReason::Certificate.into();
        T::Assets::release(T::CertificateAsset::get(), &reason, worker, amount, Precision::Exact)?;
        Self::deposit_event(Event::Decertified { worker: worker.clone(), amount });
        Ok(())
    }
}
