//! The ids of canaries.

use super::*;

#[test]
fn a_canarys_id_tells_its_round_and_kind() {
    for round in [1, 2, 77, u32::MAX] {
        for kind in Kind::ALL {
            let task = kind.task(round, 5);
            assert!(task.is_canary());
            assert_eq!(task.index, 5);
            assert_eq!(Kind::of(task), Some((round, kind)));
        }
    }
    assert_eq!(Kind::Conformance.task(3, 0).job, CANARY_JOBS + 6);
    assert_eq!(Kind::Throughput.task(3, 0).job, CANARY_JOBS + 7);
}

#[test]
fn what_is_no_canary_has_no_round() {
    assert_eq!(Kind::of(TaskId { job: CANARY_JOBS - 1, index: 0 }), None);
    assert_eq!(Kind::of(TaskId { job: u64::MAX, index: 0 }), None);
}

#[test]
fn the_claims_bits_are_those_the_kernel_takes() {
    let claims =
        |denormals, rounded_division, fp64| Claims { units: 1, fp32: Fp32 { denormals, rounded_division }, fp64 };
    assert_eq!(claims(false, false, false).bits(), 0);
    assert_eq!(claims(true, false, false).bits(), 1);
    assert_eq!(claims(false, true, false).bits(), 2);
    assert_eq!(claims(false, false, true).bits(), 4);
    assert_eq!(claims(true, true, true).bits(), 7);
}
