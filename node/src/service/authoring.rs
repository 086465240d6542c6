//! The authoring of blocks with BABE.

use super::{Node, Settings, network::Network, partial::Authoring};
use polkadot_sdk::{
    sc_basic_authorship::ProposerFactory,
    sc_consensus_babe::{self as babe, SlotProportion},
    sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging,
    sc_service::{Error as ServiceError, TaskManager},
};

/// Starts to author blocks, if the node is an authority.
///
/// # Errors
///
/// When BABE cannot be started.
pub(super) fn start(
    node: &Node,
    settings: &Settings,
    network: &Network,
    parts: Authoring,
    task_manager: &TaskManager,
) -> Result<(), ServiceError> {
    if !settings.role.is_authority() {
        return Ok(());
    }
    let proposers = ProposerFactory::new(
        task_manager.spawn_handle(),
        node.client.clone(),
        node.pool.clone(),
        settings.prometheus.as_ref(),
        node.telemetry.clone(),
    );
    let author = babe::start_babe(babe::BabeParams {
        keystore: node.keystore.clone(),
        client: node.client.clone(),
        select_chain: node.select_chain.clone(),
        env: proposers,
        block_import: parts.block_import,
        sync_oracle: network.sync.clone(),
        justification_sync_link: network.sync.clone(),
        create_inherent_data_providers: parts.inherents,
        force_authoring: settings.force_authoring,
        backoff_authoring_blocks: Some(BackoffAuthoringOnFinalizedHeadLagging::default()),
        babe_link: parts.babe_link,
        block_proposal_slot_portion: SlotProportion::new(2.0 / 3.0),
        max_block_proposal_slot_portion: None,
        telemetry: node.telemetry.clone(),
    })?;
    task_manager.spawn_essential_handle().spawn_blocking("babe-proposer", Some("block-authoring"), author);
    Ok(())
}
