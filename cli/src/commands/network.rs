//! `dpin network`: the state of the network.

use crate::{
    context::Context,
    error::Result,
    text::{amount, output::fields},
};
use dpin_primitives::api::{NetworkInfo, ParametersInfo};
use dpin_rpc::{NetworkView, ParametersView};
use serde_json::{json, Value};
use subxt::rpcs::rpc_params;

/// Print the network's state and the parameters that govern jobs.
///
/// # Errors
///
/// When the node does not answer.
pub async fn run(context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let name: String = chain.request("system_chain", rpc_params![]).await?;
    let version: String = chain.request("system_version", rpc_params![]).await?;
    let health: Value = chain.request("system_health", rpc_params![]).await?;
    let best = chain.best().await?;
    let at = chain.at_final().await?;
    let network: NetworkInfo = chain.api("ComputeApi_network", ()).await?;
    let parameters: ParametersInfo = chain.api("ComputeApi_parameters", ()).await?;
    let json = json!({
        "chain": name,
        "genesis": chain.genesis(),
        "node": version,
        "specVersion": at.spec_version(),
        "best": best,
        "finalized": at.block_number(),
        "peers": health["peers"],
        "syncing": health["isSyncing"],
        "network": NetworkView::from(network.clone()),
        "parameters": ParametersView::from(parameters.clone()),
    });
    context.output.result(&json, || {
        let classes: Vec<String> = network
            .available_workers
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(class, count)| format!("{count} {}", format!("{class:?}").to_lowercase()))
            .collect();
        let classes = if classes.is_empty() { "none".into() } else { classes.join(", ") };
        let syncing = if health["isSyncing"] == true { ", syncing" } else { "" };
        fields(&[
            ("chain", format!("{name}, genesis {:?}", chain.genesis())),
            ("node", format!("{} at {}, {} peers{syncing}", version, chain.url(), health["peers"])),
            ("runtime", at.spec_version().to_string()),
            ("blocks", format!("best {best}, final {}", at.block_number())),
            ("jobs", format!("{} posted, {} open", network.jobs, network.open_jobs)),
            (
                "tasks",
                format!(
                    "{} wait, {} settled, {} failed",
                    network.waiting_tasks, network.settled_tasks, network.failed_tasks
                ),
            ),
            ("kernels", network.kernels.to_string()),
            ("workers", format!("{} active; available: {classes}", network.active_workers)),
            ("slashes", format!("{} pending", network.pending_slashes)),
            ("least reward", format!("{} a task, or as much of another asset", amount::dpn(parameters.min_reward))),
            ("least bond", amount::dpn(parameters.min_bond)),
            ("longest task", format!("{} blocks", parameters.max_run_blocks)),
            (
                "fees",
                format!(
                    "reservation {:?}, audit {:?}, surcharge on other assets {:?}",
                    parameters.fees.reservation, parameters.fees.audit, parameters.fees.surcharge
                ),
            ),
        ])
    });
    Ok(())
}
