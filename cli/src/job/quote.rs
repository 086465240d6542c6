//! The price and the duration of a job.

use crate::{
    chain::Chain,
    error::{Error, Result},
    job::check::check_spec,
    text::{amount, output},
};
use dpin_primitives::{
    AccountId, AssetKind, Balance, SLOT_MS,
    api::{NetworkInfo, ParametersInfo, Quote, Wait},
    candidates::Candidates,
    economy::FeeQuote,
    job::{JobSpec, Reward, TaskCost},
    kernel::{InputBytes, KernelManifest},
    worker::DeviceClass,
};
use dpin_rpc::QuoteView;
use polkadot_sdk::sp_runtime::Perbill;
use serde_json::Value;

/// The price and the duration of a job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Quoted {
    asset: AssetKind,
    quote: Quote,
    /// All fees.
    pub fees: FeeQuote,
    /// The time it would take. `None` while its kernel is not registered or its inputs are not
    /// stored.
    pub wait: Option<Wait>,
    /// The workers that could take its tasks.
    pub candidates: Candidates,
}

impl Quoted {
    /// Ask the chain. It must know the job's kernel and inputs.
    ///
    /// # Errors
    ///
    /// The error that posting the job would return.
    pub(crate) async fn request(chain: &Chain, spec: &JobSpec, requester: Option<&AccountId>) -> Result<Self> {
        let quote = chain.api_or_refusal("ComputeApi_quote", spec).await?;
        let fees = chain.api_or_refusal("EconomyApi_fees", spec).await?;
        let wait: Wait = chain.api_or_refusal("ComputeApi_wait", (spec, requester)).await?;
        let candidates = wait.candidates.clone();
        Ok(Self { asset: spec.reward.asset.clone(), quote, fees, wait: Some(wait), candidates })
    }

    /// Compute the quote as if the job's kernel were registered and its inputs, of these sizes,
    /// stored.
    ///
    /// # Errors
    ///
    /// The error that posting the job would return.
    pub(crate) async fn estimate(
        chain: &Chain,
        spec: &JobSpec,
        manifest: &KernelManifest,
        inputs: InputBytes,
        requester: Option<&AccountId>,
    ) -> Result<Self> {
        let parameters: ParametersInfo = chain.api("ComputeApi_parameters", ()).await?;
        let network: NetworkInfo = chain.api("ComputeApi_network", ()).await?;
        let quoted = Self::from_rules(spec, manifest, &parameters, &network)?;
        let candidates = chain.api("ComputeApi_prospects", (spec, manifest.tiling, inputs, requester)).await?;
        Ok(Self { candidates, ..quoted })
    }

    fn from_rules(
        spec: &JobSpec,
        manifest: &KernelManifest,
        parameters: &ParametersInfo,
        network: &NetworkInfo,
    ) -> Result<Self> {
        let of_class = |class: DeviceClass| spec.requires.class.is_none_or(|asked| asked == class);
        let available = network.available_workers.iter().filter(|(class, _)| of_class(*class));
        let available = available.fold(0, |sum: u32, (_, count)| sum.saturating_add(*count));
        let shape = check_spec(spec, manifest, available, parameters.max_run_blocks)?;
        let Reward { asset, per_task: reward } = &spec.reward;
        if *reward < parameters.min_reward {
            return Err(Error::refused(format!(
                "the reward of {} is below the minimum of {}",
                amount::show(*reward, asset),
                amount::show(parameters.min_reward, asset)
            ))
            .named("Jobs.RewardTooLow")
            .hint("`dpin network` shows the minimum reward"));
        }
        let per_task = TaskCost::quote(&spec.reward, spec.audit.auditors, &parameters.fees);
        let fees = per_task.and_then(|per_task| split(per_task, shape.tasks, parameters.fees.reservation));
        let fees = fees.ok_or_else(|| Error::usage("--reward: the cost of the job exceeds the largest amount"))?;
        let quote = Quote { shape, per_task: fees.per_task, total: fees.total, audit: spec.audit };
        Ok(Self { asset: asset.clone(), quote, fees, wait: None, candidates: Candidates::default() })
    }

    /// The number of tasks.
    pub(crate) fn tasks(&self) -> u32 {
        self.fees.tasks
    }

    /// Convert to JSON, in the format of `compute_quote`.
    pub(crate) fn to_json(&self) -> Value {
        let candidates = self.candidates.clone();
        let unknown = Wait { assigned: 0, output: 0, settled: 0, ahead: 0, available: 0, candidates };
        let wait = self.wait.clone().unwrap_or(unknown);
        let mut json = output::json(QuoteView::from((self.quote.clone(), self.fees.clone(), wait)));
        if let (None, Some(wait)) = (&self.wait, json["wait"].as_object_mut()) {
            // Unknown numbers are null.
            wait.values_mut().filter(|value| value.is_number()).for_each(|value| *value = Value::Null);
        }
        json
    }

    /// The quote as one sentence.
    pub(crate) fn sentence(&self) -> String {
        let Self { asset, fees, wait, .. } = self;
        let hopeless = self.candidates.complete && self.candidates.eligible == 0;
        let wait = wait.as_ref().filter(|_| !hopeless);
        let wait = wait.map(|wait| format!("; done within {}", blocks(wait.settled))).unwrap_or_default();
        format!("{}, {} to be held{wait}", output::count(fees.tasks, "task"), amount::show(fees.total, asset))
    }

    /// The quote's names and values, as people read them.
    pub(crate) fn lines(&self) -> Vec<(&'static str, String)> {
        let Self { asset, fees, wait, candidates, .. } = self;
        let show = |amount| amount::show(amount, asset);
        let some = |amount| if amount == 0 { String::new() } else { show(amount) };
        let mut lines = vec![
            ("tasks", fees.tasks.to_string()),
            ("rewards", show(fees.rewards)),
            ("auditors", some(fees.auditors)),
            ("reservation", show(fees.reservation)),
            ("surcharge", some(fees.surcharge)),
            ("held", show(fees.total)),
        ];
        if let Some(wait) = wait {
            lines.extend([
                ("waiting", format!("{} before it", output::count_of(wait.ahead, "task"))),
                ("worker in", blocks(wait.assigned)),
                ("output by", blocks(wait.output)),
                ("settled by", blocks(wait.settled)),
            ]);
        }
        let Candidates { workers, eligible, free, auditors, .. } = candidates;
        let sampled = if candidates.complete { "" } else { " in the sample" };
        let registered = output::count(*workers, "worker");
        lines.push(("workers", format!("{eligible} of {registered}{sampled} could take it, {free} of them now")));
        if self.quote.audit.auditors > 0 {
            lines.push(("could audit", output::count(*auditors, "worker")));
        }
        lines
    }
}

/// Split the escrow of a job by purpose, as the chain does. The fee of a task is the reservation
/// fee, rounded up, and the surcharge. `None` on overflow.
fn split(per_task: TaskCost, tasks: u32, reservation: Perbill) -> Option<FeeQuote> {
    let of_all = |amount: Balance| amount.checked_mul(tasks.into());
    let reservation = reservation.mul_ceil(per_task.reward).min(per_task.fee);
    Some(FeeQuote {
        tasks,
        per_task,
        rewards: of_all(per_task.reward)?,
        reservation: of_all(reservation)?,
        surcharge: of_all(per_task.fee.checked_sub(reservation)?)?,
        auditors: of_all(per_task.per_auditor.checked_mul(per_task.auditors.into())?)?,
        total: of_all(per_task.total())?,
        worker_fees: of_all(per_task.worker_fee)?,
        transaction: 0,
    })
}

/// A number of blocks, with their duration.
fn blocks(count: u32) -> String {
    let seconds = u64::from(count) * SLOT_MS / 1000;
    match seconds {
        0..=119 => format!("{count} blocks ({seconds} s)"),
        120..=7_199 => format!("{count} blocks ({} min)", seconds / 60),
        _ => format!("{count} blocks ({} h)", seconds / 3_600),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::error::Exit;
    use dpin_primitives::{
        DPN,
        job::{AuditPolicy, JobShape, TaskCount},
        kernel::{KernelClass, Param, Tiling},
    };

    /// The quote of a job of two tasks.
    pub(crate) fn quoted() -> Quoted {
        let per_task =
            TaskCost { reward: DPN, per_auditor: DPN / 10, auditors: 2, fee: DPN / 100, worker_fee: DPN / 100 };
        Quoted {
            asset: AssetKind::Native,
            quote: Quote {
                shape: JobShape { groups: [2, 1, 1], total: 2, tasks: 2 },
                per_task,
                total: 2 * per_task.total(),
                audit: AuditPolicy::default(),
            },
            fees: FeeQuote {
                tasks: 2,
                rewards: 2 * DPN,
                reservation: DPN / 50,
                surcharge: 0,
                auditors: DPN * 2 / 5,
                total: 2 * per_task.total(),
                worker_fees: DPN / 50,
                transaction: 5,
                per_task,
            },
            wait: Some(Wait {
                assigned: 1,
                output: 21,
                settled: 50,
                ahead: 3,
                available: 4,
                candidates: Candidates::default(),
            }),
            candidates: Candidates::default(),
        }
    }

    #[test]
    fn a_quote_tells_what_is_held_and_how_long_it_takes() {
        let quoted = quoted();
        assert_eq!(quoted.sentence(), "2 tasks, 2.42 DPN to be held; done within 50 blocks (2 min)");
        let text = output::fields(&quoted.lines());
        assert!(text.contains("held") && !text.contains("surcharge"), "{text}");
        assert_eq!(quoted.to_json()["total"], (DPN * 242 / 100).to_string());
    }

    #[test]
    fn a_job_of_a_kernel_that_is_not_registered_is_priced_by_the_same_rules() {
        let manifest = KernelManifest {
            source: Default::default(),
            entry: b"f".to_vec().try_into().unwrap(),
            params: vec![Param::Output].try_into().unwrap(),
            local_size: [16, 1, 1],
            tiling: Tiling::PerGroup { bytes: 32 },
            options: Default::default(),
            class: KernelClass::Raw,
        };
        let mut spec = crate::job::sample::spec();
        (spec.reward.per_task, spec.audit.auditors) = (DPN, 2);
        let parameters = crate::job::sample::parameters();
        let network = NetworkInfo {
            jobs: 0,
            open_jobs: 0,
            waiting_tasks: 0,
            settled_tasks: 0,
            failed_tasks: 0,
            kernels: 0,
            active_workers: 9,
            available_workers: vec![(DeviceClass::Gpu, 5), (DeviceClass::Cpu, 4)],
            pending_slashes: 0,
        };
        let quoted = Quoted::from_rules(&spec, &manifest, &parameters, &network).unwrap();
        let cost = TaskCost::quote(&spec.reward, 2, &parameters.fees).unwrap();
        assert_eq!((quoted.fees.total, quoted.tasks()), (3 * cost.total(), 3));
        let fees = &quoted.fees;
        assert_eq!(fees.rewards + fees.reservation + fees.surcharge + fees.auditors, fees.total);
        assert!(quoted.to_json()["wait"]["settled"].is_null());

        // The chain would make as many tasks: it counts the workers of the class.
        spec.tasks = TaskCount::Auto;
        assert_eq!(Quoted::from_rules(&spec, &manifest, &parameters, &network).unwrap().tasks(), 4);
        spec.requires.class = Some(DeviceClass::Cpu);
        assert_eq!(Quoted::from_rules(&spec, &manifest, &parameters, &network).unwrap().tasks(), 2);

        spec.reward.per_task = parameters.min_reward - 1;
        let error = Quoted::from_rules(&spec, &manifest, &parameters, &network).unwrap_err();
        assert_eq!((error.exit, error.name.as_deref()), (Exit::Refused, Some("Jobs.RewardTooLow")));
        spec.run_blocks = parameters.max_run_blocks + 1;
        assert_eq!(Quoted::from_rules(&spec, &manifest, &parameters, &network).unwrap_err().exit, Exit::Usage);
    }
}
