//! Ask for the price of a job with subxt and the typed client of `dpin-rpc`, post the job, and
//! follow it until it is paid. Then fetch its output from the worker's node and check the bytes
//! against the chain. It needs the kernel `mandelbrot`, which `dpin job run` registers.
//!
//! ```sh
//! cargo run --release -p dpin-example-subxt -- ws://127.0.0.1:9944
//! ```

use dpin_primitives::{Hash, TaskId};
use dpin_rpc::{ComputeApiClient, TaskView};
use jsonrpsee::{
    core::client::ClientT,
    rpc_params,
    ws_client::{WsClient, WsClientBuilder},
};
use std::error::Error;
use subxt::{
    OnlineClient, SubstrateConfig,
    dynamic::{Value, runtime_api_call, transaction},
    ext::{scale_decode::DecodeAsType, scale_value::value},
};
use subxt_signer::sr25519::dev;

/// The most bytes of an output in one answer.
const PART: u32 = 1 << 20;

/// The event `jobs.JobSubmitted`: the fields that are wanted.
#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct JobSubmitted {
    job: u64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).unwrap_or("ws://127.0.0.1:9944".into());
    let api = OnlineClient::<SubstrateConfig>::from_url(&url).await?;
    let node = WsClientBuilder::default().build(&url).await?;

    let kernels = node.kernels(None, 100).await?.kernels;
    let kernel = kernels.iter().find(|kernel| kernel.entry == "mandelbrot").ok_or("no kernel `mandelbrot`")?;

    let scalars = [-134_217_728, 0, 3_145_728, 500].map(|scalar: i32| Value::from_bytes(scalar.to_le_bytes()));
    let spec = value!({
        kernel: Value::from_bytes(kernel.id),
        global_size: (256u32, 256u32, 1u32),
        scalars: Value::unnamed_composite(scalars),
        inputs: (),
        reward: { asset: Native(), per_task: 1_000_000_000_000u64 },
        tasks: Auto(),
        audit: { auditors: 0u32, samples: Count(32u32), challenge_blocks: 0u32 },
        run_blocks: 20u32,
        requires: {
            memory: 0u64, fp64: false, class: None(), region: (),
            fp32: { denormals: false, rounded_division: false }, reputation: 0u32, certified: false
        }
    });

    let at = api.at_current_block().await?;
    let quote = runtime_api_call::<_, Value>("ComputeApi", "quote", (spec.clone(),));
    println!("quote: {}", at.runtime_apis().call(quote).await?);

    let call = transaction("Jobs", "submit_job", (spec,));
    let submitted = at.transactions().sign_and_submit_then_watch_default(&call, &dev::charlie()).await?;
    let events = submitted.wait_for_finalized_success().await?;
    let mut posted = events.iter().flatten().filter(|event| event.event_name() == "JobSubmitted");
    let job = posted.next().ok_or("no job was posted")?.decode_fields_unchecked_as::<JobSubmitted>()?.job;

    let mut changes = node.subscribe_job(job).await?;
    let view = loop {
        let item = changes.next().await.ok_or("the subscription has ended")??;
        println!(
            "block {}: job {job}: {:?}",
            item.number,
            item.job.tasks.iter().map(|task| &task.stage).collect::<Vec<_>>()
        );
        if item.job.ended.is_some() {
            break item.job;
        }
    };

    let genesis: Hash = node.request("chain_getBlockHash", rpc_params![0]).await?;
    for task in view.tasks {
        let id = TaskId { job, index: task.index };
        let output = verified_output(&node, &genesis, id, task).await?;
        println!("task {id}: {} bytes, as committed to", output.len());
    }
    println!("ok: job {job} is paid, its output verified");
    Ok(())
}

/// The output of a task, from the node of its worker, checked against the root on the chain.
async fn verified_output(
    node: &WsClient,
    genesis: &Hash,
    id: TaskId,
    task: TaskView,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let (account, commitment) = task.worker.zip(task.commitment).ok_or("a task has failed")?;
    let worker = node.worker(account).await?.ok_or("the worker has left")?;
    let worker = WsClientBuilder::default().build(std::str::from_utf8(&worker.address)?).await?;
    let mut output = Vec::new();
    while (output.len() as u64) < commitment.output_len {
        let part = worker.output(id, output.len() as u64, PART).await?;
        output.extend(part.verify(genesis, id, &commitment.root)?);
    }
    Ok(output)
}
