//! `dpin worker`: register, bond and maintain a worker.

use crate::{
    blocking::run_blocking,
    chain::{
        Chain,
        call::Call,
        reach,
        signer::{self, Signer},
    },
    context::Context,
    error::{Error, Result},
    kernel::executor,
    text::{
        amount::{self, Money},
        device::{listed, parse_device},
        escape::inline,
        output::{self, bytes, count, fields, table},
        parse,
    },
};
use clap::{Args, Subcommand};
use dpin_primitives::{
    AccountId, AssetKind, BLC, Balance, BlockNumber, KernelId, SLOT_MS,
    address::NodeAddress,
    api::{Page, ParametersInfo, WorkerInfo, WorkerStatus},
    worker::{Device, DeviceClass, Offer, PublicAddress, Region, possession_message},
};
use polkadot_sdk::sp_runtime::Perbill;
use serde_json::json;
use std::{
    io::{BufRead, IsTerminal, Read},
    path::PathBuf,
};

/// Environment variable with the secret URI of the worker key.
const WORKER_SURI: &str = "DPIN_WORKER_SURI";

/// Register, bond and maintain a worker
#[derive(Subcommand, Debug)]
pub(crate) enum WorkerCommand {
    /// Register a worker with its key, devices and offer. The minimum bond is held
    #[command(after_help = "Example, with the worker key's phrase in worker.key (mode 600):
  dpin --key-file owner.json worker register --worker-key worker.key \\
      --address wss://worker.example:443 --devices auto --take 0.1DPN --take 0.1BLC \\
      --max-run-blocks 100 --region u33")]
    Register(WorkerRegisterArgs),
    /// Add to the bond
    Bond {
        /// Amount to add: 1000DPN
        amount: Money,
    },
    /// Release a part of the bond that is not locked
    Unbond {
        /// Amount to release: 1000DPN
        amount: Money,
    },
    /// Change the offer, or the declared devices, region and address. Omitted options keep their
    /// values. The worker must be idle
    #[command(after_help = "Example:\n  dpin --key-file owner.json worker offer --take 0.2DPN --max-run-blocks 200")]
    Offer(DeclareArgs),
    /// Show the chain's record of a worker
    Status {
        /// Account of the worker [default: that of the signing key]
        #[arg(value_parser = parse::account)]
        account: Option<AccountId>,
    },
    /// List the registered workers
    List(WorkerListArgs),
    /// Stop taking tasks until resumed. Tasks in flight continue
    Pause,
    /// Take tasks again
    Resume,
    /// Stop taking tasks for good. The command first shows when the bond can be released with `dpin
    /// worker withdraw`
    #[command(
        after_help = "Example:\n  dpin --key-file owner.json worker leave        # asks for confirmation; in scripts use --yes"
    )]
    Leave {
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Release the bond of a worker that has left
    Withdraw {
        /// Account of the worker [default: that of the signing key]
        #[arg(value_parser = parse::account)]
        account: Option<AccountId>,
    },
    /// Lock BLC as a certificate, or add to it. A certified worker also gets jobs that require
    /// certified workers
    #[command(after_help = "Example:\n  dpin --key-file owner.json worker certify 500BLC")]
    Certify {
        /// Amount to lock: 500BLC
        amount: Money,
    },
    /// Release the whole certificate
    Decertify,
    /// Claim the number of units of the throughput canary that your devices compute within a
    /// window. The next canaries prove it
    #[command(after_help = "Example:\n  dpin --key-file owner.json worker claim-units 64")]
    ClaimUnits {
        /// Number of units
        units: u32,
    },
    /// Carry out a slash that is due. The chain does this itself as soon as a block has room.
    /// Anybody may call this
    ApplySlash {
        /// Number of the slash, from its event
        slash: u64,
    },
}

/// Arguments of `worker register`.
#[derive(Args, Debug)]
pub(crate) struct WorkerRegisterArgs {
    /// File with the worker key's secret URI, readable only by you (or set DPIN_WORKER_SURI). The
    /// URI signs a proof of possession and is not sent
    #[arg(long, value_name = "FILE")]
    worker_key: Option<PathBuf>,
    #[command(flatten)]
    declare: DeclareArgs,
}

/// The declaration of a worker.
#[derive(Args, Debug)]
pub(crate) struct DeclareArgs {
    /// Public URL of your node's JSON-RPC, from which outputs are fetched: wss://worker.example:443
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    /// Region of the worker: the first characters of its geohash
    #[arg(long, value_name = "GEOHASH", value_parser = parse::region)]
    region: Option<Region>,
    /// Description of a device; repeat it for each:
    /// class=gpu,vendor=NVIDIA,model=H200,memory=139GiB,units=132,fp64,denormals,rounded-division
    #[arg(long = "device", value_name = "DEVICE", value_parser = parse_device)]
    devices: Vec<Device>,
    /// File with the devices, as `dpin-executor devices --json` prints them; or `auto`, `all`,
    /// `gpu`, `nvidia:h200` or `pci:0000:01:00.0` for the devices that the executor of this machine
    /// uses with this value of its `--device`
    #[arg(long = "devices", value_name = "FILE", conflicts_with = "devices")]
    devices_from: Option<String>,
    /// The node's --executor-config file: with --devices, its devices and memory are declared
    #[arg(long, value_name = "FILE", requires = "devices_from")]
    executor_config: Option<PathBuf>,
    /// Numbers of the devices to declare among those of --devices: 0 or 0,2
    #[arg(long, value_name = "INDEX", requires = "devices_from", value_delimiter = ',')]
    device_index: Vec<usize>,
    /// Minimum reward for a task, in an asset to accept; repeat it for each asset: 0.1DPN
    #[arg(long = "take", value_name = "AMOUNT")]
    take: Vec<Money>,
    /// Id of a kernel to accept; repeat it for each [default of `register`: all kernels]
    #[arg(long = "kernel", value_name = "KERNEL", value_parser = parse::hash)]
    kernels: Vec<KernelId>,
    /// Maximum time of a task to accept, in blocks of 3 s [default of `register`: 100]
    #[arg(long, value_name = "BLOCKS")]
    max_run_blocks: Option<u32>,
}

/// Arguments of `worker list`.
#[derive(Args, Debug)]
pub(crate) struct WorkerListArgs {
    /// List only workers of this class: gpu, cpu or accelerator
    #[arg(long, value_parser = parse::class)]
    class: Option<DeviceClass>,
    /// Maximum number of workers to list
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
    /// List only workers after the one with this number
    #[arg(long, value_name = "NUMBER")]
    after: Option<u32>,
}

/// Run the command.
///
/// # Errors
///
/// When the command fails.
pub(crate) async fn run(command: WorkerCommand, context: &Context) -> Result<()> {
    match command {
        WorkerCommand::Register(args) => register(args, context).await,
        WorkerCommand::Bond { amount } => {
            let planck = planck(&amount)?;
            context.send_and_report(Call::bond(planck), &format!("bonded {}", amount::dpn(planck))).await
        }
        WorkerCommand::Unbond { amount } => {
            let planck = planck(&amount)?;
            context.send_and_report(Call::unbond(planck), &format!("unbonded {}", amount::dpn(planck))).await
        }
        WorkerCommand::Offer(args) => offer(args, context).await,
        WorkerCommand::Status { account } => status(account, context).await,
        WorkerCommand::List(args) => list(args, context).await,
        WorkerCommand::Pause => context.send_and_report(Call::pause(), "paused").await,
        WorkerCommand::Resume => context.send_and_report(Call::resume(), "resumed").await,
        WorkerCommand::Leave { yes } => leave(yes, context).await,
        WorkerCommand::Withdraw { account } => {
            let account = context.account(&account)?;
            context.send_and_report(Call::withdraw(&account), &format!("released the bond of {account}")).await
        }
        WorkerCommand::Certify { amount } => {
            let (asset, units) = amount
                .resolve(Some(BLC))
                .map_err(|problem| Error::usage(format!("a certificate is in BLC: {problem}")))?;
            context
                .send_and_report(
                    Call::certify(units),
                    &format!("locked {} as a certificate", amount::show(units, &asset)),
                )
                .await
        }
        WorkerCommand::Decertify => context.send_and_report(Call::decertify(), "released the certificate").await,
        WorkerCommand::ClaimUnits { units } => {
            context
                .send_and_report(
                    Call::claim_units(units),
                    &format!("claimed {}; the next canaries prove it", count(units, "unit")),
                )
                .await
        }
        WorkerCommand::ApplySlash { slash } => {
            context.send_and_report(Call::apply_slash(slash), &format!("carried out slash {slash}")).await
        }
    }
}

fn planck(amount: &Money) -> Result<Balance> {
    amount.planck().map_err(|problem| Error::usage(format!("a bond is in DPN: {problem}")))
}

fn public_address(url: &str) -> Result<PublicAddress> {
    NodeAddress::parse(url.as_bytes()).map_err(|problem| {
        Error::usage(format!("--address: `{url}` is not the URL of a node: {problem}"))
            .hint("use a URL such as wss://worker.example:443")
    })?;
    url.as_bytes().to_vec().try_into().map_err(|_| Error::usage("--address: at most 128 characters"))
}

/// Refuse an address to which other people's nodes send no requests. A worker whose output cannot
/// be fetched loses a part of its bond.
async fn check_address(chain: &Chain, address: &PublicAddress) -> Result<()> {
    let Ok(address) = NodeAddress::parse(address) else { return Ok(()) };
    reach::check(chain, &address)
        .await
        .map_err(|error| Error { message: format!("--address: {}", error.message), ..error })
}

/// Select the listed devices with these numbers; all of them if there are no numbers.
fn select_devices(text: &str, numbers: &[usize]) -> Result<String> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if numbers.is_empty() {
        return Ok(lines.join("\n"));
    }
    let of = |number: &usize| {
        let none =
            || Error::usage(format!("--device-index {number} does not exist; {} devices are listed", lines.len()));
        lines.get(*number).copied().ok_or_else(none)
    };
    Ok(numbers.iter().map(of).collect::<Result<Vec<_>>>()?.join("\n"))
}

/// Whether `text` is a value of the executor's `--device`, and not a file.
fn is_choice(text: &str) -> bool {
    let known = ["auto", "all", "gpu", "cpu", "accelerator"].contains(&text);
    known || (text.contains(':') && !text.contains('/') && !std::path::Path::new(text).exists())
}

impl DeclareArgs {
    fn devices(&self) -> Result<Option<Vec<Device>>> {
        let Some(from) = &self.devices_from else {
            return Ok(Some(self.devices.clone()).filter(|devices| !devices.is_empty()));
        };
        let config = self.executor_config.as_deref();
        if config.is_some() && !is_choice(from) {
            return Err(Error::usage(
                "--executor-config cannot be used with a file of devices; use it with --devices auto, all or gpu",
            ));
        }
        let text = match from.as_str() {
            // The executor numbers them among all devices.
            "auto" | "all" if !self.device_index.is_empty() => {
                let numbers: Vec<String> = self.device_index.iter().map(ToString::to_string).collect();
                executor::devices(&numbers.join(","), config)?
            }
            choice if is_choice(choice) && self.device_index.is_empty() => executor::devices(choice, config)?,
            path => {
                let text = std::fs::read_to_string(path);
                select_devices(
                    &text.map_err(|error| Error::usage(format!("{path} cannot be read: {error}")))?,
                    &self.device_index,
                )?
            }
        };
        let devices = listed(&text)?;
        if devices.len() < self.device_index.len() {
            return Err(Error::usage("a device of --device-index does not exist"));
        }
        if devices.is_empty() {
            return Err(
                Error::usage("the list has no device").hint("a CPU can be used with PoCL: install pocl-opencl-icd")
            );
        }
        Ok(Some(devices))
    }

    fn min_reward(&self) -> Result<Option<Vec<(AssetKind, Balance)>>> {
        let resolved = self.take.iter().map(|money| money.resolve(None)).collect::<std::result::Result<Vec<_>, _>>();
        let taken = resolved.map_err(|problem| Error::usage(format!("--take: {problem}")))?;
        Ok(Some(taken).filter(|taken| !taken.is_empty()))
    }

    fn offer(&self, now: Option<Offer>) -> Result<Offer> {
        let too_many = |what: &str| Error::usage(format!("{what} is given too many times"));
        let min_reward = match (self.min_reward()?, &now) {
            (Some(taken), _) => taken.try_into().map_err(|_| too_many("--take"))?,
            (None, Some(now)) => now.min_reward.clone(),
            (None, None) => {
                return Err(Error::usage("--take is missing")
                    .hint("give the minimum reward in each asset to accept: --take 0.1DPN"));
            }
        };
        let kernels = match &now {
            Some(now) if self.kernels.is_empty() => now.kernels.clone(),
            _ => self.kernels.clone().try_into().map_err(|_| too_many("--kernel"))?,
        };
        let max_run_blocks = self.max_run_blocks.or(now.map(|now| now.max_run_blocks)).unwrap_or(100);
        Ok(Offer { min_reward, kernels, max_run_blocks })
    }
}

fn worker_key(file: &Option<PathBuf>) -> Result<Signer> {
    match file {
        Some(path) => signer::from_file(path, &signer::variable),
        None => match signer::variable(WORKER_SURI) {
            Some(uri) => signer::from_uri(&uri, WORKER_SURI),
            None => Err(Error::usage("the worker key is missing").hint(format!(
                "give --worker-key FILE or set {WORKER_SURI}; `dpin key new FILE` makes a key, which also goes into the node's \
                 keystore: see docs/operator.md"
            ))),
        },
    }
}

async fn register(args: WorkerRegisterArgs, context: &Context) -> Result<()> {
    let key = worker_key(&args.worker_key)?;
    let declare = &args.declare;
    let address = declare.address.as_deref().ok_or_else(|| {
        Error::usage("--address is missing")
            .hint("give the URL from which requesters fetch outputs: --address wss://worker.example:443")
    })?;
    let address = public_address(address)?;
    let devices = declare.devices()?.ok_or_else(|| {
        Error::usage("--devices is missing")
            .hint("use --devices auto for the devices of this machine's executor, or describe each with --device")
    })?;
    let offer = declare.offer(None)?;
    let region = declare.region.clone().unwrap_or_default();
    let (chain, signer) = (context.chain().await?, context.signer()?);
    check_address(&chain, &address).await?;
    let proof = key.sign(&possession_message(&chain.genesis(), &signer.account()));
    let call = Call::register_worker(key.public(), proof, &address, &region, &devices, &offer);
    let sent = context.send(&chain, &signer, &call).await?;
    context.report(&sent, "registered, and the minimum bond is held; add to it with `dpin worker bond`:");
    Ok(())
}

/// Leave, after showing the consequences.
async fn leave(yes: bool, context: &Context) -> Result<()> {
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let info = worker_info(&chain, &signer.account()).await?;
    let parameters: ParametersInfo = chain.api("ComputeApi_parameters", ()).await?;
    let free_at = chain.best().await?.saturating_add(parameters.leave_blocks);
    let what = format!(
        "{} will take no more tasks, which cannot be undone; its bond of {} is free from about block {free_at}, in {}",
        info.account,
        amount::dpn(info.bond),
        duration(parameters.leave_blocks)
    );
    if !yes && !matches!(info.status, WorkerStatus::Leaving { .. }) {
        run_blocking(move || confirm(&what)).await?;
    }
    let sent = context.send(&chain, &signer, &Call::leave()).await?;
    context.report(
        &sent,
        &format!("left; the bond is free from about block {free_at}, in {}:", duration(parameters.leave_blocks)),
    );
    Ok(())
}

/// Ask for confirmation.
fn confirm(what: &str) -> Result<()> {
    let unanswered = || Error::usage(format!("not confirmed: {what}")).hint("confirm with --yes");
    if !std::io::stdin().is_terminal() {
        return Err(unanswered());
    }
    eprint!("{}\nType `yes` to leave: ", inline(what));
    let mut answer = String::new();
    std::io::stdin().lock().take(64).read_line(&mut answer).map_err(|_| unanswered())?;
    match answer.trim() {
        "yes" => Ok(()),
        _ => Err(unanswered()),
    }
}

/// The duration of this many blocks.
fn duration(blocks: BlockNumber) -> String {
    let minutes = u64::from(blocks) * SLOT_MS / 60_000;
    match minutes {
        0..=119 => format!("{minutes} min"),
        120..=2_879 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}

async fn worker_info(chain: &Chain, account: &AccountId) -> Result<WorkerInfo> {
    let found: Option<WorkerInfo> = chain.api("ComputeApi_worker", account).await?;
    found.ok_or_else(|| {
        Error::failed(format!("{account} is not a worker"))
            .named("Workers.UnknownWorker")
            .hint("register it with `dpin worker register`")
    })
}

async fn offer(args: DeclareArgs, context: &Context) -> Result<()> {
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let now = worker_info(&chain, &signer.account()).await?;
    let address = match &args.address {
        Some(address) => public_address(address)?,
        None => now.address,
    };
    let region = args.region.clone().unwrap_or(now.region);
    if args.address.is_some() {
        check_address(&chain, &address).await?;
    }
    let devices = args.devices()?.unwrap_or(now.devices);
    let offer = args.offer(Some(now.offer))?;
    let sent = context.send(&chain, &signer, &Call::update_worker(&address, &region, &devices, &offer)).await?;
    context.report(&sent, "changed the declaration");
    Ok(())
}

fn status_name(status: &WorkerStatus) -> &'static str {
    match status {
        WorkerStatus::Active => "active",
        WorkerStatus::Paused => "paused",
        WorkerStatus::NoDevice => "not ready",
        WorkerStatus::Leaving { .. } => "leaving",
    }
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A share as people read it: `97.5 %`.
fn share(share: Perbill) -> String {
    format!("{:.1} %", f64::from(share.deconstruct()) / 1e7)
}

/// The name of a device: its class, if it has no name.
fn device_name(device: &Device) -> String {
    let name = [&device.vendor[..], &device.model[..]].map(text_of).join(" ");
    match name.trim() {
        "" => parse::class_name(device.class),
        name => name.to_string(),
    }
}

/// The tasks that a worker accepts, in words. A limit at the chain's own limit counts as none.
fn accepted_text(offer: &Offer, least_reward: Balance, longest: BlockNumber) -> String {
    let least = |(asset, least): &(AssetKind, Balance)| match *least <= least_reward {
        true => format!("any reward in {}", amount::name(asset)),
        false => format!("{} or more", amount::show(*least, asset)),
    };
    let assets: Vec<String> = offer.min_reward.iter().map(least).collect();
    let blocks = match offer.max_run_blocks >= longest {
        true => "any number of blocks".to_string(),
        false => format!("up to {}", count(offer.max_run_blocks, "block")),
    };
    format!("{}, {blocks}", assets.join(", "))
}

async fn status(account: Option<AccountId>, context: &Context) -> Result<()> {
    let account = context.account(&account)?;
    let chain = context.chain().await?;
    let info = worker_info(&chain, &account).await?;
    let parameters: ParametersInfo = chain.api("ComputeApi_parameters", ()).await?;
    context.output.result(&output::json(&info), || status_text(&info, &parameters));
    Ok(())
}

/// The state of a worker, as people read it.
fn state_text(info: &WorkerInfo) -> String {
    match info.status {
        WorkerStatus::Leaving { free_at } => format!("leaving; the bond is free from block {free_at}"),
        _ if info.available => "active, and may be drawn for tasks".into(),
        WorkerStatus::Paused => "paused".into(),
        WorkerStatus::NoDevice => {
            "paused by its node, because no device works or its disk is full; run `dpin-executor \
                                   check` on its machine, and see the node's log"
                .into()
        }
        WorkerStatus::Active => {
            "active, but not drawn for tasks now: see its bond, slots, misses and reputation".into()
        }
    }
}

fn status_text(info: &WorkerInfo, parameters: &ParametersInfo) -> String {
    let device = |device: &Device| format!("{} ({})", device_name(device), bytes(device.memory));
    let devices: Vec<String> = info.devices.iter().map(device).collect();
    let kernels = match info.offer.kernels.len() {
        0 => "any".into(),
        some => format!("{some} of them only"),
    };
    let canaries = info
        .passport
        .as_ref()
        .map(|passport| format!("{} proved, last in block {}", count(passport.score, "unit"), passport.last));
    let some = |amount: Balance, text: String| if amount == 0 { String::new() } else { text };
    fields(&[
        ("worker", info.account.to_string()),
        ("state", state_text(info)),
        ("address", text_of(&info.address)),
        ("region", text_of(&info.region)),
        ("devices", devices.join("; ")),
        ("takes", accepted_text(&info.offer, parameters.min_reward, parameters.max_run_blocks)),
        ("kernels", kernels),
        ("bond", format!("{}, {} of it locked", amount::dpn(info.bond), amount::dpn(info.locked))),
        ("slashing", some(info.slashing, format!("{} set aside for pending slashes", amount::dpn(info.slashing)))),
        ("slots", format!("{} of {} busy", info.busy, info.slots)),
        ("reputation", share(info.reputation)),
        ("canaries", canaries.unwrap_or_default()),
        ("misses", some(info.misses.into(), info.misses.to_string())),
        ("certificate", some(info.certificate, amount::show(info.certificate, &BLC))),
    ])
}

async fn list(args: WorkerListArgs, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let page: Page<WorkerInfo, u32> = chain.api("ComputeApi_workers", (args.class, args.after, args.limit)).await?;
    let json = json!({ "workers": page.items, "next": page.next });
    context.output.result(&json, || {
        let rows = page.items.iter().map(|info| {
            vec![
                info.number.to_string(),
                info.account.to_string(),
                parse::class_name(info.class),
                info.devices.first().map(device_name).unwrap_or_default(),
                text_of(&info.region),
                if info.available { "available".into() } else { status_name(&info.status).to_string() },
                format!("{}/{}", info.busy, info.slots),
                amount::dpn(info.bond),
                share(info.reputation),
            ]
        });
        let text = table(
            &["no", "worker", "class", "device", "region", "state", "busy", "bond", "reputation"],
            rows.collect(),
        );
        match page.next {
            Some(next) => format!("{text}\nfor more, use --after {next}"),
            None => text,
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use dpin_primitives::{BLC, DPN};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        declare: DeclareArgs,
    }

    fn declare(line: &str) -> DeclareArgs {
        let line = format!("dpin {line}");
        Line::try_parse_from(line.split_whitespace()).unwrap_or_else(|error| panic!("{error}")).declare
    }

    #[test]
    fn what_is_not_named_of_an_offer_stays() {
        let first = declare("--take 0.1DPN --take 2BLC --max-run-blocks 50").offer(None).unwrap();
        assert_eq!(first.min_reward.to_vec(), [(AssetKind::Native, DPN / 10), (BLC, 2 * DPN)]);
        let second = declare("--max-run-blocks 60").offer(Some(first.clone())).unwrap();
        assert_eq!(second, Offer { max_run_blocks: 60, ..first.clone() });
        let third = declare("--take 1DPN").offer(Some(second)).unwrap();
        assert_eq!(third.min_reward.to_vec(), [(AssetKind::Native, DPN)]);
        assert_eq!(third.max_run_blocks, 60);
        assert!(declare("").offer(None).is_err());
    }

    #[test]
    fn devices_come_from_a_file_or_from_the_line() {
        let line = r#"{"class":"cpu","computeUnits":1,"fp32Denormals":true,"fp32RoundedDivision":true,"fp64":true,"memory":1024,"model":"m","vendor":"v"}"#;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{line}\n{line}\n")).unwrap();
        let path = file.path().display();
        assert_eq!(declare(&format!("--devices {path}")).devices().unwrap().unwrap().len(), 2);
        assert_eq!(declare(&format!("--devices {path} --device-index 1")).devices().unwrap().unwrap().len(), 1);
        assert_eq!(declare(&format!("--devices {path} --device-index 0,1")).devices().unwrap().unwrap().len(), 2);
        assert!(declare(&format!("--devices {path} --device-index 2")).devices().is_err());
        assert_eq!(declare("--device class=gpu,memory=1GiB").devices().unwrap().unwrap().len(), 1);
        assert_eq!(declare("").devices(), Ok(None));
    }

    #[test]
    fn what_is_no_limit_is_not_told_as_a_number() {
        let offer = |least, max_run_blocks| Offer {
            min_reward: vec![(AssetKind::Native, least), (BLC, 2 * DPN)].try_into().unwrap(),
            kernels: Default::default(),
            max_run_blocks,
        };
        assert_eq!(
            accepted_text(&offer(1, u32::MAX), DPN / 100, 28_800),
            "any reward in DPN, 2 BLC or more, any number of blocks"
        );
        assert_eq!(accepted_text(&offer(DPN, 1), DPN / 100, 28_800), "1 DPN or more, 2 BLC or more, up to 1 block");
        let device = declare("--device class=cpu,memory=1GiB").devices().unwrap().unwrap().remove(0);
        assert_eq!(device_name(&device), "cpu");
        let device =
            declare("--device class=gpu,memory=1GiB,vendor=NVIDIA,model=H200").devices().unwrap().unwrap().remove(0);
        assert_eq!(device_name(&device), "NVIDIA H200");
        assert_eq!(
            (duration(20), duration(28_800), duration(864_000)),
            ("1 min".into(), "24 h".into(), "30 days".into())
        );
    }

    #[test]
    fn without_an_answer_nobody_leaves() {
        // Tests have no terminal to ask.
        if !std::io::stdin().is_terminal() {
            let error = confirm("x takes no tasks any more").unwrap_err();
            assert!(error.hint.unwrap().contains("--yes") && error.message.contains("no tasks any more"));
        }
    }

    #[test]
    fn devices_are_asked_for_by_what_they_are() {
        for choice in ["auto", "all", "gpu", "nvidia:h200", "pci:0000:01:00.0"] {
            assert!(is_choice(choice), "{choice}");
        }
        let file = tempfile::Builder::new().prefix("a:").tempfile().unwrap();
        for path in ["devices.json", "./gpu:0.json", file.path().to_str().unwrap()] {
            assert!(!is_choice(path), "{path}");
        }
    }

    #[test]
    fn an_address_is_a_url() {
        assert!(public_address("wss://worker.example:443").is_ok());
        assert!(public_address("worker.example").is_err());
        for bad in ["ws://127.0.0.1:", "ws://worker.example", "wss://worker.example/rpc", "wss://me@worker.example"] {
            assert!(public_address(bad).is_err(), "{bad}");
        }
        assert!(public_address(&format!("wss://{}", "x".repeat(128))).is_err());
    }
}
