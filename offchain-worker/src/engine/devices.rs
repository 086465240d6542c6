//! Devices of the engine: finding them, testing them, and noting their loss.

use super::{Engine, conduct::Conduct, control::Verdict, state::State};
use crate::{
    device::{
        choice::Choice,
        entry::{DeviceEntry, DeviceKey},
        fault::ChildFault,
        fleet::{Change, ChosenDevice, ChosenDevices, Fleet},
        missing::missing_devices,
    },
    process::parent::{ChildEnd, DeviceList, Fresh},
    store::{
        envelope::{self, Kind, Quarantine, Stored},
        files::{self, SPARE_DISK_BYTES},
    },
};
use codec::DecodeAll;
use dpin_primitives::worker::DeviceClass;
use std::{
    io,
    path::Path,
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

/// Longest time a control of a device may take: before its first use, and after a failed run, when
/// a deadline is near.
const FIRST_CONTROL_TIME: Duration = Duration::from_secs(20);
const CONTROL_TIME: Duration = Duration::from_secs(8);
/// The file that lists the chosen devices.
pub(super) const DEVICES_FILE: &str = "devices.scale";
/// Version of [`DEVICES_FILE`].
const DEVICES_VERSION: u8 = 1;

impl Engine {
    /// List the devices of this machine, and update the fleet.
    pub(super) fn discover(&self) {
        let DeviceList { mut devices, mut problems } = self.children.discover(&self.stopping);
        devices.retain(|entry| !self.config.conduct.loses(entry));
        self.prove_devices(&mut devices);
        let mut state = self.lock();
        let before = state.fleet.chosen();
        let changes = state.fleet.look(&devices, Instant::now());
        problems.extend(self.device_problems(&state.fleet, &devices));
        for problem in problems.iter().filter(|problem| !state.problems.contains(problem)) {
            tracing::warn!("{problem}");
        }
        state.problems = problems;
        self.keep_choice(&before, &state.fleet.chosen());
        let lost = self.note_changes(&state, &changes);
        self.refuse_misfits(&mut state);
        drop(state);
        for key in lost {
            self.children.dismiss_spare(&key);
        }
        if !changes.is_empty() {
            self.changed();
        }
    }

    /// Store the `chosen` devices, if they are not those of `before`.
    fn keep_choice(&self, before: &ChosenDevices, chosen: &ChosenDevices) {
        if chosen == before {
            return;
        }
        let file = self.config.data_dir.join(DEVICES_FILE);
        if let Err(error) = envelope::write(&file, Kind::Devices, DEVICES_VERSION, chosen) {
            tracing::warn!(%error, "the chosen devices could not be stored");
        }
    }

    /// Log the changes of the fleet. Returns the keys of lost devices, so that the caller can
    /// dismiss their spare children without the lock.
    fn note_changes(&self, state: &State, changes: &[Change]) -> Vec<DeviceKey> {
        let mut lost = Vec::new();
        for change in changes {
            match change {
                Change::Found(seat) => tracing::info!(device = state.device_name(*seat), "device"),
                Change::Back(seat) => tracing::info!(device = state.device_name(*seat), "the device is back"),
                Change::Lost(seat) => lost.extend(self.note_loss(state, *seat, "OpenCL does not list it")),
            }
        }
        lost
    }

    /// Log the loss of the device at `seat`. Returns the key of the device, so that the caller can
    /// dismiss its spare child without the lock.
    pub(super) fn note_loss(&self, state: &State, seat: usize, why: &str) -> Option<DeviceKey> {
        tracing::warn!(device = state.device_name(seat), why, "the device is lost; it is looked for");
        if let Some(device) = state.labels(seat) {
            self.metrics.lost(&device);
        }
        state.fleet.seats().get(seat).map(|seat| seat.key.clone())
    }

    /// Descriptions of what is wrong with the chosen devices. `devices` are those that are present.
    fn device_problems(&self, fleet: &Fleet, devices: &[DeviceEntry]) -> Vec<String> {
        let file = self.config.data_dir.join(DEVICES_FILE);
        let mut problems: Vec<String> = fleet
            .awaited()
            .into_iter()
            .map(|device| {
                format!(
                    "waiting for {device}, which was chosen at an earlier start; no other device is used instead: name another \
                     one with --device, or remove {} to choose again",
                    file.display()
                )
            })
            .collect();
        if problems.is_empty() && fleet.seats().is_empty() {
            problems.push(format!("there is no OpenCL device for `--device {}`", fleet.chosen().choice));
        }
        if fleet.seats().iter().all(|seat| seat.entry.device.class == DeviceClass::Cpu) {
            problems.extend(missing_devices());
            if !fleet.seats().is_empty() && devices.iter().any(|entry| entry.device.class == DeviceClass::Gpu) {
                problems
                    .push("this executor uses the CPU although there is a GPU: `--device gpu` chooses the GPU".into());
            }
        }
        problems
    }

    /// Run the control on the devices among `found` that are about to be used. Devices that fail it
    /// are not available.
    fn prove_devices(&self, found: &mut [DeviceEntry]) {
        let unproven: Vec<DeviceEntry> =
            self.lock().fleet.unproven(found, Instant::now()).into_iter().cloned().collect();
        for device in unproven {
            let verdict = self.control.run(
                &self.children,
                &self.outputs,
                &device,
                FIRST_CONTROL_TIME,
                Fresh::All,
                &self.stopping,
            );
            let (Verdict::Fails(why) | Verdict::Unknown(why)) = verdict else { continue };
            let name = device.key().to_string();
            tracing::warn!(
                device = name,
                why,
                "the device fails its control: it is not used, and is tested again later"
            );
            let listed = found.iter_mut().filter(|entry| entry.key() == device.key());
            listed.for_each(|entry| entry.available = false);
        }
    }

    /// Judge an `end` that blames the kernel, after a control of `device`. If the device fails the
    /// control too, the device is at fault. If the control says nothing, the executor is: neither
    /// the requester nor the device may be blamed unproved. Returns `None` if the control was
    /// stopped.
    pub(super) fn judge_by_control(
        &self,
        end: ChildEnd,
        ran: bool,
        device: &DeviceEntry,
        stop: &AtomicBool,
    ) -> Option<ChildEnd> {
        let Some((blame, fresh)) = blame(&end, ran) else { return Some(end) };
        if files::free_bytes(&self.config.data_dir).is_ok_and(|free| free < SPARE_DISK_BYTES) {
            return Some(end);
        }
        match self.control.run(&self.children, &self.outputs, device, CONTROL_TIME, fresh, stop) {
            Verdict::Stopped => None,
            Verdict::Fails(why) => {
                let text = format!("{blame}; a kernel that is known to work does not work either: {why}");
                Some(ChildEnd::Failed(ChildFault::DeviceLost(text)))
            }
            Verdict::Unknown(why) => {
                Some(ChildEnd::executor_fault(format!("{blame}; whether the device works could not be tested: {why}")))
            }
            // A kernel's bad access can make a driver useless for the whole process. That is the
            // kernel's fault: no requester may make devices count as lost.
            Verdict::Works => Some(match end {
                ChildEnd::Failed(ChildFault::DeviceLost(why)) => {
                    ChildEnd::Failed(ChildFault::Kernel(format!("{why}; in another process the device works")))
                }
                other => other,
            }),
        }
    }
}

/// Why the end of a child blames the kernel, if it does, and how fresh the control's child must be.
/// `ran`: the kernel may have run.
fn blame(end: &ChildEnd, ran: bool) -> Option<(String, Fresh)> {
    let first_line = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    match end {
        ChildEnd::Failed(ChildFault::Build(text)) | ChildEnd::Died { fault: ChildFault::Build(text), .. } => {
            Some((format!("the program was not built: {}", first_line(text)), Fresh::All))
        }
        ChildEnd::Failed(ChildFault::Kernel(text)) | ChildEnd::Died { fault: ChildFault::Kernel(text), .. } => {
            Some((first_line(text), Fresh::Child))
        }
        ChildEnd::Failed(ChildFault::DeviceLost(text)) if ran => Some((first_line(text), Fresh::Child)),
        // The compiler may be the slow part.
        ChildEnd::Timeout => Some(("the run did not end".into(), if ran { Fresh::Child } else { Fresh::All })),
        _ => None,
    }
}

/// The choice of devices in force, and the devices that an earlier start chose by it. `given` is
/// the choice on the command line; `file` holds that of the earlier start.
///
/// # Errors
///
/// If the file cannot be read at the moment. It does not count as missing, because then a device
/// that was not chosen might be used.
pub(super) fn chosen_devices(
    file: &Path,
    given: Option<Choice>,
    quarantine: &Quarantine,
) -> io::Result<(Choice, Vec<ChosenDevice>)> {
    let chosen = match envelope::read(file, Kind::Devices, DEVICES_VERSION)? {
        Stored::Missing => None,
        Stored::Body(body) => {
            let chosen = ChosenDevices::decode_all(&mut body.as_slice());
            chosen.inspect_err(|_| quarantine.take(file, "it does not decode, and devices are chosen again")).ok()
        }
        Stored::Unknown(why) => {
            quarantine.take(file, &format!("{why}, and devices are chosen again"));
            None
        }
    };
    let earlier = chosen.as_ref().and_then(|chosen| chosen.choice.parse().ok());
    let choice = given.or_else(|| earlier.clone()).unwrap_or(Choice::Auto);
    let chosen = chosen.filter(|_| earlier.as_ref() == Some(&choice));
    Ok((choice, chosen.map(|chosen| chosen.devices).unwrap_or_default()))
}
