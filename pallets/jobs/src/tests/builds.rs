//! Quarantines of kernels that do not build, and the owner's word for them.

use super::*;
use crate::{Build, QUARANTINE_BLOCKS, VOUCHED_BLOCKS};

const REASON: ReasonCode = ReasonCode::BuildFailed { log: Hash::repeat_byte(4) };

fn kernel() -> KernelId {
    manifest().id()
}

/// Two workers report that the kernel does not build on CPUs.
fn quarantine() {
    assert_ok!(Jobs::register_kernel(signed(ADMIN), manifest()));
    assert!(!Jobs::build_failed(&kernel(), DeviceClass::Cpu, &BOB, REASON, false));
    assert!(Jobs::build_failed(&kernel(), DeviceClass::Cpu, &CAROL, REASON, false));
}

fn post(class: Option<DeviceClass>) -> DispatchResult {
    let mut asking = spec(NATIVE, 2);
    asking.requires.class = class;
    Jobs::submit_job(signed(ALICE), asking)
}

#[test]
fn a_kernel_in_quarantine_is_refused_on_its_class_and_where_any_class_will_do() {
    TestExt::new().build_and_execute(|| {
        quarantine();
        assert_noop!(post(Some(DeviceClass::Cpu)), Error::<Test>::KernelQuarantined);
        assert_noop!(post(None), Error::<Test>::KernelQuarantined);
        assert_eq!(Jobs::quote(&spec(NATIVE, 1)), Err(Error::<Test>::KernelQuarantined.into()));
        assert_ok!(post(Some(DeviceClass::Gpu)));
        let [told] = Jobs::kernel(kernel()).unwrap().quarantines.try_into().unwrap();
        assert_eq!((told.class, told.until, told.reason), (DeviceClass::Cpu, 1 + QUARANTINE_BLOCKS, REASON));
        assert!(events().contains(&Event::KernelQuarantined {
            kernel: kernel(),
            class: DeviceClass::Cpu,
            until: told.until,
            reason: REASON
        }));
        System::set_block_number(told.until + 1);
        assert_ok!(post(None));
        assert_eq!(Jobs::kernel(kernel()).unwrap().quarantines, []);
    });
}

#[test]
fn the_owner_and_root_may_vouch_and_nobody_else() {
    TestExt::new().build_and_execute(|| {
        quarantine();
        assert_noop!(Jobs::vouch_for_kernel(signed(BOB), kernel()), Error::<Test>::NotOwner);
        assert_noop!(Jobs::vouch_for_kernel(RuntimeOrigin::none(), kernel()), DispatchError::BadOrigin);
        assert_noop!(Jobs::vouch_for_kernel(signed(ADMIN), Hash::zero()), Error::<Test>::UnknownKernel);
        events();
        assert_ok!(Jobs::vouch_for_kernel(signed(ADMIN), kernel()));
        let until = 1 + VOUCHED_BLOCKS;
        let released = Event::KernelReleased { kernel: kernel(), class: DeviceClass::Cpu };
        assert_eq!(events(), [Event::KernelVouchedFor { kernel: kernel(), until }, released]);
        assert_ok!(post(None));
        // While the vouching holds, the same two workers cannot cause a quarantine.
        assert!(!Jobs::build_failed(&kernel(), DeviceClass::Cpu, &BOB, REASON, false));
        assert!(!Jobs::build_failed(&kernel(), DeviceClass::Cpu, &CAROL, REASON, true));
        System::set_block_number(until + 1);
        assert!(!Jobs::build_failed(&kernel(), DeviceClass::Cpu, &BOB, REASON, false));
        assert!(Jobs::build_failed(&kernel(), DeviceClass::Cpu, &CAROL, REASON, false));
        assert_ok!(Jobs::vouch_for_kernel(RuntimeOrigin::root(), kernel()));
        assert_ok!(post(None));
    });
}

#[test]
fn a_checked_result_is_remembered_and_costs_one_write_only() {
    TestExt::new().build_and_execute(|| {
        quarantine();
        assert_eq!(Jobs::built(&kernel(), DeviceClass::Cpu), [BOB, CAROL]);
        assert_eq!(Kernels::<Test>::get(kernel()).unwrap().builds.of(DeviceClass::Cpu), Some(&Build::Proved));
        assert_ok!(post(None));
        let before = Kernels::<Test>::get(kernel());
        assert_eq!(Jobs::built(&kernel(), DeviceClass::Cpu), []);
        assert!(!Jobs::build_failed(&kernel(), DeviceClass::Cpu, &BOB, REASON, true));
        assert_eq!(Kernels::<Test>::get(kernel()), before);
        assert_eq!(Jobs::built(&Hash::zero(), DeviceClass::Cpu), []);
    });
}

#[test]
fn a_task_that_nobody_has_tried_is_given_back_in_full() {
    TestExt::new().build_and_execute(|| {
        let before = free(NATIVE, &ALICE);
        let job = submit(spec(NATIVE, 2));
        for index in 0..2 {
            assign(task(job, index));
            <Jobs as JobLedger>::give_back(task(job, index), REASON);
        }
        assert_eq!((free(NATIVE, &ALICE), escrow(NATIVE, &ALICE)), (before, 0));
        assert_eq!(free(NATIVE, &POT), 0);
    });
}
