//! Tests the commands of `dpin` for workers, validators and holders of tokens, and the
//! subscriptions of the JSON-RPC, on one real node.
//!
//! Each command is run as an operator would type it. Then the effect is checked on the chain,
//! without `dpin`. The three lines of the test run in parallel, each with its own account, as each
//! transaction takes a block.

use anyhow::{Context, Result, ensure};
use dpin_primitives::{
    AccountId, AssetKind, BLC, DPN, JobId,
    api::{TaskStage, WorkerInfo, WorkerStatus},
    economy::RewardInfo,
    reason::ReasonCode,
    worker::WorkerKey,
};
use dpin_rpc::{ComputeApiClient, ErrorCode, JobItem, WorkersItem};
use dpin_runtime::{Runtime, parameters::dynamic::economy};
use dpin_tests::{
    actors, books,
    client::Client,
    dpin::Dpin,
    network::{Network, NodeConfig, on_network, worker_pair, worker_suri},
};
use jsonrpsee::core::client::{Error as RpcError, Subscription};
use polkadot_sdk::{
    pallet_session,
    sp_core::{Bytes, Pair},
    sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, CharlieStash, Eve},
};
use serde_json::{Value, json};
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    time::Duration,
};

/// Time limit of a test.
const LIMIT: Duration = Duration::from_secs(240);
/// Blocks of an era: the least that governance may set.
const ERA_BLOCKS: u32 = 20;
/// The least bond.
const MIN_BOND: u128 = 100 * DPN;
/// Exit codes of `dpin`.
const FAILED: i32 = 1;
const USAGE: i32 = 2;
const REFUSED: i32 = 3;
const CONNECTION: i32 = 4;

/// A kernel that does not compile, and its description.
const BROKEN: &str = "__kernel void broken(__global uint *out) { out[0] = no_such_thing; }\n";
const BROKEN_TOML: &str =
    "entry = \"broken\"\nparams = [\"output\"]\nlocal_size = [1, 1, 1]\ntiling = { per_group = 4 }\n";

/// A kernel that is registered and unregistered.
const DEPOSIT: &str = "__kernel void deposit(__global uint *out) { out[dpin_tile()] = 1; }\n";
const DEPOSIT_TOML: &str =
    "entry = \"deposit\"\nparams = [\"output\"]\nlocal_size = [1, 1, 1]\ntiling = { per_group = 4 }\n";

#[test]
fn commands_of_workers_validators_and_holders_do_what_they_say() {
    on_network(vec![NodeConfig::validator(Alice).working()], async |network| {
        let folder = tempfile::tempdir()?;
        let client = network.client(Alice).await?;
        let era = ERA_BLOCKS.try_into().ok().context("the least era is allowed")?;
        actors::set_economy(&client, vec![economy::Parameters::EraBlocks(economy::EraBlocks, Some(era))]).await?;
        let as_worker = Line::new(network, &client, Alice, folder.path())?;
        let as_validator = Line::new(network, &client, Bob, folder.path())?;
        let as_holder = Line::new(network, &client, Charlie, folder.path())?;
        let all =
            async { tokio::try_join!(as_worker.works(network), as_validator.validates(), as_holder.holds()).map(drop) };
        actors::in_time(LIMIT, all).await
    });
}

/// An account that runs commands at Alice's node.
struct Line<'a> {
    client: &'a Client,
    account: AccountId,
    dpin: Dpin,
    folder: &'a Path,
}

impl<'a> Line<'a> {
    fn new(network: &Network, client: &'a Client, account: Sr25519Keyring, folder: &'a Path) -> Result<Self> {
        let dpin = Dpin::new(network.node(Alice)?.url(), format!("//{account}"), folder);
        Ok(Self { client, account: account.to_account_id(), dpin, folder })
    }

    /// The chain's record of the worker.
    async fn worker(&self) -> Result<Option<WorkerInfo>> {
        let (_, at) = self.client.best().await?;
        self.client.call_api("ComputeApi_worker", &self.account, at).await
    }

    async fn known(&self) -> Result<WorkerInfo> {
        self.worker().await?.context("the account is a worker")
    }

    /// Run a command that sends a transaction, and check for its event.
    async fn act(&self, arguments: &[&str], event: &str) -> Result<Value> {
        let sent = self.dpin.ok(arguments).await?;
        let events = sent["events"].as_array().with_context(|| format!("{arguments:?} writes {sent}"))?;
        ensure!(events.iter().any(|told| told == event), "{arguments:?} made {events:?}");
        Ok(sent)
    }

    /// Run a command that the chain must refuse with this error.
    async fn refused(&self, arguments: &[&str], name: &str) -> Result<()> {
        let error = self.dpin.fails(REFUSED, arguments).await?;
        ensure!(error["name"] == name, "{arguments:?} is refused for {error}");
        Ok(())
    }

    /// The life of a worker.
    async fn works(&self, network: &Network) -> Result<()> {
        let url = network.node(Alice)?.url();
        let mut changes = self.client.rpc().subscribe_workers(None).await?;
        let error = self.dpin.fails(FAILED, &["worker", "status"]).await?;
        ensure!(error["name"] == "Workers.UnknownWorker", "{error}");

        // The key is in a file that others must not be able to read.
        let key = self.folder.join("worker.key");
        fs::write(&key, worker_suri(Alice))?;
        let register = [
            &["worker", "register", "--worker-key", "worker.key", "--address", url.as_str()][..],
            &["--devices", "auto", "--take", "0.1DPN", "--take", "2BLC", "--max-run-blocks", "50", "--region", "u33"],
        ]
        .concat();
        fs::set_permissions(&key, Permissions::from_mode(0o644))?;
        self.dpin.fails(USAGE, &register).await?;
        fs::set_permissions(&key, Permissions::from_mode(0o600))?;
        self.act(&register, "Workers.Registered").await?;
        let worker = self.known().await?;
        let key: WorkerKey = worker_pair(Alice)?.public().into();
        ensure!(worker.key == key, "the key is {:?}", worker.key);
        ensure!(worker.address.as_slice() == url.as_bytes() && worker.region.as_slice() == b"u33", "{worker:?}");
        ensure!(worker.offer.min_reward.to_vec() == [(AssetKind::Native, DPN / 10), (BLC, 2 * DPN)], "{worker:?}");
        ensure!(worker.offer.max_run_blocks == 50 && worker.bond == MIN_BOND, "{worker:?}");
        ensure!(worker.devices.iter().all(|device| device.compute_units > 0 && device.memory > 0), "{worker:?}");
        self.refused(&register, "Workers.AlreadyRegistered").await?;

        self.act(&["worker", "bond", "1000DPN"], "Workers.Bonded").await?;
        ensure!(self.known().await?.bond == MIN_BOND + 1_000 * DPN, "{:?}", self.known().await?);
        self.act(&["worker", "unbond", "500DPN"], "Workers.Unbonded").await?;
        ensure!(self.known().await?.bond == MIN_BOND + 500 * DPN, "{:?}", self.known().await?);
        self.refused(&["worker", "unbond", "501DPN"], "Workers.BelowMinBond").await?;

        self.act(&["worker", "offer", "--take", "0.2DPN", "--max-run-blocks", "60"], "Workers.Updated").await?;
        let offered = self.known().await?;
        ensure!(offered.offer.min_reward.to_vec() == [(AssetKind::Native, DPN / 5)], "{offered:?}");
        ensure!(offered.offer.max_run_blocks == 60, "{offered:?}");
        ensure!((&offered.address, &offered.region) == (&worker.address, &worker.region), "{offered:?}");
        ensure!(offered.devices == worker.devices, "{offered:?}");

        let status = self.dpin.ok(&["worker", "status"]).await?;
        ensure!(status["bond"] == (MIN_BOND + 500 * DPN).to_string() && status["available"] == true, "{status}");
        ensure!(status["offer"]["maxRunBlocks"] == 60, "{status}");
        let list = self.dpin.ok(&["worker", "list"]).await?;
        ensure!(list["workers"].as_array().is_some_and(|all| all.contains(&status)), "{status} is not in {list}");

        let job = self.fails_to_build().await?;

        self.act(&["worker", "pause"], "Workers.Paused").await?;
        ensure!(self.known().await?.status == WorkerStatus::Paused, "{:?}", self.known().await?);
        self.refused(&["worker", "pause"], "Workers.AlreadyPaused").await?;
        self.act(&["worker", "resume"], "Workers.Resumed").await?;
        ensure!(self.known().await?.status == WorkerStatus::Active, "{:?}", self.known().await?);
        self.refused(&["worker", "resume"], "Workers.NotPaused").await?;
        self.certifies().await?;
        // This cannot be undone, so a script must confirm it.
        self.dpin.fails(USAGE, &["worker", "leave"]).await?;
        ensure!(self.known().await?.status == WorkerStatus::Active, "{:?}", self.known().await?);
        self.act(&["worker", "leave", "--yes"], "Workers.Left").await?;
        let WorkerStatus::Leaving { free_at } = self.known().await?.status else {
            anyhow::bail!("{:?}", self.known().await?)
        };
        ensure!(free_at > self.client.best().await?.0, "the bond is free from block {free_at} on");
        self.refused(&["worker", "withdraw"], "Workers.TooEarly").await?;

        self.told(&mut changes).await?;
        // The subscription to a job that has ended sends it once and then nothing. The subscription
        // to an unknown job fails at once.
        let mut ended = self.client.rpc().subscribe_job(job).await?;
        ensure!(next(&mut ended).await?.job.ended.is_some(), "job {job} has not ended");
        nothing_more(&mut ended).await?;
        match self.client.rpc().subscribe_job(job + 1_000).await {
            Err(RpcError::Call(error)) if error.code() == ErrorCode::UnknownJob as i32 => Ok(()),
            other => anyhow::bail!("a job that was never posted can be followed: {other:?}"),
        }
    }

    /// A certificate and a claim, and calls that nobody may make here.
    async fn certifies(&self) -> Result<()> {
        self.act(&["worker", "certify", "500BLC"], "Workers.Certified").await?;
        ensure!(self.known().await?.certificate == 500 * DPN, "{:?}", self.known().await?);
        let held = self.holds_for("Workers.Certificate").await?;
        ensure!(held.as_deref() == Some((500 * DPN).to_string().as_str()), "{held:?} is held");
        self.act(&["worker", "decertify"], "Workers.Decertified").await?;
        ensure!(self.known().await?.certificate == 0, "{:?}", self.known().await?);
        self.act(&["worker", "claim-units", "32"], "Canaries.UnitsClaimed").await?;
        self.refused(&["worker", "apply-slash", "99"], "Workers.UnknownSlash").await?;
        // No task is verified, so nobody can call for a jury.
        for call in [
            &["job", "challenge", "99", "--task", "0", "--tile", "0"][..],
            &["job", "report-unavailable", "99", "--task", "0"],
            &["job", "expire", "99", "--task", "0"],
        ] {
            self.refused(call, "ProofOfCompute.UnknownTask").await?;
        }
        let owed = self.dpin.ok(&["job", "claim-owed"]).await?;
        ensure!(owed["claims"] == json!([]) && owed["account"] == self.account.to_string(), "{owed}");
        Ok(())
    }

    /// The amount on hold for a reason, in the output of `token balance`.
    async fn holds_for(&self, reason: &str) -> Result<Option<String>> {
        let told = self.dpin.ok(&["token", "balance"]).await?;
        let balances = told["balances"].as_array().cloned().unwrap_or_default();
        let holds = balances.iter().flat_map(|balance| balance["holds"].as_array().cloned().unwrap_or_default());
        let found = holds.into_iter().find(|hold| hold["reason"] == reason);
        Ok(found.and_then(|hold| hold["amount"].as_str().map(str::to_string)))
    }

    /// Two jobs in one transaction. No worker takes them, as they require more memory than any has.
    async fn posts_together(&self) -> Result<()> {
        let line = "deposit.cl --global 4 --reward 1DPN --auditors 0 --tasks 1 --memory 1TB";
        fs::write(self.folder.join("jobs.txt"), format!("# two jobs\n{line}\n{line}\n"))?;
        self.dpin.fails(REFUSED, &["job", "submit-many", "jobs.txt", "--max-cost", "1DPN", "--force"]).await?;
        let posted = self.dpin.ok(&["job", "submit-many", "jobs.txt", "--force"]).await?;
        let jobs = posted["jobs"].as_array().context("a list")?;
        ensure!(jobs.len() == 2 && jobs.iter().all(|job| job["tasks"] == 1), "{posted}");
        for job in jobs {
            let number = job["job"].to_string();
            self.act(&["job", "cancel", &number], "Jobs.JobEnded").await?;
        }
        ensure!(self.holds_for("Jobs.Escrow").await?.is_none(), "the jobs are cancelled");
        Ok(())
    }

    /// The deposits of a blob and of a kernel are listed, and are released.
    async fn takes_deposits_back(&self) -> Result<()> {
        fs::write(self.folder.join("deposit.cl"), DEPOSIT)?;
        fs::write(self.folder.join("deposit.toml"), DEPOSIT_TOML)?;
        fs::write(self.folder.join("deposit.bin"), b"a blob of its own")?;
        let checked = self.dpin.ok(&["kernel", "check", "deposit.cl"]).await?;
        let registered = self.dpin.ok(&["kernel", "register", "deposit.cl"]).await?;
        let kernel = registered["kernel"].as_str().context("the kernel's id")?.to_string();
        ensure!(checked["manifest"]["id"] == kernel && checked["faults"] == json!([]), "{checked}");
        let blob = self.dpin.ok(&["blob", "put", "deposit.bin"]).await?;
        let blob = blob["blob"].as_str().context("the blob's hash")?.to_string();

        let kernels = self.dpin.ok(&["kernel", "list", "--mine"]).await?;
        ensure!(kernels["kernels"].as_array().is_some_and(|all| all.len() == 1 && all[0]["id"] == kernel), "{kernels}");
        ensure!(
            self.holds_for("Jobs.Kernel").await?.is_some_and(|held| kernels["kernels"][0]["deposit"] == held),
            "{kernels}"
        );
        let blobs = self.dpin.ok(&["blob", "list"]).await?;
        let listed = blobs["blobs"].as_array().context("a list")?;
        ensure!(listed.len() == 2 && listed.iter().any(|one| one["hash"] == blob && one["pins"] == 0), "{blobs}");
        ensure!(self.holds_for("Blobs.Storage").await?.is_some_and(|held| blobs["deposits"] == held), "{blobs}");

        // The source is pinned while the kernel is registered. Unused blobs are removed.
        let source =
            listed.iter().find(|one| one["pins"] == 1).and_then(|one| one["hash"].as_str()).context("the source")?;
        self.refused(&["blob", "remove", source], "Blobs.Pinned").await?;
        let removed = self.dpin.ok(&["blob", "remove", "--unused"]).await?;
        ensure!(removed["removed"] == 1, "{removed}");
        self.posts_together().await?;
        // Only its owner may vouch that it builds.
        self.act(&["kernel", "vouch", &kernel], "Jobs.KernelVouchedFor").await?;
        let stranger = Dpin::new(self.dpin.url(), "//Dave", self.folder);
        let error = stranger.fails(REFUSED, &["kernel", "vouch", &kernel]).await?;
        ensure!(error["name"] == "Jobs.NotOwner", "{error}");
        let shown = self.dpin.ok(&["kernel", "show", &kernel]).await?;
        ensure!(shown["quarantines"].as_array().is_some_and(Vec::is_empty), "{shown}");
        self.act(&["kernel", "unregister", &kernel], "Jobs.KernelUnregistered").await?;
        self.dpin.ok(&["blob", "remove", source]).await?;
        for reason in ["Jobs.Kernel", "Blobs.Storage"] {
            ensure!(self.holds_for(reason).await?.is_none(), "{reason} is still held");
        }
        // Nothing is signed for a node of another chain.
        let other = format!("0x{}", "ab".repeat(32));
        self.dpin.fails(USAGE, &["--genesis", &other, "blob", "list"]).await?;
        Ok(())
    }

    /// Post a job whose kernel does not compile, follow it over the JSON-RPC, and read the
    /// compiler's log.
    async fn fails_to_build(&self) -> Result<JobId> {
        fs::write(self.folder.join("broken.cl"), BROKEN)?;
        fs::write(self.folder.join("broken.toml"), BROKEN_TOML)?;
        // A worker takes no jobs of its own.
        let requester = Dpin::new(self.dpin.url(), "//Dave", self.folder);
        let submit = ["job", "submit", "broken.cl", "--global", "1", "--reward", "1DPN", "--auditors", "0"];
        let posted = requester.ok(&submit).await?;
        let job: JobId = posted["job"].as_u64().with_context(|| format!("no job was posted: {posted}"))?;
        let mut states: Subscription<JobItem> = self.client.rpc().subscribe_job(job).await?;
        // There is no second worker to try it, so its end is the second or third item.
        let ended = loop {
            let item = next(&mut states).await?;
            ensure!(item.job.id == job, "{item:?}");
            if item.job.ended.is_some() {
                break item;
            }
        };
        let TaskStage::Failed { reason: ReasonCode::BuildFailed { log: hash } } = ended.job.tasks[0].stage else {
            anyhow::bail!("it ended otherwise: {ended:?}")
        };
        nothing_more(&mut states).await?;

        let number = job.to_string();
        let log = self.dpin.ok(&["job", "log", &number]).await?;
        ensure!(log["log"] == serde_json::to_value(hash)? && log["task"] == 0 && log["attempt"] == 0, "{log}");
        ensure!(log["worker"] == self.account.to_string() && log["reason"]["code"] == "buildFailed", "{log}");
        let text = log["text"].as_str().unwrap_or_default();
        ensure!(text.contains("no_such_thing") && text.contains("kernel.cl:1:"), "the compiler says {text}");
        let named = self.dpin.ok(&["job", "log", &number, "--task", "0", "--hash", &format!("{hash:?}")]).await?;
        ensure!(named["text"] == log["text"], "{named}");
        self.dpin.fails(USAGE, &["job", "log", &number, "--task", "1"]).await?;
        // This node has the report of that task, because its executor made it.
        let report = self.dpin.ok(&["job", "report", &number]).await?;
        ensure!(report["text"].as_str().is_some_and(|text| text.contains("no_such_thing")), "{report}");
        self.dpin.fails(USAGE, &["job", "report", &number, "--task", "1"]).await?;
        let nobodys = format!("0x{}", "ab".repeat(32));
        self.dpin.fails(FAILED, &["job", "log", &number, "--hash", &nobodys]).await?;
        Ok(job)
    }

    /// The items of the subscription to workers: only this worker, from its registration until it
    /// leaves.
    async fn told(&self, changes: &mut Subscription<WorkersItem>) -> Result<()> {
        let mut bonds = Vec::new();
        loop {
            let item = next(changes).await?;
            for worker in item.changed {
                ensure!(worker.account == self.account, "another worker is told: {worker:?}");
                bonds.push(worker.bond);
                if !worker.available && worker.bond == MIN_BOND + 500 * DPN && bonds.len() > 4 {
                    ensure!(bonds[0] == MIN_BOND, "the first that is told is not the registration: {bonds:?}");
                    ensure!(bonds.contains(&(MIN_BOND + 1_000 * DPN)), "{bonds:?}");
                    return Ok(());
                }
            }
        }
    }

    /// Session keys.
    async fn validates(&self) -> Result<()> {
        let alice = Alice.to_account_id().to_string();
        let status = self.dpin.ok(&["validator", "status", &alice]).await?;
        ensure!(status["validator"] == true && status["validators"] == json!([alice]), "{status}");
        ensure!(status["keys"]["babe"] == format!("{:?}", Alice.to_h256_public()), "{status}");
        let status = self.dpin.ok(&["validator", "status"]).await?;
        ensure!(status["validator"] == false && status["keys"].is_null(), "{status}");

        let made = self.dpin.ok(&["validator", "rotate-keys"]).await?;
        let text = |name: &str| made[name].as_str().map(str::to_string).with_context(|| format!("{made}"));
        let (keys, proof) = (text("keys")?, text("proof")?);
        self.dpin.ok(&["validator", "set-keys", "--keys", &keys, "--proof", &proof]).await?;
        let registered = self.dpin.ok(&["validator", "status"]).await?["keys"].take();
        let told = |name: &str| registered[name].as_str().map(|key| key.trim_start_matches("0x").to_string());
        ensure!(
            told("babe").zip(told("grandpa")).map(|(babe, grandpa)| format!("0x{babe}{grandpa}")) == Some(keys.clone())
        );
        ensure!(self.next_keys().await?.as_deref() == Some(keys.as_str()), "the chain has other keys");

        // A proof that was made for another account is invalid.
        let strangers = self.dpin.ok(&["validator", "rotate-keys", "--owner", &alice]).await?;
        let false_proof = strangers["proof"].as_str().context("a proof")?;
        self.refused(&["validator", "set-keys", "--keys", &keys, "--proof", false_proof], "Session.InvalidProof")
            .await?;
        self.dpin.ok(&["validator", "set-keys", "--rotate"]).await?;
        ensure!(self.next_keys().await?.is_some_and(|now| now != keys), "the keys are the old ones");

        // Their deposit is released.
        let held = self.holds_for("Session.Keys").await?;
        ensure!(held.as_deref() == Some((10 * DPN).to_string().as_str()), "{held:?} is held");
        self.dpin.ok(&["validator", "purge-keys"]).await?;
        ensure!(
            self.next_keys().await?.is_none() && self.holds_for("Session.Keys").await?.is_none(),
            "they are still there"
        );
        self.refused(&["validator", "purge-keys"], "Session.NoKeys").await?;
        Ok(())
    }

    /// The registered session keys of the account, in hex.
    async fn next_keys(&self) -> Result<Option<String>> {
        let key = pallet_session::NextKeys::<Runtime>::hashed_key_for(&self.account);
        let keys: Option<[u8; 64]> = self.client.storage(key, None).await?;
        let text = keys.map(|keys| serde_json::to_value(Bytes(keys.to_vec()))).transpose()?;
        Ok(text.and_then(|text| text.as_str().map(str::to_string)))
    }

    /// Money: a transfer, and the claim of a validator's reward for an era.
    async fn holds(&self) -> Result<()> {
        let before = self.dpin.ok(&["token", "balance", "alice"]).await?;
        let assets = (&before["balances"][0]["asset"], &before["balances"][1]["asset"]);
        ensure!(assets == (&json!("dpn"), &json!({ "asset": 1 })), "{before}");
        self.takes_deposits_back().await?;
        let (eve, (_, at)) = (Eve.to_account_id(), self.client.best().await?);
        let had = books::dpn(self.client, &eve, at).await?;
        self.act(&["token", "transfer", "eve", "1.5DPN"], "Balances.Transfer").await?;
        let (_, at) = self.client.best().await?;
        ensure!(books::dpn(self.client, &eve, at).await? == had + DPN * 3 / 2, "Eve has something else");
        self.refused(&["token", "transfer", "dave", "100000000DPN"], "Arithmetic.Underflow").await?;
        let contributor = CharlieStash.to_account_id().to_string();
        let vesting = self.dpin.ok(&["token", "vesting", &contributor]).await?;
        ensure!(vesting["vestings"][0]["claimable"] == "0", "a year has not passed: {vesting}");
        let nothing = self.dpin.ok(&["token", "claim", &contributor]).await?;
        ensure!(nothing["claims"].as_array().is_some_and(Vec::is_empty), "{nothing}");

        // The era ends, and Alice, who authored its blocks, has a reward. Anybody may claim it for
        // her.
        let era = loop {
            let (_, at) = self.client.best().await?;
            let current: u32 = self.client.call_api("EconomyApi_current_era", (), at).await?;
            match current.checked_sub(1) {
                Some(ended) => break ended,
                None => tokio::time::sleep(Duration::from_millis(500)).await,
            }
        };
        let reward = self.reward(era).await?.context("Alice has earned something")?;
        ensure!(reward.validator > 0, "{reward:?}");
        let all = reward.capacity + reward.demand + reward.validator + reward.super_node;
        let planned = self.dpin.ok(&["token", "claim", "alice", "--dry-run"]).await?;
        ensure!(planned["claims"][0]["amount"] == all.to_string(), "{planned} of {reward:?}");
        ensure!(self.reward(era).await?.is_some(), "a dry run claims");
        let claimed = self.dpin.ok(&["token", "claim", "alice"]).await?;
        let events = &claimed["transactions"][0]["events"];
        let paid =
            |events: &Value| events.as_array().is_some_and(|all| all.iter().any(|e| e == "Issuance.RewardClaimed"));
        ensure!(claimed["claims"] == planned["claims"] && paid(events), "{claimed}");
        ensure!(self.reward(era).await?.is_none(), "the reward is still there");
        Ok(())
    }

    async fn reward(&self, era: u32) -> Result<Option<RewardInfo>> {
        let (_, at) = self.client.best().await?;
        self.client.call_api("EconomyApi_reward", (era, Alice.to_account_id()), at).await
    }
}

/// A kernel that writes its scalar, once for a whole task, and one that copies its input tile by
/// tile.
const SUM: &str = "__kernel void sum(__global uint *out, uint n) { if (get_local_id(0) == 0) out[0] = n; }\n";
const SUM_TOML: &str =
    "entry = \"sum\"\nparams = [\"output\", { scalar = 4 }]\nlocal_size = [1, 1, 1]\ntiling = { whole = 4 }\n";
const COPY: &str = "__kernel void copy(__global uint *out, __global const uint *in) {
    out[dpin_tile() * 64 + get_local_id(0)] = in[get_global_id(0)];
}
";
const COPY_TOML: &str = "entry = \"copy\"\nparams = [\"output\", \"input\"]\nlocal_size = [64, 1, 1]\n\
    tiling = { per_group = 256 }\n";

/// Time limit of the test of jobs, with a node that is killed and started again.
const JOBS_LIMIT: Duration = Duration::from_secs(300);

/// Alice's node makes the blocks, and Charlie's works. The registered address of Charlie's node is
/// wrong at first.
#[test]
fn jobs_are_checked_before_they_are_paid_and_never_paid_twice() {
    on_network(vec![NodeConfig::validator(Alice), NodeConfig::worker(Charlie)], async |network| {
        let folder = tempfile::tempdir()?;
        for (name, text) in [("sum.cl", SUM), ("sum.toml", SUM_TOML), ("copy.cl", COPY), ("copy.toml", COPY_TOML)] {
            fs::write(folder.path().join(name), text)?;
        }
        fs::write(folder.path().join("large.bin"), vec![7u8; 2 << 20])?;
        fs::write(folder.path().join("small.bin"), [1u8, 2, 3, 4].repeat(64))?;
        let client = network.client(Alice).await?;
        actors::register_workers(&client, [(Charlie, "ws://127.0.0.1:1".to_string())]).await?;
        actors::in_time(JOBS_LIMIT, life_of_jobs(network, folder.path())).await
    });
}

async fn life_of_jobs(network: &mut Network, folder: &Path) -> Result<()> {
    let at = |url: String, name: &str| Dpin::new(url, format!("//{name}"), folder);
    let (alice, charlie) = (network.node(Alice)?.url(), network.node(Charlie)?.url());
    let dave = at(alice.clone(), "Dave");
    refusals_are_free(&dave, &at(alice.clone(), "Charlie"), folder).await?;
    let job = at_once(&dave).await?;

    // No node answers at the worker's address, but the own node has the output with its proof.
    let (number, out) = (job.to_string(), folder.join("copy.bin"));
    at(charlie.clone(), "Dave").ok(&["job", "output", &number, "--out", "copy.bin"]).await?;
    ensure!(fs::read(&out)? == [1u8, 2, 3, 4].repeat(64), "the output is not the input");
    dave.fails(USAGE, &["job", "output", &number, "--out", "copy.bin"]).await?;
    at(charlie.clone(), "Dave").ok(&["job", "output", &number, "--out", "copy.bin", "--force"]).await?;

    at(alice.clone(), "Charlie").ok(&["worker", "offer", "--address", &charlie]).await?;
    a_node_that_dies(network, &dave, folder).await
}

/// The balances of the command's account, in the output of `dpin`.
async fn balances(dpin: &Dpin) -> Result<Value> {
    Ok(dpin.ok(&["token", "balance"]).await?["balances"].take())
}

/// Refused commands cost nothing.
async fn refusals_are_free(dave: &Dpin, charlie: &Dpin, folder: &Path) -> Result<()> {
    fs::write(folder.join("mine.bin"), b"mine")?;
    let before = (balances(dave).await?, balances(charlie).await?);
    let sum = ["job", "run", "sum.cl", "--scalar", "7", "--reward", "1DPN", "--global", "4"];
    let copy = ["job", "run", "copy.cl", "--global", "64", "--reward", "1DPN", "--auditors", "0"];
    let cases: [(i32, &[&str], &[&str]); 8] = [
        (REFUSED, &sum, &["--auditors", "0", "--out", "a.bin", "--max-cost", "0.5DPN"]),
        (USAGE, &sum, &["--auditors", "0", "--out", "none/a.bin"]),
        (USAGE, &sum, &["--auditors", "0", "--out", "mine.bin"]),
        (REFUSED, &sum, &["--auditors", "0", "--out", "a.bin", "--tasks", "2"]),
        (REFUSED, &sum, &["--auditors", "0", "--out", "a.bin", "--class", "gpu"]),
        (REFUSED, &sum, &["--auditors", "2", "--out", "a.bin"]),
        (CONNECTION, &copy, &["--in", "large.bin", "--blob-url", "http://127.0.0.1:1", "--out", "a.bin"]),
        (REFUSED, &copy, &["--in", "small.bin", "--out", "a.bin", "--reward", "1000000000DPN"]),
    ];
    for (code, line, options) in cases {
        let line: Vec<&str> = if options.contains(&"--reward") { without_reward(line) } else { line.to_vec() };
        let error = dave.fails(code, &[&line[..], options].concat()).await?;
        ensure!(error["job"].is_null(), "a job was posted: {error}");
    }
    // The only worker is the requester's own.
    let own = charlie.fails(REFUSED, &[&sum[..], &["--auditors", "0", "--out", "a.bin"]].concat()).await?;
    ensure!(own["name"] == "doubtful", "{own}");
    let after = (balances(dave).await?, balances(charlie).await?);
    ensure!(before == after, "what is refused has cost something: {before:?}, {after:?}");
    ensure!(fs::read(folder.join("mine.bin"))? == b"mine" && !folder.join("a.bin").exists(), "something was written");
    Ok(())
}

fn without_reward<'a>(line: &[&'a str]) -> Vec<&'a str> {
    let at = line.iter().position(|word| *word == "--reward").unwrap_or(line.len());
    line.iter().enumerate().filter(|(place, _)| *place != at && *place != at + 1).map(|(_, word)| *word).collect()
}

/// Several commands of one account run at once, and all of them post their job. They also store the
/// same input and register the same kernel. Returns one of the jobs.
async fn at_once(dave: &Dpin) -> Result<JobId> {
    let submit =
        ["job", "submit", "copy.cl", "--global", "64", "--in", "small.bin", "--reward", "1DPN", "--auditors", "0"];
    let all = futures::future::try_join_all((0..4).map(|_| dave.ok(&submit))).await?;
    let jobs: Vec<JobId> = all.iter().filter_map(|posted| posted["job"].as_u64()).collect();
    let mut different = jobs.clone();
    different.sort_unstable();
    different.dedup();
    ensure!(different.len() == 4, "four commands have posted the jobs {jobs:?}");
    let list = dave.ok(&["job", "list"]).await?;
    ensure!(list["jobs"].as_array().is_some_and(|list| list.len() == 4), "there are other jobs: {list}");
    for job in &jobs {
        while dave.ok(&["job", "show", &job.to_string()]).await?["ended"].is_null() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    Ok(jobs[0])
}

/// The node of a command is killed while the command waits for its job, and is started again. The
/// command goes on, and has posted one job.
async fn a_node_that_dies(network: &mut Network, dave: &Dpin, folder: &Path) -> Result<()> {
    let before = dave.ok(&["job", "list"]).await?["jobs"].as_array().map_or(0, Vec::len);
    let run = [
        &["job", "run", "sum.cl", "--scalar", "7", "--global", "4", "--reward", "1DPN", "--auditors", "0"][..],
        // Otherwise the job could end before the node is killed.
        &["--challenge-blocks", "10", "--out", "sum.bin"],
    ]
    .concat();
    let (done, ()) = tokio::try_join!(dave.ok(&run), async {
        loop {
            let list = dave.ok(&["job", "list"]).await?;
            if list["jobs"].as_array().map_or(0, Vec::len) > before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        network.kill(Alice)?;
        tokio::time::sleep(Duration::from_secs(3)).await;
        network.restart(Alice).await
    })?;
    ensure!(fs::read(folder.join("sum.bin"))? == 7u32.to_le_bytes(), "the output is wrong: {done}");
    let after = dave.ok(&["job", "list"]).await?["jobs"].as_array().map_or(0, Vec::len);
    ensure!(after == before + 1, "{} jobs were posted", after - before);
    Ok(())
}

/// The next item of a subscription.
async fn next<T: serde::de::DeserializeOwned>(items: &mut Subscription<T>) -> Result<T> {
    Ok(items.next().await.context("the subscription has ended")??)
}

/// The subscription to a job that has ended sends no more items.
async fn nothing_more(items: &mut Subscription<JobItem>) -> Result<()> {
    match tokio::time::timeout(Duration::from_secs(1), items.next()).await {
        Ok(Some(item)) => anyhow::bail!("an ended job goes on: {item:?}"),
        Ok(None) | Err(_) => Ok(()),
    }
}
