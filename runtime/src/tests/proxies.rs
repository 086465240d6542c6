//! Types of proxies: each allows or refuses every call.

use super::*;
use scale_info::TypeDef;
use sp_runtime::DispatchError;
use std::collections::BTreeMap;

/// Every call of the runtime, with the types that allow it in addition to [`ProxyType::Any`]. A new
/// call fails a test until it is added here.
const CALLS: &str = "
System.remark: NonTransfer
System.set_heap_pages: -
System.set_code: -
System.set_code_without_checks: -
System.set_storage: -
System.kill_storage: -
System.kill_prefix: -
System.remark_with_event: -
System.authorize_upgrade: -
System.authorize_upgrade_without_checks: -
System.apply_authorized_upgrade: -
Babe.report_equivocation: -
Babe.report_equivocation_unsigned: -
Babe.plan_config_change: -
Timestamp.set: -
Balances.transfer_allow_death: -
Balances.force_transfer: -
Balances.transfer_keep_alive: -
Balances.transfer_all: -
Balances.force_unreserve: -
Balances.upgrade_accounts: -
Balances.force_set_balance: -
Balances.force_adjust_total_issuance: -
Balances.burn: -
Assets.create: -
Assets.force_create: -
Assets.start_destroy: -
Assets.destroy_accounts: -
Assets.destroy_approvals: -
Assets.finish_destroy: -
Assets.mint: -
Assets.burn: -
Assets.transfer: -
Assets.transfer_keep_alive: -
Assets.force_transfer: -
Assets.freeze: -
Assets.thaw: -
Assets.freeze_asset: -
Assets.thaw_asset: -
Assets.transfer_ownership: -
Assets.set_team: -
Assets.set_metadata: -
Assets.clear_metadata: -
Assets.force_set_metadata: -
Assets.force_clear_metadata: -
Assets.force_asset_status: -
Assets.approve_transfer: -
Assets.cancel_approval: -
Assets.force_cancel_approval: -
Assets.transfer_approved: -
Assets.touch: -
Assets.refund: -
Assets.set_min_balance: -
Assets.touch_other: -
Assets.refund_other: -
Assets.block: -
Assets.transfer_all: -
Assets.set_reserves: -
Issuance.claim_reward: NonTransfer Claims Worker Jobs
Issuance.claim_unlocked: NonTransfer Claims Worker Jobs
Issuance.claim_vested: NonTransfer Claims Worker Jobs
PoolAssets.create: -
PoolAssets.force_create: -
PoolAssets.start_destroy: -
PoolAssets.destroy_accounts: -
PoolAssets.destroy_approvals: -
PoolAssets.finish_destroy: -
PoolAssets.mint: -
PoolAssets.burn: -
PoolAssets.transfer: -
PoolAssets.transfer_keep_alive: -
PoolAssets.force_transfer: -
PoolAssets.freeze: -
PoolAssets.thaw: -
PoolAssets.freeze_asset: -
PoolAssets.thaw_asset: -
PoolAssets.transfer_ownership: -
PoolAssets.set_team: -
PoolAssets.set_metadata: -
PoolAssets.clear_metadata: -
PoolAssets.force_set_metadata: -
PoolAssets.force_clear_metadata: -
PoolAssets.force_asset_status: -
PoolAssets.approve_transfer: -
PoolAssets.cancel_approval: -
PoolAssets.force_cancel_approval: -
PoolAssets.transfer_approved: -
PoolAssets.touch: -
PoolAssets.refund: -
PoolAssets.set_min_balance: -
PoolAssets.touch_other: -
PoolAssets.refund_other: -
PoolAssets.block: -
PoolAssets.transfer_all: -
PoolAssets.set_reserves: -
AssetConversion.create_pool: -
AssetConversion.add_liquidity: -
AssetConversion.remove_liquidity: -
AssetConversion.swap_exact_tokens_for_tokens: -
AssetConversion.swap_tokens_for_exact_tokens: -
AssetConversion.touch: -
AssetConversion.create_pool_with_fee: -
AssetConversion.set_pool_fee: -
Session.set_keys: ValidatorKeys
Session.purge_keys: -
Grandpa.report_equivocation: -
Grandpa.report_equivocation_unsigned: -
Grandpa.note_stalled: -
Utility.batch: NonTransfer Claims Worker Jobs ValidatorKeys
Utility.as_derivative: -
Utility.batch_all: NonTransfer Claims Worker Jobs ValidatorKeys
Utility.dispatch_as: -
Utility.force_batch: NonTransfer Claims Worker Jobs ValidatorKeys
Utility.with_weight: -
Utility.if_else: -
Utility.dispatch_as_fallible: -
Multisig.as_multi_threshold_1: -
Multisig.as_multi: -
Multisig.approve_as_multi: -
Multisig.cancel_as_multi: -
Multisig.poke_deposit: -
Proxy.proxy: -
Proxy.add_proxy: -
Proxy.remove_proxy: -
Proxy.remove_proxies: -
Proxy.create_pure: -
Proxy.kill_pure: -
Proxy.announce: -
Proxy.remove_announcement: -
Proxy.reject_announcement: NonTransfer CancelProxy
Proxy.proxy_announced: -
Proxy.poke_deposit: -
Preimage.note_preimage: -
Preimage.unnote_preimage: -
Preimage.request_preimage: -
Preimage.unrequest_preimage: -
Preimage.ensure_updated: -
Scheduler.schedule: -
Scheduler.cancel: -
Scheduler.schedule_named: -
Scheduler.cancel_named: -
Scheduler.schedule_after: -
Scheduler.schedule_named_after: -
Scheduler.set_retry: -
Scheduler.set_retry_named: -
Scheduler.cancel_retry: -
Scheduler.cancel_retry_named: -
Parameters.set_parameter: -
Sudo.sudo: -
Sudo.sudo_unchecked_weight: -
Sudo.set_key: -
Sudo.sudo_as: -
Sudo.remove_key: -
Blobs.store: Jobs
Blobs.renew: Jobs
Blobs.remove: NonTransfer Jobs
Blobs.expire: NonTransfer Jobs
Blobs.announce: Jobs
Workers.register: Worker
Workers.bond: Worker
Workers.unbond: Worker
Workers.update: Worker
Workers.pause: NonTransfer Worker
Workers.resume: Worker
Workers.leave: Worker
Workers.withdraw: Worker
Workers.apply_slash: -
Workers.cancel_slash: -
Workers.certify: Worker
Workers.decertify: Worker
Jobs.register_kernel: Jobs
Jobs.unregister_kernel: NonTransfer Jobs
Jobs.submit_job: Jobs
Jobs.cancel_job: NonTransfer Jobs
Jobs.claim_owed: NonTransfer Claims Worker Jobs
Jobs.submit_jobs: Jobs
Jobs.vouch_for_kernel: Jobs
ProofOfCompute.commit: -
ProofOfCompute.report_failure: -
ProofOfCompute.seal: -
ProofOfCompute.open: -
ProofOfCompute.expire_task: -
ProofOfCompute.reveal: -
ProofOfCompute.challenge: -
ProofOfCompute.report_unavailable: -
ProofOfCompute.report_many: -
ProofOfCompute.report_devices: -
Canaries.set_plan: -
Canaries.claim: Worker
Buyback.set_markets: -
";

const TYPES: [(&str, ProxyType); 7] = [
    ("Any", ProxyType::Any),
    ("NonTransfer", ProxyType::NonTransfer),
    ("CancelProxy", ProxyType::CancelProxy),
    ("Claims", ProxyType::Claims),
    ("Worker", ProxyType::Worker),
    ("Jobs", ProxyType::Jobs),
    ("ValidatorKeys", ProxyType::ValidatorKeys),
];

/// Each call by its name, with any arguments that decode.
fn calls() -> BTreeMap<String, RuntimeCall> {
    let mut calls = BTreeMap::new();
    for pallet in Runtime::metadata_ir().pallets {
        let Some(of) = pallet.calls else { continue };
        let TypeDef::Variant(variants) = of.ty.type_info().type_def else {
            panic!("the calls of a pallet are an enum")
        };
        for variant in variants.variants {
            let name = format!("{}.{}", pallet.name, variant.name);
            let call = (0..=8u8).find_map(|fill| {
                let bytes = [vec![pallet.index, variant.index], vec![fill; 4_096]].concat();
                RuntimeCall::decode(&mut &bytes[..]).ok()
            });
            calls.insert(name.clone(), call.unwrap_or_else(|| panic!("no arguments are found for {name}")));
        }
    }
    calls
}

/// The types that allow each call, as listed in [`CALLS`].
fn listed() -> BTreeMap<&'static str, Vec<&'static str>> {
    let lines = CALLS.trim().lines().map(|line| line.split_once(": ").expect("a call and its types"));
    lines.map(|(call, types)| (call, types.split(' ').filter(|name| *name != "-").collect())).collect()
}

#[test]
fn every_type_of_proxy_says_yes_or_no_to_every_call_by_its_name() {
    let (calls, listed) = (calls(), listed());
    assert!(calls.len() > 150, "only {} calls were looked at", calls.len());
    let names: Vec<_> = calls.keys().map(String::as_str).collect();
    let known: Vec<_> = listed.keys().copied().collect();
    assert_eq!(names, known, "a call of the runtime is not listed here, or no longer there");
    for (name, call) in &calls {
        for (of, proxy) in TYPES {
            let expected = proxy == ProxyType::Any || listed[name.as_str()].contains(&of);
            assert_eq!(proxy.filter(call), expected, "{of} and {name}");
        }
    }
    // Every type is listed in [`TYPES`].
    let types = (0..=u8::MAX).filter_map(|index| ProxyType::decode(&mut &[index][..]).ok()).collect::<Vec<_>>();
    assert_eq!(types, TYPES.map(|(_, proxy)| proxy));
}

#[test]
fn a_type_that_holds_another_one_allows_all_that_it_allows() {
    let calls = calls();
    for (of, proxy) in TYPES {
        assert!(proxy.is_superset(&proxy));
        for (other_name, other) in TYPES {
            let holds = calls.values().all(|call| proxy.filter(call) || !other.filter(call));
            assert!(!proxy.is_superset(&other) || holds, "{of} and {other_name}");
        }
    }
}

#[test]
fn a_proxy_that_must_not_transfer_neither_takes_money_nor_a_seat() {
    four_validators().execute_with(|| {
        let (owner, proxy) = (alice(), bob());
        let act = |of: ProxyType, call: RuntimeCall| {
            System::set_block_number(1);
            System::reset_events();
            assert_ok!(Proxy::add_proxy(RuntimeOrigin::signed(owner.clone()), proxy.clone().into(), of, 0));
            let origin = RuntimeOrigin::signed(proxy.clone());
            assert_ok!(Proxy::proxy(origin, owner.clone().into(), Some(of), Box::new(call)));
            assert_ok!(Proxy::remove_proxies(RuntimeOrigin::signed(owner.clone())));
            let filtered = DispatchError::from(frame_system::Error::<Runtime>::CallFiltered);
            !System::events().iter().any(|record| match &record.event {
                RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => *result == Err(filtered),
                RuntimeEvent::Utility(pallet_utility::Event::BatchInterrupted { error, .. }) => *error == filtered,
                _ => false,
            })
        };
        let (_, spec) = fill(AssetKind::Native);
        let takes = [
            RuntimeCall::Jobs(pallet_jobs::Call::submit_job { spec }),
            RuntimeCall::Session(pallet_session::Call::purge_keys {}),
            RuntimeCall::Balances(pallet_balances::Call::transfer_all { dest: bob().into(), keep_alive: false }),
            RuntimeCall::Workers(pallet_workers::Call::leave {}),
            RuntimeCall::Proxy(pallet_proxy::Call::add_proxy {
                delegate: bob().into(),
                proxy_type: ProxyType::Any,
                delay: 0,
            }),
            RuntimeCall::Sudo(pallet_sudo::Call::sudo {
                call: Box::new(RuntimeCall::System(frame_system::Call::remark { remark: vec![] })),
            }),
        ];
        for call in takes {
            // The call is refused alone and in a batch.
            assert!(!act(ProxyType::NonTransfer, call.clone()), "{call:?}");
            let batch = RuntimeCall::Utility(pallet_utility::Call::batch { calls: vec![call.clone()] });
            assert!(!act(ProxyType::NonTransfer, batch), "{call:?}");
        }
        let remark = RuntimeCall::System(frame_system::Call::remark { remark: vec![] });
        assert!(act(ProxyType::NonTransfer, remark.clone()));
        assert!(act(
            ProxyType::NonTransfer,
            RuntimeCall::Utility(pallet_utility::Call::batch { calls: vec![remark.clone()] })
        ));
        assert!(!act(ProxyType::Claims, remark));
        let purge = RuntimeCall::Session(pallet_session::Call::purge_keys {});
        assert!(!act(ProxyType::ValidatorKeys, purge), "the keys may be changed, but the seat not given up");
    });
}
