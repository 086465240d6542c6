//! The network for fetching blobs: the chain's own network, with provider records in the DHT.

use super::{
    fetch::{Network, RequestError},
    lock,
};
use dpin_primitives::{BlobHash, OpaqueBlock as Block};
use futures::{FutureExt, StreamExt, future::BoxFuture};
use polkadot_sdk::{
    sc_network::{
        DhtEvent, Event, IfDisconnected, KademliaKey, PeerId, ProtocolName, ReputationChange,
        service::traits::NetworkService,
    },
    sc_network_sync::SyncingService,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::sync::mpsc;

/// Most time that a search of the DHT for providers may take.
const SEARCH: Duration = Duration::from_secs(5);
/// A search ends once it has found this many providers.
const MAX_PROVIDERS: usize = 16;
/// Most searches at a time.
const MAX_SEARCHES: usize = 256;

/// The network for fetching blobs, on top of the chain's own network.
pub(super) struct ChainNetwork {
    service: Arc<dyn NetworkService>,
    sync: Arc<SyncingService<Block>>,
    protocol: ProtocolName,
    /// The receivers of providers, by the key searched for. They are dropped when the search has
    /// ended.
    searches: Mutex<HashMap<KademliaKey, Vec<mpsc::Sender<PeerId>>>>,
}

fn key(id: &BlobHash) -> KademliaKey {
    KademliaKey::new(&[b"dpin/blob/", id.as_bytes()].concat())
}

impl ChainNetwork {
    /// Wraps the node's network. Searches of the DHT find nothing unless [`Self::listen`] runs.
    pub(super) fn new(
        service: Arc<dyn NetworkService>,
        sync: Arc<SyncingService<Block>>,
        protocol: ProtocolName,
    ) -> Arc<Self> {
        Arc::new(Self { service, sync, protocol, searches: Mutex::default() })
    }

    fn searches(&self) -> MutexGuard<'_, HashMap<KademliaKey, Vec<mpsc::Sender<PeerId>>>> {
        lock(&self.searches)
    }

    /// Passes the results of the DHT to the searches, until the network ends.
    pub(super) async fn listen(self: Arc<Self>) {
        let mut events = self.service.event_stream("blobs");
        while let Some(event) = events.next().await {
            match event {
                Event::Dht(DhtEvent::ProvidersFound(key, peers)) => {
                    if let Some(listeners) = self.searches().get(&key) {
                        for listener in listeners {
                            // A search that has enough providers may ignore more of them.
                            peers.iter().for_each(|peer| {
                                let _ = listener.try_send(*peer);
                            });
                        }
                    }
                }
                Event::Dht(DhtEvent::NoMoreProviders(key) | DhtEvent::ProvidersNotFound(key)) => {
                    self.searches().remove(&key);
                }
                _ => {}
            }
        }
    }
}

impl Network for ChainNetwork {
    fn peers(&self) -> BoxFuture<'_, Vec<PeerId>> {
        async {
            let peers = self.sync.peers_info().await.unwrap_or_default();
            peers.into_iter().map(|(peer, _)| peer).collect()
        }
        .boxed()
    }

    fn providers(&self, id: BlobHash) -> BoxFuture<'_, Vec<PeerId>> {
        async move {
            let key = key(&id);
            let (sender, mut found) = mpsc::channel(MAX_PROVIDERS);
            {
                let mut searches = self.searches();
                if searches.len() >= MAX_SEARCHES {
                    return Vec::new();
                }
                searches.entry(key.clone()).or_default().push(sender);
            }
            self.service.get_providers(key.clone());
            let mut providers = Vec::new();
            let collecting = async {
                while let Some(peer) = found.recv().await {
                    if !providers.contains(&peer) {
                        providers.push(peer);
                    }
                    if providers.len() >= MAX_PROVIDERS {
                        break;
                    }
                }
            };
            // After a timeout, return the providers found so far.
            let _ = tokio::time::timeout(SEARCH, collecting).await;
            drop(found);
            let mut searches = self.searches();
            if let Some(listeners) = searches.get_mut(&key) {
                listeners.retain(|listener| !listener.is_closed());
                if listeners.is_empty() {
                    searches.remove(&key);
                }
            }
            providers
        }
        .boxed()
    }

    fn request(&self, peer: PeerId, request: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, RequestError>> {
        use polkadot_sdk::sc_network::RequestFailure::{NotConnected, Refused, UnknownProtocol};
        async move {
            let connect = IfDisconnected::TryConnect;
            let answer = self.service.request(peer, self.protocol.clone(), request, None, connect).await;
            answer.map(|(bytes, _)| bytes).map_err(|failure| match failure {
                Refused | UnknownProtocol => RequestError::Refused,
                NotConnected => RequestError::Lost,
                other => {
                    log::debug!(target: super::LOG, "A request to {peer} failed: {other}");
                    RequestError::Lost
                }
            })
        }
        .boxed()
    }

    fn report(&self, peer: PeerId, change: ReputationChange) {
        self.service.report_peer(peer, change);
    }

    fn provide(&self, id: BlobHash) {
        self.service.start_providing(key(&id));
    }

    fn withdraw(&self, id: BlobHash) {
        self.service.stop_providing(key(&id));
    }
}
