//! The control experiment: a known kernel with a known result tells a broken device from a broken
//! kernel.
//!
//! Drivers fail in the same ways as kernels. A missing compiler refuses every program; a broken
//! device refuses every launch, or never ends one. So one tile of the ready kernel `throughput` is
//! computed before a device is used. It is computed again, in a fresh child, after every run whose
//! failure blames the kernel. If the control fails too, the device is to blame.

use crate::{
    outputs::{Hashes, Outputs},
    supervisor::{Children, Fresh, Outcome, Watch},
    wire::{DeviceEntry, Fault, Order, SOURCE_FILE},
};
use dpin_kernels::throughput;
use dpin_primitives::{
    executor::{RunRequest, Work},
    tile_tree::leaf,
    Hash, TaskId,
};
use std::{
    fs, io,
    path::PathBuf,
    sync::{atomic::AtomicBool, Arc},
    time::Duration,
};

/// Seed of the tile. Any seed would do.
const SEED: u64 = 0x6470_696e_2063_7472;
/// Memory limit of the control, in bytes: more than the buffers of one tile.
const MEMORY: u64 = 1024 * 1024;

/// The result of the control.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The device computes the known result.
    Works,
    /// The device fails, for this reason.
    Fails(String),
    /// The control was stopped before its end.
    Stopped,
}

/// The known kernel with its known result.
pub struct Control {
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
    pub fn new(folder: PathBuf) -> Result<Self, String> {
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
    pub fn run(
        &self,
        children: &Children,
        outputs: &Arc<Outputs>,
        device: &DeviceEntry,
        limit: Duration,
        fresh: Fresh,
        stop: &AtomicBool,
    ) -> Verdict {
        match self.outcome(children, outputs, device, limit, fresh, stop) {
            Ok(outcome) => self.verdict(outcome, limit),
            Err(error) => Verdict::Fails(format!("its files: {error}")),
        }
    }

    fn outcome(
        &self,
        children: &Children,
        outputs: &Arc<Outputs>,
        device: &DeviceEntry,
        limit: Duration,
        fresh: Fresh,
        stop: &AtomicBool,
    ) -> io::Result<Outcome> {
        let folder = tempfile::Builder::new().prefix("control-").tempdir_in(&self.folder)?;
        let given = folder.path().join("in");
        fs::create_dir(&given)?;
        fs::write(given.join(SOURCE_FILE), self.source)?;
        let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let request = RunRequest { limit_ms, ..self.request.clone() };
        let intake = outputs.take_in(&request, folder.path(), |_, _| ())?;
        let order = Order::Run { device: device.key(), memory_limit: MEMORY, request: Box::new(request), check: false };
        let watch = Watch { limit: &|| limit, stop, tell: &mut |_| () };
        Ok(children.run_in(&order, &given, device.device.class, Some(intake), watch, fresh))
    }

    fn verdict(&self, outcome: Outcome, limit: Duration) -> Verdict {
        Verdict::Fails(match outcome {
            Outcome::Done { taken: Some(taken), .. } if taken.hashes == Hashes::Leaves(vec![self.expected]) => {
                return Verdict::Works;
            }
            Outcome::Stopped => return Verdict::Stopped,
            Outcome::Done { .. } => "it computes something else".into(),
            Outcome::Timeout => format!("it did not end within {limit:?}"),
            Outcome::Failed(fault) | Outcome::Died { fault, .. } => match fault {
                Fault::Build(text) => format!("its program was not built: {}", text.trim()),
                Fault::Memory(text)
                | Fault::NoRoom(text)
                | Fault::Kernel(text)
                | Fault::DeviceLost(text)
                | Fault::Executor(text) => text.trim().to_owned(),
            },
            Outcome::Exceeded(why) => why,
            Outcome::Devices(_) | Outcome::Probed(_) | Outcome::Checked(_) => {
                "the child answered something else".into()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{outputs::Taken, wire::Times};

    fn done(leaves: Vec<Hash>) -> Outcome {
        let taken = Some(Taken { hashes: Hashes::Leaves(leaves), hashing: Duration::ZERO });
        Outcome::Done { times: Times::default(), wall: Duration::ZERO, taken }
    }

    #[test]
    fn only_the_known_result_passes() {
        let control = Control::new(PathBuf::new()).unwrap();
        let verdict = |outcome| control.verdict(outcome, Duration::from_secs(1));
        assert_eq!(verdict(done(vec![control.expected])), Verdict::Works);
        assert_eq!(verdict(Outcome::Stopped), Verdict::Stopped);
        for failed in [
            done(vec![Hash::zero()]),
            done(vec![]),
            Outcome::Timeout,
            Outcome::Failed(Fault::Build("x".into())),
            Outcome::Failed(Fault::Executor("x".into())),
            Outcome::Died { signal: Some(11), fault: Fault::Kernel("x".into()) },
        ] {
            assert!(matches!(verdict(failed), Verdict::Fails(_)));
        }
    }
}
