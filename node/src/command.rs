//! Runs what was typed.

use crate::{
    blobs::{self, BlobSetup},
    cli::{Cli, Subcommand},
    service::{self, FullClient},
    worker::{self, WorkerSetup},
};
use dpin_primitives::OpaqueBlock as Block;
use polkadot_sdk::{
    sc_cli::{self, SubstrateCli},
    sc_consensus_babe, sc_consensus_grandpa,
    sc_service::{self, PartialComponents},
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

/// Run the node, or the tool that was asked for.
pub fn run() -> sc_cli::Result<()> {
    let cli = Cli::from_args();

    match &cli.subcommand {
        None => {
            let setup = WorkerSetup::new(&cli.worker, &cli.run)?;
            let blobs = BlobSetup::new(&cli.blobs, &cli.run);
            let runner = cli.create_runner(&cli.run)?;
            runner.run_node_until_exit(|mut config| async move {
                setup.configure(&mut config);
                service::new_full(config, setup, &blobs).map_err(sc_cli::Error::Service)
            })
        }
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
        Some(Subcommand::PurgeChain(cmd)) => cli.create_runner(cmd)?.sync_run(|config| {
            let kept = [worker::executor_dir(&config), blobs::dir(&config)];
            cmd.run(config.database.clone())?;
            // The question may have been answered with no. If the chain is gone, so is what its tasks refer to.
            let purged = !config.database.path().is_some_and(|path| path.exists());
            for dir in kept.into_iter().filter(|dir| purged && dir.exists()) {
                std::fs::remove_dir_all(&dir)?;
                println!("{dir:?} removed.");
            }
            Ok(())
        }),
        Some(Subcommand::Revert(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let PartialComponents { client, task_manager, backend, .. } = service::new_partial(&config)?;
            let aux_revert = Box::new(|client: Arc<FullClient>, backend, blocks| {
                sc_consensus_babe::revert(client.clone(), backend, blocks)?;
                sc_consensus_grandpa::revert(client, blocks)?;
                Ok(())
            });
            Ok((cmd.run(client, backend, Some(aux_revert)), task_manager))
        }),
        Some(Subcommand::ChainInfo(cmd)) => cli.create_runner(cmd)?.sync_run(|config| cmd.run::<Block>(&config)),
    }
}
