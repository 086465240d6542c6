//! A counter of the operations on the state, for tests that show the cost of a step.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, Mutex},
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// The number of operations of each name.
#[derive(Clone, Default)]
struct Counter(Arc<Mutex<BTreeMap<String, u64>>>);

impl Visit for Counter {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "method" {
            let name = format!("{value:?}").trim_matches('"').to_string();
            *self.0.lock().expect("no thread panics while it counts").entry(name).or_default() += 1;
        }
    }
}

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "state"
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Count the operations on the state during `run`, by their names in the traces of the
/// externalities: `Get`, `Put`, `Next` and so on.
///
/// # Panics
///
/// If no read was counted: then the externalities do not trace what they do.
pub fn operations(run: impl FnOnce()) -> BTreeMap<String, u64> {
    let counter = Counter::default();
    tracing::subscriber::with_default(counter.clone(), run);
    let counted = counter.0.lock().expect("no thread panics while it counts").clone();
    assert!(counted.get("Get").is_some_and(|reads| *reads > 0), "the externalities trace what they do");
    counted
}
