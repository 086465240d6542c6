//! The functions of the network that fetching needs.

use dpin_primitives::BlobHash;
use futures::future::BoxFuture;
use polkadot_sdk::sc_network::{PeerId, ReputationChange};

/// The reason why a request failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RequestError {
    /// The other node refuses: it does not have the data, or is too busy.
    Refused,
    /// The network could not deliver the request or the answer.
    Lost,
}

/// The functions of the network that fetching needs.
pub(crate) trait Network: Send + Sync + 'static {
    /// Returns the nodes this one is connected with.
    fn peers(&self) -> BoxFuture<'_, Vec<PeerId>>;
    /// Returns the nodes that claim in the DHT to have a blob.
    fn providers(&self, id: BlobHash) -> BoxFuture<'_, Vec<PeerId>>;
    /// Sends a request to a node, and returns its answer.
    fn request(&self, peer: PeerId, request: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, RequestError>>;
    /// Reports a node's behaviour to the network.
    fn report(&self, peer: PeerId, change: ReputationChange);
    /// Announces in the DHT that this node has a blob.
    fn provide(&self, id: BlobHash);
    /// Withdraws the announcement.
    fn withdraw(&self, id: BlobHash);
}
