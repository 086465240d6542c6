//! `dpin kernel`: check, register and look up kernels.

use crate::{
    blob::file::LIFETIME,
    blocking::run_blocking,
    chain::{call::Call, submit::Sent},
    context::Context,
    error::{Error, Result},
    kernel::{
        check::{Finding, Severity},
        executor::{self, Trial, TrialResult},
        file::{KernelFile, manifest_fields, manifest_json},
        registry,
    },
    text::{
        amount,
        escape::{inline, printable},
        output::{self, fields, short, table},
        parse,
    },
};
use clap::{Args, Subcommand};
use dpin_primitives::{
    BlockNumber, KernelId,
    api::{KernelInfo, Page, Quarantine},
    kernel::Tiling,
};
use dpin_rpc::KernelView;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Check, register and look up kernels
#[derive(Subcommand, Debug)]
pub(crate) enum KernelCommand {
    /// Check a kernel and its description without sending anything. The executor of this machine,
    /// if there is one, also compiles the kernel and runs a few tiles on a device
    #[command(
        after_help = "Examples:\n  dpin kernel check kernels/mandelbrot/mandelbrot.cl\n  dpin kernel check blur.cl --manifest blur-fast.toml\n  \
                      dpin kernel check blur.cl --executor ~/bin/dpin-executor --device 1\n\nChecks of the text are heuristics: the code of a warning may \
                      be intended, and mistakes may stay undetected."
    )]
    Check(CheckArgs),
    /// Register a kernel, and store its source if needed
    #[command(after_help = "Example:\n  dpin --dev bob kernel register kernels/mandelbrot/mandelbrot.cl")]
    Register(KernelRegisterArgs),
    /// Unregister a kernel of yours that no open job uses. Its deposit is returned
    #[command(
        after_help = "Example:\n  dpin --dev bob kernel unregister 0x…      # `dpin kernel list --mine` lists yours"
    )]
    Unregister {
        /// Id of the kernel
        #[arg(value_parser = parse::hash)]
        kernel: KernelId,
    },
    /// Vouch that a kernel of yours builds: its quarantines end, and none begins for 30 days
    ///
    /// After two workers could not build a kernel, no job of it can be posted for their class of
    /// devices for a day. `dpin kernel show` shows this quarantine.
    #[command(
        after_help = "Example:\n  dpin --dev bob kernel vouch 0x…\n\nOnly the account that registered the kernel may vouch. Root can \
                            too, by the call `jobs.vouchForKernel`, for which dpin has no command."
    )]
    Vouch {
        /// Id of the kernel
        #[arg(value_parser = parse::hash)]
        kernel: KernelId,
    },
    /// List the registered kernels
    #[command(
        after_help = "Examples:\n  dpin kernel list\n  dpin --dev bob kernel list --mine      # with their deposits"
    )]
    List(KernelListArgs),
    /// Show a registered kernel
    Show {
        /// Id of the kernel
        #[arg(value_parser = parse::hash)]
        kernel: KernelId,
    },
}

/// The files of a kernel.
#[derive(Args, Debug)]
pub(crate) struct FileArgs {
    /// Source, in OpenCL C 1.2
    #[arg(value_name = "FILE")]
    source: PathBuf,
    /// Description [default: FILE.toml or kernel.toml in the folder of the source]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
}

/// Arguments of `kernel check`.
#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    file: FileArgs,
    /// Executor that tries the kernel [default: dpin-executor in the folder of dpin or in PATH]
    #[arg(long, value_name = "PROGRAM", conflicts_with = "no_compile")]
    executor: Option<PathBuf>,
    /// Device that runs the kernel: auto, or a number from `dpin-executor devices`
    #[arg(long, value_name = "DEVICE", default_value = "auto", conflicts_with = "no_compile")]
    device: String,
    /// Time limit of the trial, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    timeout: u32,
    /// Check only the text
    #[arg(long)]
    no_compile: bool,
}

/// Arguments of `kernel register`.
#[derive(Args, Debug)]
pub(crate) struct KernelRegisterArgs {
    #[command(flatten)]
    file: FileArgs,
    /// Minimum time for which the source stays stored, in blocks of 3 s. A registered kernel keeps
    /// its source in any case
    #[arg(long, value_name = "BLOCKS", default_value_t = LIFETIME)]
    lifetime: BlockNumber,
}

/// Arguments of `kernel list`.
#[derive(Args, Debug)]
pub(crate) struct KernelListArgs {
    /// Maximum number of kernels to list
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
    /// List only kernels after this one
    #[arg(long, value_name = "KERNEL", value_parser = parse::hash)]
    after: Option<KernelId>,
    /// List only kernels of the signing account, with their deposits
    #[arg(long)]
    mine: bool,
}

/// Run the command.
///
/// # Errors
///
/// When the command fails.
pub(crate) async fn run(command: KernelCommand, context: &Context) -> Result<()> {
    match command {
        KernelCommand::Check(args) => check(args, context).await,
        KernelCommand::Register(args) => register(args, context).await,
        KernelCommand::Unregister { kernel } => {
            context
                .send_and_report(
                    Call::unregister_kernel(kernel),
                    "unregistered the kernel, and its deposit was returned",
                )
                .await
        }
        KernelCommand::Vouch { kernel } => {
            context
                .send_and_report(
                    Call::vouch_for_kernel(kernel),
                    "vouched for the kernel: its quarantines, if any, have ended",
                )
                .await
        }
        KernelCommand::List(args) => list(args, context).await,
        KernelCommand::Show { kernel } => show(kernel, context).await,
    }
}

async fn check(args: CheckArgs, context: &Context) -> Result<()> {
    let kernel = KernelFile::load(&args.file.source, args.file.manifest.as_deref())?;
    let findings = kernel.findings();
    let tried =
        if args.no_compile { Err("--no-compile is given".into()) } else { try_kernel(&args, kernel.clone()).await? };
    let of = |severity| findings.iter().filter(move |finding| finding.severity == severity).map(Finding::to_json);
    let (faults, warnings): (Vec<Value>, Vec<Value>) = (of(Severity::Fault).collect(), of(Severity::Warning).collect());
    let json = json!({
        "manifest": manifest_json(&kernel.manifest),
        "sourceBytes": kernel.source.len(),
        "faults": faults,
        "warnings": warnings,
        "compiled": tried.is_ok(),
        "tried": tried.as_ref().ok(),
        "notCompiled": tried.as_ref().err(),
    });
    context.output.result(&json, || check_text(&kernel, &findings, &tried));
    check_verdict(&findings, &tried)
}

/// The executor's findings, or the reason why there are none.
async fn try_kernel(args: &CheckArgs, kernel: KernelFile) -> Result<std::result::Result<TrialResult, String>> {
    let Some(program) = args.executor.clone().or_else(executor::program) else {
        return Ok(Err("dpin-executor is neither in the folder of this program nor in PATH (see --executor)".into()));
    };
    let (source, device, seconds) = (args.file.source.clone(), args.device.clone(), args.timeout);
    run_blocking(move || {
        executor::try_kernel(&program, &Trial { source: &source, kernel: &kernel, device: &device, seconds })
    })
    .await
}

/// The findings, as people read them.
fn check_text(kernel: &KernelFile, findings: &[Finding], tried: &std::result::Result<TrialResult, String>) -> String {
    let mut lines = manifest_fields(&kernel.manifest);
    lines.push(("size", format!("{} bytes of source", kernel.source.len())));
    let mut text = fields(&lines);
    if matches!(kernel.manifest.tiling, Tiling::Whole { .. }) {
        text +=
            "\n\nthe whole output of a task is one tile: each task of a job writes such an output, one after the other";
    }
    for finding in findings {
        let word = match finding.severity {
            Severity::Fault => "wrong",
            Severity::Warning => "suspicious",
        };
        text += &format!("\n\n{word}, {}\n  next: {}", finding.text(), finding.remedy);
    }
    match tried {
        Err(why) => text += &format!("\n\nsource and description match; the kernel was not compiled: {}", inline(why)),
        Ok(tried) => {
            let device = inline(&tried.device);
            text += &match tried.built {
                true => format!("\n\ncompiled and ran a few tiles on {device}"),
                false => format!("\n\nthe kernel does not compile for {device}"),
            };
            for fault in &tried.faults {
                text += &format!("\nwrong: {} ({})", inline(&fault.message), inline(&fault.rule));
            }
            for note in tried.notes.iter().take(16) {
                text += &format!("\nnote: {}", inline(note));
            }
            if !tried.log.trim().is_empty() {
                text += &format!("\n\n{}", printable(tried.log.trim_end()));
            }
        }
    }
    text
}

/// Fails if the kernel is certainly wrong.
fn check_verdict(findings: &[Finding], tried: &std::result::Result<TrialResult, String>) -> Result<()> {
    if let Some(fault) = findings.iter().find(|finding| finding.severity == Severity::Fault) {
        return Err(Error::usage(format!("the kernel breaks a rule: {}", fault.text())).hint(fault.remedy));
    }
    let Ok(tried) = tried else { return Ok(()) };
    if !tried.built {
        return Err(Error::usage("the kernel does not compile")
            .hint("see the compiler's messages above; their line numbers are those of your source"));
    }
    match tried.faults.first() {
        Some(fault) => {
            Err(Error::usage(format!("the kernel breaks a rule: {} ({})", inline(&fault.message), inline(&fault.rule)))
                .hint("kernels/README.md lists the rules"))
        }
        None => Ok(()),
    }
}

async fn register(args: KernelRegisterArgs, context: &Context) -> Result<()> {
    context.must_wait()?;
    let kernel = KernelFile::read(&args.file.source, args.file.manifest.as_deref())?;
    for finding in kernel.findings() {
        context.output.note(format!("suspicious, {}\n  next: {}", finding.text(), finding.remedy));
    }
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let sent = registry::register(context, &chain, &signer, &kernel, args.lifetime).await?;
    let id = kernel.manifest.id();
    let json = json!({
        "kernel": id,
        "new": !sent.is_empty(),
        "transactions": sent.iter().map(Sent::to_json).collect::<Vec<_>>(),
    });
    context.output.result(&json, || format!("{id:?}"));
    Ok(())
}

fn info_json(info: &KernelInfo) -> Value {
    output::json(KernelView::from(info.clone()))
}

async fn list(args: KernelListArgs, context: &Context) -> Result<()> {
    let mine = args.mine.then(|| context.signer().map(|signer| signer.account())).transpose()?;
    let chain = context.chain().await?;
    let (mut items, mut next) = (Vec::new(), args.after);
    loop {
        let page: Page<KernelInfo, KernelId> = chain.api("ComputeApi_kernels", (next, args.limit)).await?;
        items.extend(page.items.into_iter().filter(|info| mine.as_ref().is_none_or(|account| *account == info.owner)));
        next = page.next;
        // The kernels of one account are searched for among all.
        if next.is_none() || mine.is_none() || items.len() >= args.limit as usize {
            break;
        }
    }
    let json = json!({ "kernels": items.iter().map(info_json).collect::<Vec<_>>(), "next": next });
    context.output.result(&json, || {
        let rows = items.iter().map(|info| {
            let mut row = vec![
                String::from_utf8_lossy(&info.manifest.entry).into_owned(),
                format!("{:?}", info.id),
                short(&info.owner),
                info.jobs.to_string(),
            ];
            if mine.is_some() {
                row.push(amount::dpn(info.deposit));
            }
            row
        });
        let headers = ["entry", "kernel", "owner", "open jobs", "deposit"];
        let headers = if mine.is_some() { &headers[..] } else { &headers[..4] };
        let text = table(headers, rows.collect());
        let back = match mine.is_some() && !items.is_empty() {
            true => "\n`dpin kernel unregister KERNEL` returns a deposit",
            false => "",
        };
        match next {
            Some(next) => format!("{text}{back}\nfor more, use --after {next:?}"),
            None => format!("{text}{back}"),
        }
    });
    Ok(())
}

/// The reason why no job of a kernel may be posted for a class of devices, and the way to end that.
fn quarantine(found: &Quarantine) -> String {
    format!(
        "no jobs for class {} up to block {}, because two workers could not build the kernel; its owner can end this with `dpin kernel vouch`",
        parse::class_name(found.class),
        found.until
    )
}

async fn show(id: KernelId, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let info =
        registry::registered(&chain, id).await.map_err(|error| Error { exit: crate::error::Exit::Failed, ..error })?;
    context.output.result(&info_json(&info), || {
        let mut lines = manifest_fields(&info.manifest);
        lines.push(("owner", info.owner.to_string()));
        lines.push(("deposit", amount::dpn(info.deposit)));
        lines.push(("open jobs", info.jobs.to_string()));
        let quarantines: Vec<String> = info.quarantines.iter().map(quarantine).collect();
        lines.push(("quarantine", if quarantines.is_empty() { "none".into() } else { quarantines.join("; ") }));
        fields(&lines)
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Exit, kernel::executor::TrialFault};
    use dpin_primitives::{reason::ReasonCode, worker::DeviceClass};
    use std::path::Path;

    fn load(folder: &Path, source: &str) -> KernelFile {
        let path = folder.join("f.cl");
        std::fs::write(&path, source).unwrap();
        let toml = "entry = \"f\"\nlocal_size = [64, 1, 1]\ntiling = { per_group = 64 }\nparams = [\"output\"]";
        std::fs::write(folder.join("f.toml"), toml).unwrap();
        KernelFile::load(&path, None).unwrap()
    }

    const GOOD: &str = "__kernel void f(__global uchar *out) { out[dpin_tile() * 64 + get_local_id(0)] = 1; }";
    const READS: &str = "__kernel void f(__global uchar *out) { out[dpin_tile() * 64 + get_local_id(0)] += 1; }";

    #[test]
    fn a_quarantine_says_until_when_and_what_ends_it() {
        let found = Quarantine {
            class: DeviceClass::Gpu,
            until: 77,
            reason: ReasonCode::BuildFailed { log: Default::default() },
        };
        let told = quarantine(&found);
        assert!(told.contains("class gpu up to block 77") && told.contains("dpin kernel vouch"), "{told}");
    }

    #[test]
    fn a_kernel_that_was_not_compiled_says_so_and_passes() {
        let folder = tempfile::tempdir().unwrap();
        let kernel = load(folder.path(), GOOD);
        let tried = Err("no device \u{1b}[2J".to_string());
        assert_eq!(check_verdict(&kernel.findings(), &tried), Ok(()));
        let text = check_text(&kernel, &kernel.findings(), &tried);
        assert!(text.contains("the kernel was not compiled: no device \\u{1b}[2J"), "{text}");
    }

    #[test]
    fn what_the_text_or_the_executor_finds_wrong_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (good, reads) = (load(folder.path(), GOOD), load(folder.path(), READS));
        let error = check_verdict(&reads.findings(), &Err(String::new())).unwrap_err();
        assert_eq!(error.exit, Exit::Usage);
        assert!(error.message.contains("line 1") && error.message.contains("reads-output"), "{error}");

        let fine = TrialResult { device: "cpu".into(), built: true, ..TrialResult::default() };
        assert_eq!(check_verdict(&good.findings(), &Ok(fine.clone())), Ok(()));
        let error = check_verdict(&[], &Ok(TrialResult { built: false, ..fine.clone() })).unwrap_err();
        assert!(error.message.contains("does not compile"), "{error}");
        let fault = TrialFault {
            rule: "stores-outside-tile".into(),
            parameter: "out".into(),
            message: "it stores\nelsewhere".into(),
        };
        let found = TrialResult { faults: vec![fault], log: "kernel.cl:7:1: warning\u{202e}".into(), ..fine };
        let text = check_text(&good, &[], &Ok(found.clone()));
        assert!(text.contains("wrong: it stores\\nelsewhere (stores-outside-tile)"), "{text}");
        assert!(text.contains("kernel.cl:7:1: warning\\u{202e}"), "{text}");
        assert!(check_verdict(&[], &Ok(found)).is_err());
    }
}
