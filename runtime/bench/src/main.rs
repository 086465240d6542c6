//! Measures the weights of the runtime and the speed of the database.
//!
//! The weights are those of calls, steps of hooks, transaction extensions, an empty block and an
//! empty extrinsic. `make bench` builds and runs this program, with `scripts/bench.sh`.
//!
//! The node does not contain the benchmarks. The pallets are measured on a separate runtime that
//! has them, which this crate's build script builds.

use clap::Parser;
use dpin_primitives::{Hashing, OpaqueBlock as Block};
use dpin_runtime::RuntimeApi;
use frame_benchmarking_cli::{BenchmarkCmd, SUBSTRATE_REFERENCE_HARDWARE};
use polkadot_sdk::{
    sc_cli::{self, SubstrateCli},
    sc_executor::WasmExecutor,
    sc_service::{self, Configuration, TaskManager},
    sp_io,
};
use std::sync::Arc;

/// Path of the runtime with benchmarks, set by the build script.
const RUNTIME: &str = env!("BENCH_RUNTIME");

/// Measure the runtime's weights and this machine.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: BenchmarkCmd,
}

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "bench-weights".into()
    }

    fn impl_version() -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }

    fn author() -> String {
        env!("CARGO_PKG_AUTHORS").into()
    }

    fn support_url() -> String {
        "the documentation in docs/weights.md".into()
    }

    fn copyright_start_year() -> i32 {
        2025
    }

    fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
        chain_spec::load_spec(id).map(|spec| Box::new(spec) as _)
    }
}

type Backend = sc_service::TFullBackend<Block>;
type Client = sc_service::TFullClient<Block, RuntimeApi, WasmExecutor<sp_io::SubstrateHostFunctions>>;

/// Open the database that the options name, or a new one, as a node does. Its tasks end when the
/// returned manager is dropped.
fn database(config: &Configuration) -> sc_cli::Result<(Arc<Client>, Arc<Backend>, TaskManager)> {
    let executor = sc_service::new_wasm_executor(&config.executor);
    let (client, backend, _, tasks) =
        sc_service::new_full_parts::<Block, RuntimeApi, _>(config, None, executor, Vec::new())?;
    Ok((Arc::new(client), backend, tasks))
}

/// Return the command line. Unless it names a runtime or a chain, pallets are measured on the
/// runtime with benchmarks.
fn arguments() -> Vec<String> {
    let mut typed: Vec<String> = std::env::args().collect();
    let names = |argument: &String, option: &str| argument.split('=').next() == Some(option);
    let named = typed.iter().any(|argument| names(argument, "--runtime") || names(argument, "--chain"));
    if typed.get(1).is_some_and(|command| command == "pallet") && !named {
        typed.splice(2..2, ["--runtime".into(), RUNTIME.into()]);
    }
    typed
}

fn main() -> sc_cli::Result<()> {
    let cli = <Cli as SubstrateCli>::from_iter(arguments());

    cli.create_runner(&cli.command)?.sync_run(|config| match &cli.command {
        BenchmarkCmd::Pallet(cmd) => cmd.run_with_spec::<Hashing, ()>(Some(config.chain_spec)),
        #[cfg(feature = "storage")]
        BenchmarkCmd::Storage(cmd) => {
            let (client, backend, _tasks) = database(&config)?;
            let (db, storage) = (backend.expose_db(), backend.expose_storage());
            let cache = backend.expose_shared_trie_cache();
            cmd.run(config, client, db, storage, cache)
        }
        #[cfg(not(feature = "storage"))]
        BenchmarkCmd::Storage(_) => {
            Err("built without the feature `storage`: `make bench PALLETS=storage` has it".into())
        }
        BenchmarkCmd::Block(cmd) => {
            let (client, _, _tasks) = database(&config)?;
            cmd.run(client)
        }
        BenchmarkCmd::Overhead(cmd) => cmd.run_with_default_builder_and_spec::<Block, ()>(Some(config.chain_spec)),
        BenchmarkCmd::Machine(cmd) => cmd.run(&config, SUBSTRATE_REFERENCE_HARDWARE.clone()),
        BenchmarkCmd::Extrinsic(_) => Err("`bench-weights overhead` measures what every extrinsic costs".into()),
    })
}
