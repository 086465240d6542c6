//! The executor's metrics for Prometheus.

use super::report::{Account, Kill};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use dpin_listen::Limits;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};
use std::{
    fmt,
    future::Future,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};
use tokio::net::TcpListener;

/// Most concurrent connections to the metrics.
const MAX_CONNECTIONS: usize = 16;

/// A counter of seconds.
type Seconds = Counter<f64, AtomicU64>;

/// The kind of work, whole tasks or samples, and its outcome.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct RunLabels {
    work: &'static str,
    outcome: &'static str,
}

/// A device, by its number and model.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub(crate) struct DeviceLabels {
    /// The device's number in OpenCL's list when it was first found.
    pub device: u32,
    /// Model as OpenCL names it.
    pub model: String,
}

impl DeviceLabels {
    /// The labels of the device with this number and model.
    pub(crate) fn new(device: u32, model: &[u8]) -> Self {
        // The encoder does not escape label values.
        let plain = |c: char| if c.is_control() || c == '"' || c == '\\' { ' ' } else { c };
        Self { device, model: String::from_utf8_lossy(model).chars().map(plain).collect() }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct LaneLabels {
    device: u32,
    model: String,
    work: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct StageLabels {
    work: &'static str,
    stage: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct CauseLabels {
    cause: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct CacheLabels {
    result: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct BytesLabels {
    of: &'static str,
    direction: &'static str,
}

/// The kinds of transfers whose bytes are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Moved {
    /// Blobs that were uploaded.
    BlobsIn,
    /// Blobs that were served.
    BlobsOut,
    /// Outputs that were computed.
    OutputsIn,
    /// Outputs that were served.
    OutputsOut,
}

/// Values at the moment of the request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Snapshot {
    /// Queued runs.
    pub queued: u32,
    /// How long the oldest queued run has waited.
    pub oldest: Duration,
    /// Runs on a device.
    pub running: u32,
    /// Chosen devices that are present.
    pub present: usize,
    /// Chosen devices that are lost.
    pub lost: usize,
}

/// All metrics.
pub(crate) struct Metrics {
    registry: Registry,
    queued: Gauge,
    oldest: Gauge<f64, AtomicU64>,
    running: Gauge,
    present: Gauge,
    lost: Gauge,
    runs: Family<RunLabels, Counter>,
    stages: Family<StageLabels, Histogram, fn() -> Histogram>,
    busy: Family<LaneLabels, Seconds>,
    kernels: Family<LaneLabels, Seconds>,
    losses: Family<DeviceLabels, Counter>,
    kills: Family<CauseLabels, Counter>,
    programs: Family<CacheLabels, Counter>,
    bytes: Family<BytesLabels, Counter>,
}

/// Buckets from a millisecond to more than an hour.
fn stage_buckets() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 4.0, 12))
}

impl Default for Metrics {
    fn default() -> Self {
        let mut all = Self {
            registry: Registry::with_prefix("dpin_executor"),
            queued: Gauge::default(),
            oldest: Gauge::default(),
            running: Gauge::default(),
            present: Gauge::default(),
            lost: Gauge::default(),
            runs: Family::default(),
            stages: Family::new_with_constructor(stage_buckets as fn() -> Histogram),
            busy: Family::default(),
            kernels: Family::default(),
            losses: Family::default(),
            kills: Family::default(),
            programs: Family::default(),
            bytes: Family::default(),
        };
        let to = &mut all.registry;
        to.register("queue_length", "Runs that wait", all.queued.clone());
        to.register_with_unit(
            "queue_age",
            "How long the oldest waiting run has waited",
            Unit::Seconds,
            all.oldest.clone(),
        );
        to.register("running", "Runs on a device", all.running.clone());
        to.register("devices_present", "Chosen devices that are there", all.present.clone());
        to.register("devices_lost", "Chosen devices that are lost", all.lost.clone());
        to.register("runs", "Runs that ended, by outcome", all.runs.clone());
        to.register_with_unit("stage", "Time of the stages of a run", Unit::Seconds, all.stages.clone());
        to.register_with_unit("device_busy", "Time a run had the device", Unit::Seconds, all.busy.clone());
        to.register_with_unit("device_kernel", "Time kernels ran on the device", Unit::Seconds, all.kernels.clone());
        to.register("device_losses", "How often a device was lost", all.losses.clone());
        to.register("kills", "Children that were killed, by cause", all.kills.clone());
        to.register("programs", "Programs, by whether they were compiled before", all.programs.clone());
        to.register("moved_bytes", "Bytes of blobs and outputs, in and out", all.bytes.clone());
        all
    }
}

impl Metrics {
    /// Count a run of `work` that ended with `outcome`, one of a few words.
    pub(crate) fn ended(&self, work: &'static str, outcome: &'static str, account: &Account) {
        self.runs.get_or_create(&RunLabels { work, outcome }).inc();
        for (stage, time) in account.stages() {
            if let Some(time) = time {
                self.stages.get_or_create(&StageLabels { work, stage }).observe(time.as_secs_f64());
            }
        }
    }

    /// Add `time` during which a run of `work` occupied `device`.
    pub(crate) fn busy(&self, device: &DeviceLabels, work: &'static str, time: Duration) {
        self.busy.get_or_create(&lane(device, work)).inc_by(time.as_secs_f64());
    }

    /// Add `ns` nanoseconds during which kernels of `work` ran on `device`.
    pub(crate) fn kernels(&self, device: &DeviceLabels, work: &'static str, ns: u64) {
        self.kernels.get_or_create(&lane(device, work)).inc_by(Duration::from_nanos(ns).as_secs_f64());
    }

    /// Count a loss of `device`.
    pub(crate) fn lost(&self, device: &DeviceLabels) {
        self.losses.get_or_create(device).inc();
    }

    /// Count a killed child.
    pub(crate) fn killed(&self, kill: Kill) {
        self.kills.get_or_create(&CauseLabels { cause: kill.name() }).inc();
    }

    /// Count a loaded program. `cached`: it was compiled by an earlier run.
    pub(crate) fn program(&self, cached: bool) {
        self.programs.get_or_create(&CacheLabels { result: if cached { "hit" } else { "miss" } }).inc();
    }

    /// Count transferred bytes.
    pub(crate) fn moved(&self, what: Moved, bytes: u64) {
        let (of, direction) = match what {
            Moved::BlobsIn => ("blobs", "in"),
            Moved::BlobsOut => ("blobs", "out"),
            Moved::OutputsIn => ("outputs", "in"),
            Moved::OutputsOut => ("outputs", "out"),
        };
        self.bytes.get_or_create(&BytesLabels { of, direction }).inc_by(bytes);
    }

    /// All metrics in the text format, with the values of `now`.
    ///
    /// # Errors
    ///
    /// If they cannot be encoded.
    pub(crate) fn text(&self, now: Snapshot) -> Result<String, fmt::Error> {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.queued.set(now.queued.into());
        self.oldest.set(now.oldest.as_secs_f64());
        self.running.set(now.running.into());
        self.present.set(count(now.present));
        self.lost.set(count(now.lost));
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

fn lane(device: &DeviceLabels, work: &'static str) -> LaneLabels {
    LaneLabels { device: device.device, model: device.model.clone(), work }
}

/// A function that returns the text of the metrics.
pub(crate) type Source = Arc<dyn Fn() -> Result<String, fmt::Error> + Send + Sync>;

/// Serve `GET /metrics` on `listener` until `end` completes, without authentication. The metrics
/// say nothing about the work or its requesters.
pub(crate) async fn serve(listener: TcpListener, source: Source, end: impl Future<Output = ()> + Send + 'static) {
    let router = Router::new().route("/metrics", get(metrics)).with_state(source);
    let limits = Limits { connections: MAX_CONNECTIONS, ..Limits::default() };
    dpin_listen::serve(listener, router, limits, end).await;
}

async fn metrics(State(source): State<Source>) -> impl IntoResponse {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match tokio::task::spawn_blocking(move || source()).await {
        Ok(Ok(text)) => Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text)),
        _ => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::wire::Times;

    #[test]
    fn what_happened_is_told_by_name_and_label() {
        let metrics = Metrics::default();
        let device = DeviceLabels::new(1, b"A \"B\\\n");
        let times = Times { build_ns: 20_000_000, kernel_ns: 1_500_000_000, read_ns: 0, checked: false };
        let account = Account { times: Some(times), ..Account::default() };
        metrics.ended("task", "committed", &account);
        metrics.ended("task", "timeout", &Account::default());
        metrics.busy(&device, "task", Duration::from_millis(2_500));
        metrics.kernels(&device, "task", times.kernel_ns);
        metrics.lost(&device);
        metrics.killed(Kill::Time);
        metrics.program(false);
        metrics.moved(Moved::BlobsIn, 7);
        let text = metrics.text(Snapshot { queued: 3, lost: 1, ..Snapshot::default() }).unwrap();
        for line in [
            "dpin_executor_queue_length 3",
            "dpin_executor_devices_lost 1",
            "dpin_executor_runs_total{work=\"task\",outcome=\"committed\"} 1",
            "dpin_executor_runs_total{work=\"task\",outcome=\"timeout\"} 1",
            "dpin_executor_stage_seconds_count{work=\"task\",stage=\"run\"} 1",
            "dpin_executor_stage_seconds_sum{work=\"task\",stage=\"run\"} 1.5",
            "dpin_executor_device_busy_seconds_total{device=\"1\",model=\"A  B  \",work=\"task\"} 2.5",
            "dpin_executor_device_losses_total{device=\"1\",model=\"A  B  \"} 1",
            "dpin_executor_kills_total{cause=\"time\"} 1",
            "dpin_executor_programs_total{result=\"miss\"} 1",
            "dpin_executor_moved_bytes_total{of=\"blobs\",direction=\"in\"} 7",
        ] {
            assert!(text.lines().any(|found| found == line), "no `{line}` in\n{text}");
        }
    }
}
