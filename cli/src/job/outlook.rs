//! Workers that could take the tasks of a job, and advice if there are none.

use crate::text::output::count;
use dpin_primitives::{
    candidates::{Candidates, Condition, Outlook, Unmet},
    job::JobSpec,
};

/// A reason why a job will probably fail, and advice against it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Doubt {
    /// The reason.
    pub problem: String,
    /// Advice on how to avoid it.
    pub remedy: String,
}

/// The sentence for a condition that no worker meets, and the advice.
fn explanation(condition: Condition) -> (&'static str, &'static str) {
    match condition {
        Condition::Active => ("all of them are paused or leaving", "try again later"),
        Condition::Drawable => (
            "none of them may be drawn now, because of its canaries, bond, reputation or slashes",
            "try again later; `dpin worker list` shows their states",
        ),
        Condition::Stranger => (
            "they are the requester's own, which never get the requester's tasks",
            "post the job from another account, or wait for other workers",
        ),
        Condition::Untried => ("all of them have already tried it", "wait for other workers"),
        Condition::Class => ("none has a device of the class of --class", "omit --class, or choose another class"),
        Condition::Memory => (
            "none has the memory for --memory, or for the inputs and a tile of the output",
            "lower --memory, or split the inputs over several jobs",
        ),
        Condition::Fp64 => ("none computes in double precision", "omit --fp64"),
        Condition::Fp32 => {
            ("none meets the requirements for single precision", "omit --denormals or --rounded-division")
        }
        Condition::Reputation => ("none has the reputation that --reputation requires", "lower --reputation"),
        Condition::Region => ("none is in the region of --region", "omit --region, or choose a larger region"),
        Condition::Certified => ("none is certified", "omit --certified"),
        Condition::Asset => (
            "none accepts the asset of the reward",
            "pay in another asset; `dpin worker status ACCOUNT` shows what a worker accepts",
        ),
        Condition::Price => (
            "none accepts a reward as low as this",
            "raise --reward; `dpin worker status ACCOUNT` shows what a worker accepts",
        ),
        Condition::Deadline => ("none accepts tasks of --run-blocks", "lower --run-blocks"),
        Condition::Kernel => ("none accepts this kernel: their offers name others", "ask an operator to accept it"),
        Condition::Bond => (
            "none has the bond that this reward locks",
            "lower --reward, and split the job into more tasks with --tasks",
        ),
    }
}

/// The name of a condition in a list of conditions.
fn condition_name(condition: Condition) -> &'static str {
    match condition {
        Condition::Active => "being active",
        Condition::Drawable => "being drawn",
        Condition::Stranger => "not belonging to the requester",
        Condition::Untried => "not having tried it",
        Condition::Class => "--class",
        Condition::Memory => "--memory",
        Condition::Fp64 => "--fp64",
        Condition::Fp32 => "single precision",
        Condition::Reputation => "--reputation",
        Condition::Region => "--region",
        Condition::Certified => "--certified",
        Condition::Asset => "the asset",
        Condition::Price => "the reward",
        Condition::Deadline => "--run-blocks",
        Condition::Kernel => "the kernel",
        Condition::Bond => "the bond",
    }
}

/// The reason why nobody can take a task, and the advice; `None` if somebody can.
fn no_candidate(candidates: &Candidates) -> Option<(String, &'static str)> {
    let registered = match candidates.workers {
        1 => "1 worker is registered".to_string(),
        many => format!("{many} workers are registered"),
    };
    let because = |condition| {
        let (why, remedy) = explanation(condition);
        Some((format!("{registered}, and {why}"), remedy))
    };
    match candidates.outlook() {
        Outlook::Free | Outlook::Busy => None,
        Outlook::NoWorkers => Some(("no worker is registered".into(), "wait until a worker registers")),
        Outlook::OwnWorkersOnly => {
            let (why, remedy) = explanation(Condition::Stranger);
            let own = candidates.unmet.iter().find(|unmet| unmet.condition == Condition::Stranger);
            let alone = own.map_or(0, |own| own.alone);
            let of = if alone == candidates.workers { String::new() } else { format!("only {alone} could; ") };
            Some((format!("{registered}; {of}{why}"), remedy))
        }
        Outlook::Unmet { condition } => because(condition),
        Outlook::UnmetTogether => {
            let excluded = |unmet: &Unmet| format!("{} excludes {}", condition_name(unmet.condition), unmet.workers);
            let all: Vec<String> = candidates.unmet.iter().map(excluded).collect();
            Some((
                format!("{registered}, and none meets all conditions: {}", all.join(", ")),
                "relax the requirements that exclude workers",
            ))
        }
    }
}

/// Reasons against posting a job with these candidates.
pub(crate) fn doubts(candidates: &Candidates, spec: &JobSpec) -> Vec<Doubt> {
    // With very many workers, the chain only looked at a sample.
    if !candidates.complete {
        return Vec::new();
    }
    if let Some((why, remedy)) = no_candidate(candidates) {
        return vec![Doubt {
            problem: format!(
                "no worker can take a task of this job: {why}. Its tasks would wait, and fail with noWorker"
            ),
            remedy: remedy.into(),
        }];
    }
    if spec.audit.auditors > 0 && candidates.auditors == 0 {
        return vec![Doubt {
            problem: format!(
                "the job needs {} for each task, but no worker besides the one that computes it could audit: its tasks would fail with noAuditors",
                count(spec.audit.auditors, "auditor")
            ),
            remedy: "use --auditors 0 to accept unaudited results, or wait for more workers".into(),
        }];
    }
    Vec::new()
}

/// A warning to the requester before a job with these candidates is posted.
pub(crate) fn warning(candidates: &Candidates, spec: &JobSpec) -> Option<String> {
    let (asked, there) = (spec.audit.auditors, candidates.auditors);
    if candidates.complete && (1..asked).contains(&there) {
        return Some(format!(
            "the job needs {asked} auditors, but only {there} could audit: audits will be late and smaller; --auditors {there} avoids the delay"
        ));
    }
    match candidates.outlook() {
        Outlook::Busy => {
            Some(format!("{} could take its tasks, but all are busy", count(candidates.eligible, "worker")))
        }
        _ => None,
    }
}

/// The reason why a task waits for a worker.
pub(crate) fn wait_reason(candidates: &Candidates) -> String {
    match (no_candidate(candidates), candidates.outlook()) {
        (Some((why, _)), _) => format!("no worker can take it: {why}"),
        (None, Outlook::Busy) => match candidates.eligible {
            1 => "the only worker that could take it is busy".into(),
            many => format!("all {many} workers that could take it are busy"),
        },
        (None, _) => "a worker is free; one of the next draws assigns the task".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::sample;
    use Condition::{Active, Bond, Certified, Memory, Price, Region, Stranger};
    use dpin_primitives::job::AuditPolicy;

    /// Candidates of a complete search: one worker for each list of unmet conditions, and the
    /// number that could audit.
    fn candidates(workers: &[&[Condition]], auditors: u32) -> Candidates {
        let mut all = Candidates { complete: true, auditors, ..Candidates::default() };
        workers.iter().for_each(|unmet| all.count(unmet));
        all.free = all.eligible;
        all
    }

    fn problem(candidates: &Candidates) -> String {
        let doubts = doubts(candidates, &sample::spec()).into_iter();
        doubts.map(|doubt| format!("{} / {}", doubt.problem, doubt.remedy)).collect()
    }

    #[test]
    fn a_job_that_somebody_can_take_and_audit_is_not_doubted() {
        let (spec, found) = (sample::spec(), candidates(&[&[], &[Region], &[]], 2));
        assert_eq!((doubts(&found, &spec), warning(&found, &spec)), (vec![], None));
    }

    #[test]
    fn what_excludes_everybody_is_named_with_its_option() {
        use Condition::{Asset, Class, Deadline, Drawable, Fp32, Fp64, Kernel, Reputation, Untried};
        for (condition, expected) in [
            (Memory, "--memory"),
            (Region, "--region"),
            (Certified, "--certified"),
            (Reputation, "--reputation"),
            (Class, "--class"),
            (Fp64, "--fp64"),
            (Fp32, "--denormals"),
            (Deadline, "--run-blocks"),
            (Price, "raise --reward"),
            (Bond, "lower --reward"),
            (Asset, "another asset"),
            (Kernel, "this kernel"),
            (Active, "paused"),
            (Drawable, "drawn"),
            (Untried, "tried"),
        ] {
            let found = problem(&candidates(&[&[condition], &[condition, Memory], &[condition]], 2));
            assert!(found.contains(expected) && found.contains("3 workers are registered"), "{found}");
        }
        assert!(problem(&candidates(&[], 0)).contains("no worker is registered"));
        assert!(problem(&candidates(&[&[Stranger]], 0)).contains("requester's own"));
        // A sample allows no conclusions.
        assert_eq!(problem(&Candidates { complete: false, ..candidates(&[&[Memory]], 0) }), "");
    }

    #[test]
    fn too_few_auditors_are_told_before_and_none_are_refused() {
        let none = problem(&candidates(&[&[]], 0));
        assert!(none.contains("noAuditors") && none.contains("--auditors 0"), "{none}");
        let (mut spec, one) = (sample::spec(), candidates(&[&[], &[]], 1));
        assert_eq!(doubts(&one, &spec), []);
        assert!(warning(&one, &spec).unwrap().contains("--auditors 1"));
        spec.audit = AuditPolicy { auditors: 0, ..spec.audit };
        assert_eq!(doubts(&candidates(&[&[]], 0), &spec), []);
    }

    #[test]
    fn a_task_that_waits_says_why() {
        let busy = Candidates { free: 0, ..candidates(&[&[]], 0) };
        assert!(wait_reason(&busy).contains("the only worker that could take it is busy"));
        assert!(
            warning(&busy, &JobSpec { audit: AuditPolicy { auditors: 0, ..AuditPolicy::default() }, ..sample::spec() })
                .unwrap()
                .contains("busy")
        );
        assert!(wait_reason(&candidates(&[&[]], 0)).contains("free"));
        let told = wait_reason(&candidates(&[&[Region], &[Memory]], 0));
        assert!(told.contains("--memory excludes 1, --region excludes 1"), "{told}");
    }
}
