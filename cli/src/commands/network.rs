//! `dpin network`: the state of the network.

use crate::{
    chain::Chain,
    context::Context,
    error::Result,
    text::{amount, output::fields, parse},
};
use dpin_primitives::{
    BlockNumber,
    api::{NetworkInfo, ParametersInfo},
};
use serde_json::{Value, json};
use subxt::rpcs::rpc_params;

/// Print the network's state and the parameters that govern jobs.
///
/// # Errors
///
/// When the node does not answer.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let health: Value = chain.request("system_health", rpc_params![]).await?;
    let at = chain.at_final().await?;
    let state = NetworkState {
        name: chain.request("system_chain", rpc_params![]).await?,
        version: chain.request("system_version", rpc_params![]).await?,
        health,
        best: chain.best().await?,
        finalised: at.block_number(),
        spec_version: at.spec_version(),
        network: chain.api("ComputeApi_network", ()).await?,
        parameters: chain.api("ComputeApi_parameters", ()).await?,
    };
    context.output.result(&state.to_json(&chain), || state.text(&chain));
    Ok(())
}

/// The answers of the node.
struct NetworkState {
    name: String,
    version: String,
    health: Value,
    best: BlockNumber,
    finalised: u64,
    spec_version: u32,
    network: NetworkInfo,
    parameters: ParametersInfo,
}

impl NetworkState {
    fn to_json(&self, chain: &Chain) -> Value {
        json!({
            "chain": self.name,
            "genesis": chain.genesis(),
            "node": self.version,
            "specVersion": self.spec_version,
            "best": self.best,
            "finalized": self.finalised,
            "peers": self.health["peers"],
            "syncing": self.health["isSyncing"],
            "network": self.network,
            "parameters": self.parameters,
        })
    }

    fn text(&self, chain: &Chain) -> String {
        let Self { name, version, health, best, finalised, spec_version, network, parameters } = self;
        let syncing = if health["isSyncing"] == true { ", syncing" } else { "" };
        fields(&[
            ("chain", format!("{name}, genesis {:?}", chain.genesis())),
            ("node", format!("{version} at {}, {} peers{syncing}", chain.url(), health["peers"])),
            ("runtime", spec_version.to_string()),
            ("blocks", format!("best {best}, final {finalised}")),
            ("jobs", format!("{} posted, {} open", network.jobs, network.open_jobs)),
            (
                "tasks",
                format!(
                    "{} wait, {} settled, {} failed",
                    network.waiting_tasks, network.settled_tasks, network.failed_tasks
                ),
            ),
            ("kernels", network.kernels.to_string()),
            ("workers", format!("{} active; available: {}", network.active_workers, self.available_text())),
            ("slashes", format!("{} pending", network.pending_slashes)),
            (
                "minimum reward",
                format!("{} for each task, or the same amount of another asset", amount::dpn(parameters.min_reward)),
            ),
            ("minimum bond", amount::dpn(parameters.min_bond)),
            ("longest task", format!("{} blocks", parameters.max_run_blocks)),
            (
                "fees",
                format!(
                    "reservation {:?}, audit {:?}, surcharge on other assets {:?}",
                    parameters.fees.reservation, parameters.fees.audit, parameters.fees.surcharge
                ),
            ),
        ])
    }

    /// The number of available workers in each class.
    fn available_text(&self) -> String {
        let classes: Vec<String> = self
            .network
            .available_workers
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(class, count)| format!("{count} {}", parse::class_name(*class)))
            .collect();
        match classes.is_empty() {
            true => "none".into(),
            false => classes.join(", "),
        }
    }
}
