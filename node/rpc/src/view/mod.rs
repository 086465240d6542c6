//! The answers that have another shape in JSON than the records of the chain.
//!
//! A record that has one shape everywhere is no view: [`dpin_primitives::json`] says how it is
//! spelled.

mod chain;
mod economy;
mod job;
mod output;
mod task;
mod worker;

pub use chain::{BlobStatusView, FeesView, KernelView, KernelsPage, QuoteView};
pub use economy::{BuybackView, BuybacksView, EraView};
pub use job::{CostView, JobEntryView, JobItem, JobState, JobView, JobsPage};
pub use output::{OutputView, Unverified};
pub use task::{AuditorView, FailedAttemptView, JurorView, TaskView};
pub use worker::{EncryptionKeyView, WorkersItem, WorkersPage};
