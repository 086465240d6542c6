//! JSON: the answers of a worker's node, which a client must not trust.

use dpin_primitives::{Hash, TaskId, reason::ReasonCode};
use dpin_rpc::{JobView, JobsPage, KernelsPage, OutputView, QuoteView, WorkersPage};
use serde::{Serialize, de::DeserializeOwned};

/// Read `data` as a `T`. A value must survive another round.
fn round_trip<T: DeserializeOwned + Serialize + PartialEq>(data: &[u8]) {
    let Ok(value) = serde_json::from_slice::<T>(data) else { return };
    let text = serde_json::to_vec(&value).expect("an answer is written as JSON");
    let again: T = serde_json::from_slice(&text).expect("a written answer is read");
    assert!(again == value, "{} is changed by its JSON", core::any::type_name::<T>());
}

/// Read `data` as the answers that a client gets.
pub(crate) fn answers(data: &[u8]) {
    round_trip::<TaskId>(data);
    round_trip::<ReasonCode>(data);
    round_trip::<JobView>(data);
    round_trip::<JobsPage>(data);
    round_trip::<KernelsPage>(data);
    round_trip::<WorkersPage>(data);
    round_trip::<QuoteView>(data);
    round_trip::<OutputView>(data);
    output(data);
}

/// The bytes that are returned of a part of an output are those in it, and lie within the output.
fn output(data: &[u8]) {
    let Ok(view) = serde_json::from_slice::<OutputView>(data) else { return };
    let (task, genesis, root) = (TaskId { job: 7, index: 2 }, Hash::repeat_byte(9), view.root);
    let (bytes, offset, total) = (view.data.0.clone(), view.offset, view.total);
    if let Ok(verified) = view.clone().verify(&genesis, task, &root) {
        assert_eq!(verified, bytes, "other bytes than those in the part");
        assert!(offset.checked_add(bytes.len() as u64).is_some_and(|end| end <= total), "bytes beyond {total}");
        let foreign = Hash::repeat_byte(1);
        assert!(view.verify(&foreign, task, &root).is_err(), "the part verifies for another chain");
    }
}
