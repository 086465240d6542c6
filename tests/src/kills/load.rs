//! The jobs that are posted while the network is disturbed.

use super::REQUESTER;
use crate::{
    actors::{self, Terms},
    client::Client,
};
use anyhow::{Context, Result};
use dpin_kernels::{Job, mandelbrot::View, mlp_digits};
use dpin_primitives::{
    BLC, BLC_UNIT, JobId, blake2,
    job::{AuditPolicy, JobSpec, Samples, TaskCount},
    kernel::{KernelClass, KernelManifest, Param, Tiling},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::{Duration, Instant};

/// Most open jobs at a time. The load alone must not make four workers with two lanes each late.
const OPEN: usize = 4;
/// Interval at which the number of open jobs is polled.
const TICK: Duration = Duration::from_secs(1);
/// Time between the last job and the end of the disturbances.
const LEAD: Duration = Duration::from_secs(5);

/// The error of a job whose kernel is in quarantine.
const QUARANTINED: &str = "Jobs.KernelQuarantined";

/// A kernel that does not compile.
const BROKEN: &str = "__kernel void broken(__global uint *out) { out[0] = no_such_thing; }\n";

/// A job of the mix.
#[derive(Clone, Debug)]
struct Kind {
    name: &'static str,
    spec: JobSpec,
    /// The work, for the reference of its output. `None` for a kernel that no worker can run.
    work: Option<Job>,
    /// Weight of this kind among all kinds.
    share: u32,
}

/// A posted job.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The job.
    pub id: JobId,
    /// The name of its kind.
    pub name: &'static str,
    /// The work, for the reference of its output. `None` for a kernel that no worker can run.
    pub work: Option<Job>,
}

/// The mix of jobs.
#[derive(Clone, Debug)]
pub struct Load {
    kinds: Vec<Kind>,
}

impl Load {
    /// Store and register everything that the mix needs.
    ///
    /// # Errors
    ///
    /// When a call fails or is not included in a block.
    pub async fn prepare(client: &Client) -> Result<Self> {
        let quick = View::whole_set(64, 64, 200).job()?;
        // Most of this picture lies inside the set: it takes some seconds on two cores.
        let slow = View { step: View::whole_set(384, 384, 1).step / 4, ..View::whole_set(384, 384, 6_000) }.job()?;
        let digits = mlp_digits::digits_job()?;
        let broken = KernelManifest {
            source: blake2(BROKEN.as_bytes()),
            entry: b"broken".to_vec().try_into().ok().context("the name fits")?,
            params: vec![Param::Output].try_into().ok().context("one parameter fits")?,
            local_size: [1, 1, 1],
            tiling: Tiling::PerGroup { bytes: 4 },
            options: Default::default(),
            class: KernelClass::Raw,
        };
        let mut calls = [actors::prepare(&quick)?, actors::prepare(&digits)?].concat();
        calls.extend([actors::store(BROKEN.as_bytes()), actors::register_kernel(broken.clone())]);
        for included in client.submit_all(REQUESTER, calls).await? {
            included.ok().context("kernels and inputs")?;
        }

        let audited = AuditPolicy::default();
        let one = AuditPolicy { auditors: 1, samples: Samples::All, ..audited };
        let windowed = AuditPolicy { challenge_blocks: 4, ..audited };
        let terms = |tasks, audit| Terms { tasks: TaskCount::Exactly(tasks), audit, ..Terms::default() };
        let in_blc = Terms { asset: BLC, reward: 4 * BLC_UNIT, ..terms(2, audited) };
        let short = Terms { run_blocks: 8, ..terms(1, audited) };
        let kind = |name, work: &Job, terms, share| -> Result<Kind> {
            Ok(Kind { name, spec: actors::spec_of(work, terms)?, work: Some(work.clone()), share })
        };
        Ok(Self {
            kinds: vec![
                kind("a small picture in four tasks", &quick, terms(4, audited), 4)?,
                kind("a small picture, audited whole", &quick, terms(1, one), 2)?,
                kind("a small picture with a challenge window", &quick, terms(2, windowed), 2)?,
                kind("a slow picture", &slow, terms(2, audited), 3)?,
                kind("digits for BLC", &digits, in_blc, 3)?,
                Kind {
                    name: "a kernel that does not compile",
                    spec: actors::spec(broken.id(), [1, 1, 1], &[], vec![], short)?,
                    work: None,
                    share: 1,
                },
            ],
        })
    }

    /// Post jobs until the time is up, with few of them open at a time. Returns them in order.
    ///
    /// # Errors
    ///
    /// When a job is refused or not included in a block, or the node does not answer.
    pub async fn post(&self, client: &Client, seed: u64, until: Instant) -> Result<Vec<Posted>> {
        // A separate stream, because the schedule of disturbances has the same seed.
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(1);
        let mut posted = Vec::new();
        while Instant::now() + LEAD < until {
            if self.open(client, &posted).await? >= OPEN {
                tokio::time::sleep(TICK).await;
                continue;
            }
            let kind = self.choose(&mut rng);
            let included = client.submit(REQUESTER, actors::submit_job(kind.spec.clone())).await?;
            // Two workers have reported that this kernel does not build: since then the chain
            // accepts no job for it.
            if kind.work.is_none() && included.outcome.as_ref().is_err_and(|error| error == QUARANTINED) {
                continue;
            }
            let id = actors::posted(included).with_context(|| kind.name)?;
            posted.push(Posted { id, name: kind.name, work: kind.work.clone() });
        }
        Ok(posted)
    }

    fn choose(&self, rng: &mut impl Rng) -> &Kind {
        let all: u32 = self.kinds.iter().map(|kind| kind.share).sum();
        let mut ticket = rng.random_range(0..all);
        let chosen = self.kinds.iter().find(|kind| {
            let hit = ticket < kind.share;
            ticket = ticket.saturating_sub(kind.share);
            hit
        });
        chosen.unwrap_or(&self.kinds[0])
    }

    /// The number of these jobs that are open on the best chain.
    async fn open(&self, client: &Client, posted: &[Posted]) -> Result<usize> {
        let mut open = 0;
        for job in posted.iter().rev().take(4 * OPEN) {
            let key = pallet_jobs::Jobs::<dpin_runtime::Runtime>::hashed_key_for(job.id);
            if client.storage::<pallet_jobs::JobRecord>(key, None).await?.is_some() {
                open += 1;
            }
        }
        Ok(open)
    }
}
