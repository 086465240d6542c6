//! Runs the node or the subcommand that the command line asks for.

use crate::{
    blobs::{self, BlobSetup},
    cli::{Cli, Subcommand},
    client::{FullBackend, FullClient},
    executor,
    outbound::Reach,
    ports, service,
    worker::WorkerSetup,
};
use dpin_primitives::{BlockNumber, OpaqueBlock as Block};
use polkadot_sdk::{
    sc_cli::{self, PurgeChainCmd, RunCmd, SubstrateCli},
    sc_consensus_babe, sc_consensus_grandpa,
    sc_service::{self, Configuration, PartialComponents},
};
use std::sync::Arc;

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "DPIN Node".into()
    }

    fn impl_version() -> String {
        env!("SUBSTRATE_CLI_IMPL_VERSION").into()
    }

    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }

    fn author() -> String {
        env!("CARGO_PKG_AUTHORS").into()
    }

    fn support_url() -> String {
        "the documentation in docs/operator.md".into()
    }

    fn copyright_start_year() -> i32 {
        2025
    }

    fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
        chain_spec::load_spec(id).map(|spec| Box::new(spec) as _)
    }
}

fn run_node(cli: &mut Cli) -> sc_cli::Result<()> {
    let worker = WorkerSetup::new(&cli.worker, &cli.run)?;
    let blobs = BlobSetup::new(&cli.blobs, &cli.run);
    allow_node_key(&mut cli.run);
    let runner = cli.create_runner(&cli.run).map_err(|error| with_node_key_hint(error, &cli.run))?;
    let keep_retry = !cli.run.rpc_params.experimental_rpc_endpoint.is_empty();
    let allow_private = cli.allow_private_addresses;
    runner.run_node_until_exit(|mut config| async move {
        worker.configure(&mut config);
        if let Some(doubt) = blobs.doubt().filter(|_| worker.works()) {
            log::warn!(target: "worker", "{doubt}");
        }
        if !keep_retry {
            ports::fix_rpc(&mut config)?;
        }
        let mut wanted = ports::of(&config);
        wanted.extend(worker.listens());
        wanted.extend(blobs.listens());
        ports::check(&wanted).map_err(|error| sc_cli::Error::Application(Box::new(error)))?;
        let reach = Reach::of(&config.chain_spec.chain_type(), allow_private);
        let setup = service::Setup { worker, blobs, reach };
        service::new_full(config, setup).map_err(sc_cli::Error::Service)
    })
}

/// Lets a validator of a test network generate its own network key. The key is kept on disk, and no
/// other operator relies on it.
fn allow_node_key(run: &mut RunCmd) {
    let local = run.shared_params.chain.as_deref() == Some("local");
    if local || run.get_keyring().is_some() {
        run.network_params.node_key_params.unsafe_force_node_key_generation = true;
    }
}

/// Adds the command that generates a network key to the error of a validator that has none.
fn with_node_key_hint(error: sc_cli::Error, run: &RunCmd) -> sc_cli::Error {
    let sc_cli::Error::NetworkKeyNotFound(path) = error else { return error };
    let chain = run.shared_params.chain.as_deref().map(|chain| format!(" --chain {chain}")).unwrap_or_default();
    let base = run
        .shared_params
        .base_path
        .as_deref()
        .map_or_else(|| " --default-base-path".into(), |path| format!(" --base-path {}", path.display()));
    let text = format!(
        "this validator has no network key: the file {} does not exist. Other nodes know the validator by this key, \
         so the node does not generate one by itself. Generate it once with \
         `dpin-node key generate-node-key{chain}{base}`, or name another key file with --node-key-file",
        path.display()
    );
    sc_cli::Error::Application(text.into())
}

/// Formats an error, followed by a remedy if one is known.
pub(crate) fn explain(error: &sc_cli::Error) -> String {
    let text = error.to_string();
    match remedy(&text) {
        Some(remedy) => format!("{text}\n{remedy}"),
        None => text,
    }
}

/// Returns the remedy for a damaged database. It recognises the damage by the SDK's error texts.
fn remedy(text: &str) -> Option<&'static str> {
    let damaged = [
        "hash not found",
        "Trying to insert block with invalid number",
        "Corruption",
        "State already discarded",
        "Unsupported database version",
        "Backend error",
        "Genesis block hash",
        "parity-db",
        "ParityDb",
    ];
    damaged.iter().any(|words| text.contains(words)).then_some(
        "The database seems to be damaged or incomplete. Its folder is named above after `Database:`. Stop the node, \
         delete that folder (`paritydb`), keep `executor`, `keystore` and `network` beside it, and start again: the \
         node downloads the chain again. Do not use `purge-chain`: it also deletes the executor's outputs, which a \
         worker still needs",
    )
}

/// Runs the node, or the subcommand if there is one.
pub(crate) fn run() -> sc_cli::Result<()> {
    let mut cli = Cli::from_args();
    if cli.subcommand.is_none() {
        return run_node(&mut cli);
    }
    match &cli.subcommand {
        None => Ok(()),
        Some(Subcommand::Key(cmd)) => cmd.run(&cli),
        Some(Subcommand::ExportChainSpec(cmd)) => cmd.run(cli.load_spec(&cmd.chain)?),
        Some(Subcommand::BuildSpec(cmd)) => {
            cli.create_runner(cmd)?.sync_run(|config| cmd.run(config.chain_spec, config.network))
        }
        Some(Subcommand::CheckBlock(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let PartialComponents { client, task_manager, import_queue, .. } = service::new_partial(&config)?;
            Ok((cmd.run(client, import_queue), task_manager))
        }),
        Some(Subcommand::ExportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let PartialComponents { client, task_manager, .. } = service::new_partial(&config)?;
            Ok((cmd.run(client, config.database), task_manager))
        }),
        Some(Subcommand::ExportState(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let PartialComponents { client, task_manager, .. } = service::new_partial(&config)?;
            Ok((cmd.run(client, config.chain_spec), task_manager))
        }),
        Some(Subcommand::ImportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let PartialComponents { client, task_manager, import_queue, .. } = service::new_partial(&config)?;
            Ok((cmd.run(client, import_queue), task_manager))
        }),
        Some(Subcommand::PurgeChain(cmd)) => cli.create_runner(cmd)?.sync_run(|config| purge(cmd, config)),
        Some(Subcommand::Revert(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let PartialComponents { client, task_manager, backend, .. } = service::new_partial(&config)?;
            Ok((cmd.run(client, backend, Some(Box::new(revert_consensus))), task_manager))
        }),
        Some(Subcommand::ChainInfo(cmd)) => cli.create_runner(cmd)?.sync_run(|config| cmd.run::<Block>(&config)),
    }
}

/// Deletes the chain, and the executor's data and the blobs with it.
fn purge(cmd: &PurgeChainCmd, config: Configuration) -> sc_cli::Result<()> {
    let dependent = [executor::dir(&config), blobs::dir(&config)];
    cmd.run(config.database.clone())?;
    // The operator may have declined at the prompt. Once the chain is gone, the executor's data and
    // the blobs refer to tasks that no longer exist.
    let purged = !config.database.path().is_some_and(|path| path.exists());
    for dir in dependent.into_iter().filter(|dir| purged && dir.exists()) {
        std::fs::remove_dir_all(&dir)?;
        println!("{dir:?} removed.");
    }
    Ok(())
}

/// Reverts the data that BABE and GRANDPA keep beside the chain.
fn revert_consensus(client: Arc<FullClient>, backend: Arc<FullBackend>, blocks: BlockNumber) -> sc_cli::Result<()> {
    sc_consensus_babe::revert(client.clone(), backend, blocks)?;
    sc_consensus_grandpa::revert(client, blocks)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn run_of(args: &[&str]) -> RunCmd {
        Cli::parse_from(["dpin-node"].iter().chain(args)).run
    }

    #[test]
    fn a_validator_of_a_network_for_trying_out_makes_its_network_key() {
        let makes = |args: &[&str]| {
            let mut run = run_of(args);
            allow_node_key(&mut run);
            run.network_params.node_key_params.unsafe_force_node_key_generation
        };
        assert!(makes(&["--chain", "local", "--validator"]));
        assert!(makes(&["--chain", "spec.json", "--bob"]));
        assert!(!makes(&["--chain", "spec.json", "--validator"]));
    }

    #[test]
    fn a_validator_without_a_network_key_is_told_the_command() {
        let run = run_of(&["--chain", "spec.json", "--validator", "--base-path", "/data"]);
        let path = "/data/chains/x/network/secret_ed25519";
        let error = with_node_key_hint(sc_cli::Error::NetworkKeyNotFound(path.into()), &run).to_string();
        assert!(error.contains(path), "{error}");
        assert!(error.contains("dpin-node key generate-node-key --chain spec.json --base-path /data`"), "{error}");
        let other = with_node_key_hint(sc_cli::Error::Input("other".into()), &run);
        assert!(matches!(other, sc_cli::Error::Input(text) if text == "other"));
    }

    #[test]
    fn an_error_of_a_damaged_database_says_what_to_keep() {
        let damaged = explain(&sc_cli::Error::Input("Corruption: Unexpected entry size".into()));
        assert!(damaged.contains("Unexpected entry size") && damaged.contains("keep `executor`"), "{damaged}");
        assert_eq!(explain(&sc_cli::Error::Application("--rpc-port is taken".into())), "--rpc-port is taken");
    }
}
