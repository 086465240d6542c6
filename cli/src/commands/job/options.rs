//! Options that several commands of `dpin job` have.

use crate::{
    error::{Error, Result},
    text::amount::Money,
};
use clap::{Args, ValueEnum};
use dpin_primitives::{AssetKind, Balance, api::Milestone};
use dpin_rpc::JobView;

/// Options that limit which jobs are posted.
#[derive(Args, Debug)]
pub(super) struct LimitArgs {
    /// Maximum cost of all tasks together: 10DPN. Nothing is sent if they would cost more.
    /// Transaction fees, and deposits, which are returned later, are shown but not counted
    #[arg(long, value_name = "AMOUNT")]
    pub(super) max_cost: Option<Money>,
    /// Post the job even if it will probably fail; with `run`, also replace the file of --out
    #[arg(long)]
    pub(super) force: bool,
}

impl LimitArgs {
    /// The most that may be held, in the asset's smallest unit.
    ///
    /// # Errors
    ///
    /// When the limit is given in another asset.
    pub(super) fn most(&self, asset: &AssetKind) -> Result<Option<Balance>> {
        let most = self.max_cost.map(|most| most.resolve(Some(asset.clone())).map(|(_, most)| most));
        most.transpose().map_err(|problem| Error::usage(format!("--max-cost: {problem}")))
    }
}

/// Options for fetching outputs.
#[derive(Args, Debug)]
pub(super) struct FetchArgs {
    /// Stage that every task must reach before the output is fetched [default: settled for `run`,
    /// committed for `output`]
    #[arg(long, value_enum)]
    pub(super) until: Option<Until>,
    /// URL of the only node to fetch the output from. The output is verified all the same
    #[arg(long, value_name = "URL")]
    pub(super) from: Option<String>,
    /// Write the existing outputs even if tasks have failed. The places of missing outputs are
    /// zeros
    #[arg(long)]
    pub(super) partial: bool,
}

/// The stage that a job must reach.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Until {
    /// The worker has committed to a result; nothing is checked yet
    Committed,
    /// The result is verified; it may still be challenged
    Verified,
    /// The result is verified and paid for
    Settled,
}

impl Until {
    /// Whether every task of a job has reached this stage, or the job has ended.
    pub(super) fn reached(self, job: &JobView) -> bool {
        let least = match self {
            Self::Committed => Milestone::Committed,
            Self::Verified => Milestone::Verified,
            Self::Settled => Milestone::Ended,
        };
        job.ended.is_some() || job.tasks.iter().all(|task| task.stage.milestone() >= least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        commands::job::show::job_text,
        job::{sample, watch},
    };
    use dpin_primitives::reason::ReasonCode;

    #[test]
    fn an_ended_job_is_far_enough_for_everything() {
        let job = sample::ended([ReasonCode::Timeout, ReasonCode::NoWorker]);
        assert!([Until::Committed, Until::Verified, Until::Settled].into_iter().all(|until| until.reached(&job)));
        assert_eq!(watch::summary(&job), "1 settled, 2 failed");
        assert!(job_text(&job).contains("failed: timeout"));
    }
}
