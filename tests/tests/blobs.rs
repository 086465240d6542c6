//! Tests a large blob on a network of real nodes.

use anyhow::{Context, Result, ensure};
use dpin_rpc::BlobApiClient;
use dpin_tests::{
    blobs::{BlobClient, random_file},
    network::{Network, NodeConfig},
};
use polkadot_sdk::sp_keyring::Sr25519Keyring::{Alice, Bob};
use std::time::{Duration, Instant};

/// Time limit for each wait.
const LIMIT: Duration = Duration::from_secs(120);

/// The bytes of a blob that Bob's node has.
async fn present(network: &Network, id: dpin_primitives::BlobHash) -> Result<u64> {
    let status = network.client(Bob).await?.rpc().status(id).await?;
    Ok(status.present.unwrap_or(0))
}

async fn wait_for(network: &Network, id: dpin_primitives::BlobHash, least: u64) -> Result<u64> {
    let deadline = Instant::now() + LIMIT;
    loop {
        let there = present(network, id).await?;
        if there >= least {
            return Ok(there);
        }
        ensure!(Instant::now() < deadline, "{there} of {least} bytes are there");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Bob fetches from Alice, who sends 10 MB per second. His node is killed in the middle, and then
/// resumes.
#[test]
fn a_blob_goes_from_node_to_node_and_a_killed_node_goes_on_where_it_was() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let listen = ["--blob-listen", "127.0.0.1:0"];
        let alice = NodeConfig::validator(Alice).with_options(&listen).with_options(&["--blob-upload-mbps", "80"]);
        let bob = NodeConfig::validator(Bob).with_options(&listen);
        let mut network = Network::start(vec![alice, bob], None).await.unwrap();
        if let Err(error) = scenario(&mut network).await {
            panic!("{error:?}");
        }
    });
}

async fn scenario(network: &mut Network) -> Result<()> {
    const LEN: u64 = (64 << 20) + 12_345;
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("blob");
    let id = random_file(&file, LEN)?;
    BlobClient::new(network.node(Alice)?)?.put(id, &file)?;
    let bob = BlobClient::new(network.node(Bob)?)?;
    ensure!(bob.status_for_strangers(id)? == 403, "a stranger may have any blob fetched");

    let fetching = {
        let bob = bob.clone();
        tokio::task::spawn_blocking(move || bob.fetch(id))
    };
    let before = wait_for(network, id, 8 << 20).await?;
    ensure!(before < LEN / 2, "the bandwidth is not limited");
    network.kill(Bob)?;
    ensure!(fetching.await?.is_err(), "a killed node has answered");

    network.restart(Bob).await?;
    // It has kept these bytes: nobody has asked for the blob again yet.
    let after = wait_for(network, id, before).await?;
    ensure!(after < LEN, "nothing is left to fetch");
    let bob = BlobClient::new(network.node(Bob)?)?;
    let again = bob.clone();
    tokio::task::spawn_blocking(move || again.fetch(id)).await?.context("after the restart")?;
    ensure!(present(network, id).await? == LEN, "it is not whole");
    ensure!(tokio::task::spawn_blocking(move || bob.read(id)).await?? == (id, LEN), "other bytes");
    Ok(())
}
