//! Follows a child from its order to its end.

use super::{
    crash::crash,
    group::{Group, Pipes},
    limits::{Held, starved},
    stderr::Listener,
};
use crate::{
    device::{entry::DeviceEntry, fault::ChildFault},
    process::{
        sandbox::{self, walls::Wall},
        wire::{self, Finding, Message, Order, Phase, Times},
    },
    store::outputs::{Intake, ReceivedOutput},
};
use nix::fcntl::{FcntlArg, fcntl};
use std::{
    io,
    os::unix::process::ExitStatusExt,
    process::ChildStdout,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How often a child's memory and time are checked.
pub(super) const WATCH_INTERVAL: Duration = Duration::from_millis(20);
/// Size in bytes of the pipe from a child to its parent, if the operating system allows it.
const PIPE_BYTES: i32 = 1024 * 1024;
/// Messages that are read ahead.
const MESSAGES: usize = 64;

/// How a child ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ChildEnd {
    /// The child listed the devices.
    Devices(Vec<DeviceEntry>),
    /// The child tested its sandbox.
    Probed(Vec<Wall>),
    /// The child checked a kernel.
    Checked(Vec<Finding>),
    /// The child completed its run.
    Done {
        /// The times that the child reported.
        times: Times,
        /// Time from the order to the end. Includes the start of the child, unless a spare was
        /// used.
        wall: Duration,
        /// The hashes of the output, if the run was to have one.
        output: Option<ReceivedOutput>,
    },
    /// The time limit was reached.
    Timeout,
    /// The child reported a failure.
    Failed(ChildFault),
    /// The child ended without a report.
    Died {
        /// The signal that ended it, if one did.
        signal: Option<i32>,
        /// The fault derived from how it ended.
        fault: ChildFault,
    },
    /// The child exceeded its memory or thread limit.
    Exceeded(String),
    /// The child was stopped on request.
    Stopped,
}

impl ChildEnd {
    /// The end of a child whose failure the executor takes responsibility for.
    pub(crate) fn executor_fault(text: String) -> Self {
        Self::Failed(ChildFault::Executor(text))
    }

    /// Why this is not the expected end, for logs.
    pub(crate) fn failure(&self) -> String {
        match self {
            ChildEnd::Timeout => "the child gave no answer in time".into(),
            ChildEnd::Failed(fault) | ChildEnd::Died { fault, .. } => fault.text().trim().into(),
            ChildEnd::Exceeded(why) => why.clone(),
            ChildEnd::Stopped => "the child was stopped".into(),
            ChildEnd::Devices(_) | ChildEnd::Probed(_) | ChildEnd::Checked(_) | ChildEnd::Done { .. } => {
                "the child answered something else".into()
            }
        }
    }
}

/// How a child is watched.
pub(crate) struct Watch<'a> {
    /// Longest time for the child. Called again and again, as it may change during the run.
    pub limit: &'a dyn Fn() -> Duration,
    /// Set to stop the child.
    pub stop: &'a AtomicBool,
    /// Receives the child's messages during the run.
    pub on_message: &'a mut dyn FnMut(Message),
}

/// The limits of a child.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// Most bytes of private memory.
    pub most_bytes: u64,
    /// Whether the kernel's code runs in the child's process. Once it runs, it can send any message
    /// that the child could, so messages can no longer clear the kernel. Every end then counts as
    /// the kernel's doing, except a signal from outside.
    pub native: bool,
}

/// A message of a child, or why the rest of its output is not read.
type Heard = io::Result<Message>;

impl Group {
    /// Send `order`, and receive messages until the child is done. `begun`: the start of the work
    /// on the order. If the child succeeded, the whole output is in `intake`; otherwise `intake` is
    /// `None`.
    pub(super) fn watch(
        &mut self,
        order: &Order,
        begun: Instant,
        intake: &mut Option<Intake>,
        watch: Watch<'_>,
        bounds: Bounds,
    ) -> ChildEnd {
        let Some(Pipes { mut stdin, stdout, stderr }) = self.take_pipes() else {
            return ChildEnd::executor_fault("the child has no pipes".into());
        };
        let stderr = Listener::new(stderr);
        // Works with a smaller pipe too, but with more waiting.
        let _ = fcntl(&stdout, FcntlArg::F_SETPIPE_SZ(PIPE_BYTES));
        let (inbox, reader) = read_messages(stdout, intake.take());
        // An order fits into the pipe's buffer, so this does not wait for the child. If the child
        // is gone, the loop below notices.
        let _ = wire::send(&mut stdin, order);
        drop(stdin);

        let Watch { limit, stop, on_message } = watch;
        let is_run = matches!(order, Order::Run { .. });
        let mut child =
            Watched { group: self, begun, bounds, is_run, reader: Some(reader), stderr, phase: None, process: None };
        let mut looked = begun;
        loop {
            let end = match inbox.recv_timeout(WATCH_INTERVAL) {
                Ok(Ok(message)) => child.hear(message, intake, on_message),
                Ok(Err(error)) => Some(child.output_failed(&error)),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => Some(child.died()),
            };
            if let Some(end) = end {
                return end;
            }
            if stop.load(Ordering::Relaxed) {
                return ChildEnd::Stopped;
            }
            if begun.elapsed() >= limit() {
                return child.timed_out();
            }
            if looked.elapsed() >= WATCH_INTERVAL {
                looked = Instant::now();
                if let Some(why) = child.excess() {
                    return ChildEnd::Exceeded(why);
                }
            }
        }
    }
}

/// Read the messages of a child in another thread, and its output into `intake`. The thread returns
/// the intake.
fn read_messages(stdout: ChildStdout, intake: Option<Intake>) -> (Receiver<Heard>, JoinHandle<Option<Intake>>) {
    let (messages, inbox) = sync_channel(MESSAGES);
    (inbox, thread::spawn(move || forward(stdout, &messages, intake)))
}

/// Send the messages in `stdout` to `messages`, up to the last one.
fn forward(mut stdout: ChildStdout, messages: &SyncSender<Heard>, mut intake: Option<Intake>) -> Option<Intake> {
    while let Ok(message) = wire::receive::<Message>(&mut stdout) {
        let Message::Output(bytes) = message else {
            let is_last = matches!(message, Message::Done(_));
            if messages.send(Ok(message)).is_err() || is_last {
                break;
            }
            continue;
        };
        let read = match intake.as_mut() {
            Some(intake) => intake.read(&mut stdout, bytes as usize),
            None => Err(io::Error::other("nobody has asked for it")),
        };
        if let Err(error) = read {
            let why = match error.kind() {
                // The child ended within its output. The end of the pipe shows how.
                io::ErrorKind::UnexpectedEof => break,
                io::ErrorKind::InvalidData => error,
                // The intake knows why it accepts no more.
                _ => intake.take().and_then(|intake| intake.finish().err()).unwrap_or(error),
            };
            let _ = messages.send(Err(why));
            break;
        }
    }
    intake
}

/// A child that is being watched.
struct Watched<'a> {
    group: &'a mut Group,
    begun: Instant,
    bounds: Bounds,
    /// Whether it carries out [`Order::Run`].
    is_run: bool,
    reader: Option<JoinHandle<Option<Intake>>>,
    stderr: Listener,
    phase: Option<Phase>,
    /// The id of the process in the sandbox.
    process: Option<u32>,
}

impl Watched<'_> {
    /// Whether the kernel's code may have sent the next message.
    fn is_suspect(&self) -> bool {
        self.bounds.native && self.phase == Some(Phase::Running)
    }

    /// Take a message. Returns how the child ended, if the message ends it.
    fn hear(
        &mut self,
        message: Message,
        intake: &mut Option<Intake>,
        on_message: &mut dyn FnMut(Message),
    ) -> Option<ChildEnd> {
        match message {
            // Only the first such message surely comes from before the kernel ran.
            Message::Process(id) if self.process.is_none() => {
                self.process = Some(id);
                self.group.note_inside(id);
            }
            Message::Process(_) | Message::Output(_) => (),
            Message::Probed(_) | Message::Devices(_) | Message::Checked(_) if self.is_suspect() && self.is_run => {
                let fault = ChildFault::Executor("an answer to another order".into());
                return Some(ChildEnd::Failed(kernel_fault(fault)));
            }
            Message::Probed(walls) => return Some(ChildEnd::Probed(walls)),
            Message::Devices(devices) => return Some(ChildEnd::Devices(devices)),
            Message::Checked(findings) => return Some(ChildEnd::Checked(findings)),
            Message::Done(times) => {
                *intake = self.reader.take().and_then(|reader| reader.join().unwrap_or_default());
                let wall = self.begun.elapsed();
                return Some(ChildEnd::Done { times: times.within(wall), wall, output: None });
            }
            Message::Failed(fault) if self.is_suspect() => return Some(ChildEnd::Failed(kernel_fault(fault))),
            Message::Failed(fault) => return Some(ChildEnd::Failed(fault)),
            // Phases only move forward, and nothing is built once the kernel runs.
            Message::Phase(entered) if self.phase >= Some(entered) => (),
            Message::Built { .. } if self.phase == Some(Phase::Running) => (),
            Message::Phase(entered) => {
                self.phase = Some(entered);
                on_message(message);
            }
            Message::Built { .. } | Message::Progress(_) => on_message(message),
        }
        None
    }

    /// The end of a child whose output is not taken any more.
    fn output_failed(&self, error: &io::Error) -> ChildEnd {
        let text = format!("the output: {error}");
        if self.bounds.native && error.kind() == io::ErrorKind::InvalidData {
            ChildEnd::Failed(ChildFault::Kernel(text))
        } else {
            ChildEnd::executor_fault(text)
        }
    }

    /// The end of a child that has closed its pipe without a last message.
    fn died(&mut self) -> ChildEnd {
        let (status, by_itself) = self.group.end_by_itself();
        let signal = status.and_then(|status| status.signal()).filter(|_| by_itself);
        let fault = crash(status, by_itself, self.phase, self.bounds.native, &self.stderr.text());
        ChildEnd::Died { signal, fault }
    }

    /// The end of a child whose time is over.
    fn timed_out(&self) -> ChildEnd {
        // If the device does not even open, the kernel is not to blame.
        if !matches!(self.phase, Some(Phase::Building | Phase::Running)) {
            return ChildEnd::executor_fault(format!("the device had not opened after {:?}", self.begun.elapsed()));
        }
        match self.process.filter(|_| self.bounds.native).and_then(starved) {
            Some(why) => ChildEnd::executor_fault(why),
            None => ChildEnd::Timeout,
        }
    }

    /// The limit that the child exceeds, if it does.
    fn excess(&self) -> Option<String> {
        let held = self.process.and_then(Held::by).unwrap_or_default();
        let most = self.bounds.most_bytes;
        if held.bytes > most {
            return Some(format!("the child held {} bytes, the limit is {most}", held.bytes));
        }
        let most = sandbox::most_threads();
        (held.threads > most).then(|| format!("the child had {} threads, the limit is {most}", held.threads))
    }
}

/// The fault of a kernel whose process reported `fault` while it ran.
fn kernel_fault(fault: ChildFault) -> ChildFault {
    match fault {
        ChildFault::Kernel(_) => fault,
        other => ChildFault::Kernel(format!("while the kernel ran, its process reported: {}", other.text())),
    }
}
