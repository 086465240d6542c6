//! `kernel-check`: builds a kernel on a device of this machine and checks the rules for kernels,
//! for its author.

use crate::{
    device::{choice::Choice, entry::DeviceEntry, fault::ChildFault},
    engine::{Control, Verdict},
    process::{
        parent::{ChildEnd, Children, Fresh, Watch, WorkOrder},
        wire::{self, Finding, Message, Order, Phase, SOURCE_FILE},
    },
    store::outputs::Outputs,
};
use clap::Args;
use codec::DecodeAll;
use dpin_primitives::{
    Hash, TaskId, blake2,
    executor::{RunRequest, Work},
    kernel::{KernelManifest, Param},
};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

/// Most bytes of the buffers.
const MEMORY: u64 = 2 * 1024 * 1024 * 1024;
/// Bytes of a made-up input.
const MADE_UP_BYTES: usize = 1024 * 1024;
/// Longest time of the control of the device.
const CONTROL_TIME: Duration = Duration::from_secs(20);

/// The options of `kernel-check`.
#[derive(Args)]
pub(super) struct KernelCheck {
    /// The kernel's source, OpenCL C
    kernel: PathBuf,
    /// The kernel's manifest, encoded in SCALE, in hexadecimal
    #[arg(long, value_name = "HEX")]
    manifest_hex: String,
    /// Work-groups of the grid in x, y and z
    #[arg(long, value_delimiter = ',', num_args = 1, default_value = "4,1,1", value_name = "X,Y,Z")]
    groups: Vec<u32>,
    /// Bytes of a scalar, in hexadecimal, little endian; one for each, in order [default: made up]
    #[arg(long, value_name = "HEX")]
    scalar: Vec<String>,
    /// File with the bytes of an input; one for each, in order [default: made up]
    #[arg(long, value_name = "FILE")]
    input: Vec<PathBuf>,
    /// Device, as for `serve`; the first one if it names several
    #[arg(long, default_value = "auto")]
    device: Choice,
    /// Time limit in seconds
    #[arg(long, default_value_t = 60)]
    timeout: u64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The result of a check.
#[derive(Default)]
struct KernelReport {
    device: String,
    built: bool,
    log: String,
    /// The rule, parameter and message of each fault.
    faults: Vec<(&'static str, String, String)>,
    notes: Vec<String>,
    /// Whether nothing could be checked on this machine.
    unchecked: bool,
}

/// Check a kernel. Exit code 0: it was built and shows no fault. Exit code 1: it was not built, or
/// shows a fault. Exit code 3: nothing could be checked on this machine.
///
/// # Errors
///
/// If the arguments are invalid.
pub(super) fn run(options: &KernelCheck) -> Result<ExitCode, String> {
    let (request, source) = request_of(options)?;
    let report = check_on_device(options, request, &source).unwrap_or_else(|error| KernelReport {
        notes: vec![error],
        unchecked: true,
        ..KernelReport::default()
    });
    report.print(options.json);
    Ok(ExitCode::from(match report {
        KernelReport { unchecked: true, .. } => 3,
        KernelReport { built: true, ref faults, .. } if faults.is_empty() => 0,
        _ => 1,
    }))
}

/// The request that the arguments describe, and the kernel's source.
fn request_of(options: &KernelCheck) -> Result<(RunRequest, Vec<u8>), String> {
    let bytes = |hex: &str| {
        hex::decode(hex.trim_start_matches("0x"))
            .map_err(|error| format!("`{hex}` is not a hexadecimal number: {error}"))
    };
    let source = fs::read(&options.kernel).map_err(|error| format!("{}: {error}", options.kernel.display()))?;
    let kernel = KernelManifest::decode_all(&mut bytes(&options.manifest_hex)?.as_slice())
        .map_err(|error| format!("the manifest does not decode: {error}"))?;
    if kernel.source != blake2(&source) {
        return Err(format!("the manifest belongs to another source than {}", options.kernel.display()));
    }
    let groups: [u32; 3] = options
        .groups
        .as_slice()
        .try_into()
        .map_err(|_| format!("--groups has {} numbers; it takes three: X,Y,Z", options.groups.len()))?;
    let all = groups.iter().map(|groups| u64::from(*groups)).fold(1, u64::saturating_mul);
    let widths = kernel.params.iter().filter_map(|param| match param {
        Param::Scalar { bytes } => Some(usize::from(*bytes)),
        _ => None,
    });
    let scalars = match options.scalar.as_slice() {
        [] => widths.map(|width| vec![0; width]).collect(),
        given => given.iter().map(|hex| bytes(hex)).collect::<Result<_, _>>()?,
    };
    let inputs = match options.input.as_slice() {
        [] => vec![Hash::zero(); kernel.input_count()],
        // These hashes need not match the bytes. They only have to differ.
        given => given.iter().map(|path| blake2(path.as_os_str().as_encoded_bytes())).collect(),
    };
    let (genesis, task, work) = (Hash::zero(), TaskId { job: 0, index: 0 }, Work::Task);
    let request = RunRequest {
        id: RunRequest::id(&genesis, task, 0, &work),
        genesis,
        task,
        work,
        kernel,
        groups,
        first_group: 0,
        group_count: u32::try_from(all)
            .map_err(|_| format!("--groups has {all} work-groups; a task has at most {}", u32::MAX))?,
        scalars,
        inputs,
        limit_ms: options.timeout.saturating_mul(1_000).max(1),
    };
    request.check().map_err(|error| error.to_string())?;
    Ok((request, source))
}

/// Check the kernel of `request` on a device of this machine.
///
/// # Errors
///
/// If nothing can be checked on this machine: why not.
fn check_on_device(options: &KernelCheck, request: RunRequest, source: &[u8]) -> Result<KernelReport, String> {
    let text = |error: std::io::Error| error.to_string();
    let stop = AtomicBool::new(false);
    let (folder, children) = Children::temporary(Some(MEMORY)).map_err(text)?;
    let device = proven_device(options, &children, folder.path(), &stop)?;
    let given = folder.path().join("given");
    lay_out(&given, options, &request, source).map_err(text)?;
    let made_up = options.scalar.is_empty() && !request.scalars.is_empty();
    let guessed = made_up || (options.input.is_empty() && !request.inputs.is_empty());
    let limit = Duration::from_millis(request.limit_ms);
    let order = Order::Check { device: device.key(), memory_limit: MEMORY, request: Box::new(request), made_up };
    let mut report = KernelReport { device: name_of(&device), ..KernelReport::default() };
    let mut runs = false;
    let mut on_message = |message| match message {
        Message::Built { messages, .. } => (report.built, report.log) = (true, messages),
        Message::Phase(Phase::Running) => runs = true,
        _ => (),
    };
    let (class, fresh) = (device.device.class, Fresh::Nothing);
    let work = WorkOrder { order: &order, files: &given, class, intake: None, fresh };
    let end = children.run(work, Watch { limit: &|| limit, stop: &stop, on_message: &mut on_message });
    report.record(end, runs, guessed);
    Ok(report)
}

/// The chosen device, which has passed the control. The control's files lie in `folder`.
fn proven_device(
    options: &KernelCheck,
    children: &Children,
    folder: &Path,
    stop: &AtomicBool,
) -> Result<DeviceEntry, String> {
    let mut found = children.discover(stop);
    let chosen = options.device.choose_from(&found.devices).into_iter().find(|(_, entry)| entry.available);
    let Some((place, _)) = chosen else {
        let problems: String = found.problems.iter().map(|problem| format!("; {problem}")).collect();
        return Err(format!("there is no OpenCL device `{}` on this machine{problems}", options.device));
    };
    let device = found.devices.swap_remove(place as usize);
    let outputs = Arc::new(Outputs::new().map_err(|error| error.to_string())?);
    let control = Control::new(folder.to_path_buf())?;
    match control.run(children, &outputs, &device, CONTROL_TIME, Fresh::All, stop) {
        Verdict::Fails(why) => {
            Err(format!("{}: a kernel that is known to work does not work there: {why}", device.key()))
        }
        Verdict::Unknown(why) => Err(format!("{}: the device could not be tested: {why}", device.key())),
        Verdict::Works | Verdict::Stopped => Ok(device),
    }
}

/// Create the folder `given` with source and inputs.
fn lay_out(given: &Path, options: &KernelCheck, request: &RunRequest, source: &[u8]) -> std::io::Result<()> {
    fs::create_dir(given)?;
    fs::write(given.join(SOURCE_FILE), source)?;
    for index in 0..request.inputs.len() {
        let to = given.join(wire::input_file(index));
        match options.input.get(index) {
            Some(from) => fs::copy(from, to).map(drop)?,
            None => fs::write(to, made_up_input(index as u64))?,
        }
    }
    Ok(())
}

/// Pseudo-random bytes, the same for the same seed.
fn made_up_input(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(MADE_UP_BYTES).collect()
}

fn name_of(device: &DeviceEntry) -> String {
    format!("{}, {}, driver {}", device.key(), device.opencl.trim(), device.driver)
}

impl KernelReport {
    /// Record how a child ended. `runs`: the kernel may have run. `guessed`: its arguments
    /// were made up.
    fn record(&mut self, end: ChildEnd, runs: bool, guessed: bool) {
        let mut broken = |rule, what: String| {
            if guessed {
                self.notes.push(format!("{what} (its arguments were made up: give --scalar and --input)"));
            } else {
                self.faults.push((rule, String::new(), what));
            }
        };
        match end {
            ChildEnd::Checked(found) => {
                let faults =
                    found.into_iter().map(|Finding { rule, parameter, message }| (rule.name(), parameter, message));
                self.faults.extend(faults);
            }
            ChildEnd::Failed(ChildFault::Build(text)) | ChildEnd::Died { fault: ChildFault::Build(text), .. } => {
                (self.built, self.log) = (false, text);
            }
            ChildEnd::Failed(ChildFault::Kernel(text)) | ChildEnd::Died { fault: ChildFault::Kernel(text), .. } => {
                broken("crash", text.trim().to_owned());
            }
            ChildEnd::Timeout if runs => broken("timeout", "the kernel did not end in time".into()),
            ChildEnd::Timeout => (self.built, self.log) = (false, "the compiler did not end in time".into()),
            ChildEnd::Exceeded(why)
            | ChildEnd::Failed(
                ChildFault::Memory(why)
                | ChildFault::NoRoom(why)
                | ChildFault::DeviceLost(why)
                | ChildFault::Executor(why),
            )
            | ChildEnd::Died {
                fault:
                    ChildFault::Memory(why)
                    | ChildFault::NoRoom(why)
                    | ChildFault::DeviceLost(why)
                    | ChildFault::Executor(why),
                ..
            } => {
                self.notes.push(why);
                self.unchecked = true;
            }
            ChildEnd::Stopped | ChildEnd::Done { .. } | ChildEnd::Devices(_) | ChildEnd::Probed(_) => {
                self.notes.push("the child answered something else".into());
                self.unchecked = true;
            }
        }
    }

    fn print(&self, as_json: bool) {
        if as_json {
            let faults: Vec<_> = self
                .faults
                .iter()
                .map(|(rule, parameter, message)| json!({ "rule": rule, "parameter": parameter, "message": message }))
                .collect();
            let Self { device, built, log, notes, .. } = self;
            println!("{}", json!({ "device": device, "built": built, "log": log, "faults": faults, "notes": notes }));
            return;
        }
        if !self.device.is_empty() {
            println!("device: {}", self.device);
            println!("built: {}", if self.built { "yes" } else { "no" });
        }
        if !self.log.trim().is_empty() {
            println!("{}", self.log.trim_end());
        }
        self.faults.iter().for_each(|(rule, _, message)| println!("{rule}: {message}"));
        self.notes.iter().for_each(|note| println!("note: {note}"));
        if self.built && self.faults.is_empty() && !self.unchecked {
            println!("no fault shows");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_with_made_up_arguments_is_no_fault() {
        let crash = || ChildEnd::Failed(ChildFault::Kernel("killed".into()));
        let mut report = KernelReport::default();
        report.record(crash(), true, true);
        assert!(report.faults.is_empty() && report.notes[0].contains("made up"));
        report.record(crash(), true, false);
        assert_eq!(report.faults, [("crash", String::new(), "killed".into())]);
    }

    #[test]
    fn what_is_not_the_kernels_leaves_it_unchecked() {
        let mut report = KernelReport::default();
        report.record(ChildEnd::Failed(ChildFault::DeviceLost("gone".into())), true, false);
        assert!(report.unchecked && report.faults.is_empty());
    }
}
