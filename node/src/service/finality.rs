//! The finality of blocks with GRANDPA.

use super::{
    Node, Settings,
    network::Network,
    partial::{GrandpaLink, JUSTIFICATION_PERIOD},
};
use polkadot_sdk::{
    sc_consensus_grandpa::{self as grandpa, SharedVoterState},
    sc_network::{NotificationService, ProtocolName},
    sc_service::{Error as ServiceError, TaskManager},
    sc_transaction_pool_api::OffchainTransactionPoolFactory,
};
use std::{sync::Arc, time::Duration};

/// Expected travel time of a GRANDPA message. A GRANDPA round takes at least twice as long.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);

/// The parts with which blocks are finalised.
pub(super) struct Finality {
    /// Link between GRANDPA's block import and its voter.
    pub link: GrandpaLink,
    /// Name of GRANDPA's protocol.
    pub protocol: ProtocolName,
    /// GRANDPA's messages.
    pub notifications: Box<dyn NotificationService>,
    /// The state of the voter, for JSON-RPC.
    pub voter_state: SharedVoterState,
}

/// Starts the voter, unless it is turned off. A node that is no authority also runs it, without
/// keys, to follow the rounds.
///
/// # Errors
///
/// When the voter cannot be started.
pub(super) fn start(
    node: &Node,
    settings: &Settings,
    network: &Network,
    parts: Finality,
    task_manager: &TaskManager,
) -> Result<(), ServiceError> {
    if !settings.enable_grandpa {
        return Ok(());
    }
    let voter = grandpa::run_grandpa_voter(grandpa::GrandpaParams {
        config: grandpa::Config {
            gossip_duration: GOSSIP_DURATION,
            justification_generation_period: JUSTIFICATION_PERIOD,
            name: Some(settings.name.clone()),
            observer_enabled: false,
            keystore: settings.role.is_authority().then(|| node.keystore.clone()),
            local_role: settings.role,
            telemetry: node.telemetry.clone(),
            protocol_name: parts.protocol,
        },
        link: parts.link,
        network: network.service.clone(),
        sync: Arc::new(network.sync.clone()),
        notification_service: parts.notifications,
        voting_rule: grandpa::VotingRulesBuilder::default().build(),
        prometheus_registry: settings.prometheus.clone(),
        shared_voter_state: parts.voter_state,
        telemetry: node.telemetry.clone(),
        offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(node.pool.clone()),
    })?;
    task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
    Ok(())
}
