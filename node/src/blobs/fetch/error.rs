//! The reasons why a blob was not fetched.

use super::MAX_WAITING;
use crate::blobs::depot::DepotError;
use polkadot_sdk::sc_network::PeerId;
use std::{collections::HashSet, sync::Arc};

/// The reason why a blob was not fetched.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FetchError {
    /// There is no source, or no useful one.
    #[error("no node that can be reached has it; tried {asked} nodes, {wrong} sent wrong bytes, {lost} did not answer")]
    NoSource {
        /// Number of nodes asked.
        asked: usize,
        /// Number of nodes that sent wrong bytes.
        wrong: usize,
        /// Number of nodes that did not answer.
        lost: usize,
    },
    /// The blob has another size than the chain says.
    #[error("it has {actual} bytes, and was announced with {announced}")]
    OtherSize {
        /// Size that its leaves prove, in bytes.
        actual: u64,
        /// Size on the chain, in bytes.
        announced: u64,
    },
    /// The depot refuses the blob.
    #[error("{0}")]
    Depot(Arc<DepotError>),
    /// Too many fetches wait.
    #[error("{} blobs are being fetched: try again later", MAX_WAITING)]
    Busy,
    /// The blob's run has ended, or the client that asked for it is gone.
    #[error("nobody waits for it any more")]
    Abandoned,
    /// The node is ending.
    #[error("the node is ending")]
    Ended,
}

impl From<DepotError> for FetchError {
    fn from(error: DepotError) -> Self {
        Self::Depot(Arc::new(error))
    }
}

/// Counts for the error message of a failed fetch.
#[derive(Default)]
pub struct Tally {
    /// Nodes that were asked.
    pub asked: HashSet<PeerId>,
    /// Nodes that sent wrong bytes.
    pub wrong: HashSet<PeerId>,
    /// Nodes that did not answer.
    pub lost: HashSet<PeerId>,
    /// Nodes that claimed the blob and delivered nothing.
    pub doubted: HashSet<PeerId>,
}

impl From<Tally> for FetchError {
    fn from(tally: Tally) -> Self {
        Self::NoSource { asked: tally.asked.len(), wrong: tally.wrong.len(), lost: tally.lost.len() }
    }
}
