//! The control experiment: a known kernel with a known result tells a broken device from a broken
//! kernel.
//!
//! Drivers fail in the same ways as kernels. A missing compiler refuses every program; a broken
//! device refuses every launch, or never ends one. So one tile of the ready kernel `throughput` is
//! computed before a device is used. It is computed again, in a fresh child, after every run whose
//! failure blames the kernel. If the control fails too, the device is to blame. A control that was
//! killed from outside blames nobody.

use crate::{
    device::{entry::DeviceEntry, fault::ChildFault},
    process::{
        parent::{ChildEnd, Children, Fresh, Watch, WorkOrder},
        sandbox::FROM_OUTSIDE,
        wire::{Order, SOURCE_FILE},
    },
    store::outputs::{Hashes, Outputs},
};
use dpin_kernels::throughput;
use dpin_primitives::{
    Hash, TaskId,
    executor::{RunRequest, Work},
    tile_tree::leaf,
};
use std::{
    fs, io,
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

/// Seed of the tile. Any seed would do.
const SEED: u64 = 0x6470_696e_2063_7472;
/// Memory limit of the control, in bytes: more than the buffers of one tile.
const MEMORY: u64 = 1024 * 1024;

/// The result of the control.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// The device computes the known result.
    Works,
    /// The device fails, for this reason.
    Fails(String),
    /// The control says nothing about the device, for this reason: its child was killed from
    /// outside, or its files could not be written.
    Unknown(String),
    /// The control was stopped before its end.
    Stopped,
}

/// The known kernel with its known result.
pub(crate) struct Control {
    folder: PathBuf,
    source: &'static str,
    request: RunRequest,
    expected: Hash,
}

impl Control {
    /// A control whose files lie in `folder` while it runs. The folder must exist by then.
    ///
    /// # Errors
    ///
    /// If the kernel's description is invalid.
    pub(crate) fn new(folder: PathBuf) -> Result<Self, String> {
        let job = throughput::job(SEED, 1).map_err(|error| error.to_string())?;
        let kernel = job.kernel.manifest().map_err(|error| error.to_string())?;
        let (genesis, task, work) = (Hash::zero(), TaskId { job: 0, index: 0 }, Work::Sample(vec![0]));
        let expected = leaf(&genesis, task, 0, &job.reference(0..1));
        let request = RunRequest {
            id: RunRequest::id(&genesis, task, 0, &work),
            genesis,
            task,
            work,
            kernel,
            groups: [1; 3],
            first_group: 0,
            group_count: 1,
            scalars: job.scalars.clone(),
            inputs: Vec::new(),
            limit_ms: 0,
        };
        Ok(Self { folder, source: job.kernel.source, request, expected })
    }

    /// Run the control on `device`, within the time `limit`. `fresh` limits what its child may
    /// reuse.
    pub(crate) fn run(
        &self,
        children: &Children,
        outputs: &Arc<Outputs>,
        device: &DeviceEntry,
        limit: Duration,
        fresh: Fresh,
        stop: &AtomicBool,
    ) -> Verdict {
        match self.run_child(children, outputs, device, limit, fresh, stop) {
            Ok(end) => self.verdict(end, limit),
            Err(error) => Verdict::Unknown(format!("its files: {error}")),
        }
    }

    fn run_child(
        &self,
        children: &Children,
        outputs: &Arc<Outputs>,
        device: &DeviceEntry,
        limit: Duration,
        fresh: Fresh,
        stop: &AtomicBool,
    ) -> io::Result<ChildEnd> {
        let folder = tempfile::Builder::new().prefix("control-").tempdir_in(&self.folder)?;
        let given = folder.path().join("in");
        fs::create_dir(&given)?;
        fs::write(given.join(SOURCE_FILE), self.source)?;
        let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let request = RunRequest { limit_ms, ..self.request.clone() };
        let intake = outputs.take_in(&request, folder.path(), |_, _| ())?;
        let order = Order::Run { device: device.key(), memory_limit: MEMORY, request: Box::new(request), check: false };
        let watch = Watch { limit: &|| limit, stop, on_message: &mut |_| () };
        let class = device.device.class;
        let work = WorkOrder { order: &order, files: &given, class, intake: Some(intake), fresh };
        Ok(children.run(work, watch))
    }

    fn verdict(&self, end: ChildEnd, limit: Duration) -> Verdict {
        Verdict::Fails(match end {
            ChildEnd::Done { output: Some(output), .. } if output.hashes == Hashes::Leaves(vec![self.expected]) => {
                return Verdict::Works;
            }
            ChildEnd::Stopped => return Verdict::Stopped,
            ChildEnd::Died { signal: Some(signal), fault: ChildFault::Executor(text) }
                if FROM_OUTSIDE.contains(&signal) =>
            {
                return Verdict::Unknown(text.trim().to_owned());
            }
            ChildEnd::Done { .. } => "it computes something else".into(),
            ChildEnd::Timeout => format!("it did not end within {limit:?}"),
            ChildEnd::Failed(fault) | ChildEnd::Died { fault, .. } => match fault {
                ChildFault::Build(text) => format!("its program was not built: {}", text.trim()),
                ChildFault::Memory(text)
                | ChildFault::NoRoom(text)
                | ChildFault::Kernel(text)
                | ChildFault::DeviceLost(text)
                | ChildFault::Executor(text) => text.trim().to_owned(),
            },
            ChildEnd::Exceeded(why) => why,
            ChildEnd::Devices(_) | ChildEnd::Probed(_) | ChildEnd::Checked(_) => {
                "the child answered something else".into()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{process::wire::Times, store::outputs::ReceivedOutput};

    fn done(leaves: Vec<Hash>) -> ChildEnd {
        let output = Some(ReceivedOutput { hashes: Hashes::Leaves(leaves), hashing: Duration::ZERO });
        ChildEnd::Done { times: Times::default(), wall: Duration::ZERO, output }
    }

    #[test]
    fn only_the_known_result_passes() {
        let control = Control::new(PathBuf::new()).unwrap();
        let verdict = |end| control.verdict(end, Duration::from_secs(1));
        assert_eq!(verdict(done(vec![control.expected])), Verdict::Works);
        assert_eq!(verdict(ChildEnd::Stopped), Verdict::Stopped);
        for failed in [
            done(vec![Hash::zero()]),
            done(vec![]),
            ChildEnd::Timeout,
            ChildEnd::Failed(ChildFault::Build("x".into())),
            ChildEnd::Failed(ChildFault::Executor("x".into())),
            ChildEnd::Died { signal: Some(11), fault: ChildFault::Kernel("x".into()) },
        ] {
            assert!(matches!(verdict(failed), Verdict::Fails(_)));
        }
    }

    #[test]
    fn a_control_that_is_killed_from_outside_says_nothing_about_the_device() {
        let control = Control::new(PathBuf::new()).unwrap();
        for signal in FROM_OUTSIDE {
            let end = ChildEnd::Died { signal: Some(signal), fault: ChildFault::Executor("killed".into()) };
            assert_eq!(control.verdict(end, Duration::from_secs(1)), Verdict::Unknown("killed".into()));
        }
    }
}
