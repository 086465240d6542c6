//! A dispute: a jury is summoned, deliberates and reveals, and its verdict is carried out.

use super::close::{Claims, Fate};
use crate::{filing::DrawingQueue, verdict::truth, *};
use alloc::vec::Vec;
use dpin_primitives::{
    AccountId, Balance, BlockNumber, Hash, TaskId,
    api::{BondAtStake, BondFate, TaskStep},
    job::MAX_SAMPLES,
    reason::ReasonCode,
    seal::{finding, salted_seal, seal},
    tile_tree,
    traits::{JobLedger, TaskBrief, WorkerRegistry},
    worker::{Duty, Role},
};
use polkadot_sdk::{
    frame_support::{BoundedVec, defensive, ensure, weights::Weight},
    sp_runtime::DispatchError,
};

/// The claim of a worker whose opening does not lead to its root: the digest of nothing that could
/// be found.
const NO_OPENING: Hash = Hash::zero();

/// What came out of a jury.
struct Findings {
    /// What most jurors have found, if there is a verdict.
    truth: Option<Hash>,
    /// The jurors who have found it.
    honest: Vec<AccountId>,
    /// The auditors whose seals fit it: bit i stands for the i-th.
    agreeing: u8,
}

impl Findings {
    fn of(jury: &Jury) -> Self {
        let found: Vec<Hash> = jury.jurors.iter().filter_map(|juror| Some(juror.finding?.leaves)).collect();
        let truth = truth(&found);
        let majority = |juror: &&Juror| juror.finding.is_some_and(|finding| Some(finding.leaves) == truth);
        let honest = jury.jurors.iter().filter(majority).map(|juror| juror.who.clone()).collect();
        let agreeing = jury.jurors.iter().find(majority).and_then(|juror| juror.finding).map_or(0, |f| f.agreeing);
        Self { truth, honest, agreeing }
    }

    /// Whether the seal of the auditor at this position fits what most jurors have found.
    fn agree_with(&self, position: usize) -> bool {
        self.agreeing.checked_shr(position as u32).unwrap_or(0) & 1 == 1
    }
}

/// What somebody says against a result that was found right.
struct Accusation {
    /// The result.
    proven: Proven,
    /// When its challenge window ends.
    until: BlockNumber,
    /// Who says it.
    accuser: AccountId,
    /// What it has put up, in planck.
    bond: Balance,
}

impl<T: Config> Pallet<T> {
    /// Call for a jury. It is drawn with randomness that nobody can foresee now.
    /// Returns what filing the task anew weighed, if it had to be.
    pub(crate) fn summon(task: TaskId, state: TaskState, case: Case) -> Weight {
        history::note::<T>(task, state.attempt, TaskStep::Disputed { cause: case.cause() });
        Self::deposit_event(Event::TaskDisputed {
            task,
            worker: case.run().worker.clone(),
            cause: match &case {
                Case::Seals { .. } => Dispute::Seals,
                Case::Challenge { challenger, tile, .. } => {
                    Dispute::Challenge { challenger: challenger.clone(), tile: *tile }
                }
                Case::Withheld { .. } => Dispute::Withheld,
            },
        });
        let due = Self::now().saturating_add(Self::rules().draw_blocks);
        DrawingQueue::<T>::push(task);
        Self::enter(
            task,
            TaskState { stage: Stage::Summoning { case, drawable_at: Self::drawable_at(), due }, ..state },
        )
    }

    pub(crate) fn start_deliberation(
        task: TaskId,
        state: TaskState,
        case: Case,
        mut jury: Jury,
        drawn: Vec<AccountId>,
    ) -> Weight {
        for who in &drawn {
            if T::Workers::oblige(who, Duty { task, role: Role::Juror }, jury.bond) {
                let _ = jury.jurors.try_push(Juror { who: who.clone(), seal: None, finding: None });
            }
        }
        let due = Self::now().saturating_add(Self::rules().seal_blocks);
        Self::deposit_event(Event::JuryDrawn { task, seed: jury.seed, jurors: drawn });
        Self::enter(task, TaskState { stage: Stage::Deliberating { case, jury, due }, ..state })
    }

    /// The state, the jury and the juror's position, if the task waits for this juror's seal.
    pub(crate) fn deliberating(
        task: TaskId,
        attempt: u8,
        juror: &AccountId,
    ) -> Result<(TaskState, Jury, usize), Error<T>> {
        let state = Tasks::<T>::get(task).ok_or(Error::<T>::UnknownTask)?;
        let Stage::Deliberating { jury, due, .. } = &state.stage else { return Err(Error::WrongStage) };
        ensure!(state.attempt == attempt, Error::<T>::WrongAttempt);
        ensure!(Self::now() <= *due, Error::<T>::TooLate);
        let at = jury.jurors.iter().position(|one| one.who == *juror).ok_or(Error::<T>::NotJuror)?;
        ensure!(jury.jurors.get(at).is_some_and(|one| one.seal.is_none()), Error::<T>::AlreadySealed);
        let jury = jury.clone();
        Ok((state, jury, at))
    }

    pub(crate) fn do_seal_as_juror(
        task: TaskId,
        attempt: u8,
        who: AccountId,
        seal: Hash,
    ) -> Result<Weight, DispatchError> {
        let (state, mut jury, at) = Self::deliberating(task, attempt, &who)?;
        let Stage::Deliberating { case, due, .. } = state.stage.clone() else {
            return Err(Error::<T>::WrongStage.into());
        };
        if let Some(juror) = jury.jurors.get_mut(at) {
            juror.seal = Some(seal);
        }
        Self::deposit_event(Event::TaskSealed { task, by: who });
        Ok(if jury.jurors.iter().all(|juror| juror.seal.is_some()) {
            Self::await_findings(task, state, case, jury)
        } else {
            Self::enter(task, TaskState { stage: Stage::Deliberating { case, jury, due }, ..state })
        })
    }

    pub(crate) fn await_findings(task: TaskId, state: TaskState, case: Case, jury: Jury) -> Weight {
        let due = Self::now().saturating_add(Self::rules().open_blocks);
        Self::enter(task, TaskState { stage: Stage::Revealing { case, jury, due }, ..state })
    }

    /// The state and the juror's position, if the task waits for this juror to reveal these leaves.
    pub(crate) fn revealable(
        task: TaskId,
        attempt: u8,
        juror: &AccountId,
        leaves: &[Hash],
        salt: &Hash,
    ) -> Result<(TaskState, usize), Error<T>> {
        let state = Tasks::<T>::get(task).ok_or(Error::<T>::UnknownTask)?;
        let Stage::Revealing { jury, due, .. } = &state.stage else { return Err(Error::WrongStage) };
        ensure!(state.attempt == attempt, Error::<T>::WrongAttempt);
        ensure!(Self::now() <= *due, Error::<T>::TooLate);
        let at = jury.jurors.iter().position(|one| one.who == *juror).ok_or(Error::<T>::NotJuror)?;
        let given = jury.jurors.get(at).and_then(|one| if one.finding.is_none() { one.seal } else { None });
        let given = given.ok_or(Error::<T>::AlreadyRevealed)?;
        ensure!(leaves.len() <= MAX_SAMPLES as usize, Error::<T>::WrongSeal);
        ensure!(salted_seal(juror, task, attempt, leaves, salt) == given, Error::<T>::WrongSeal);
        Ok((state, at))
    }

    pub(crate) fn do_reveal(
        task: TaskId,
        attempt: u8,
        juror: AccountId,
        leaves: &[Hash],
        salt: &Hash,
    ) -> Result<Weight, DispatchError> {
        let (state, at) = Self::revealable(task, attempt, &juror, leaves, salt)?;
        let brief = T::Jobs::brief(task).ok_or(Error::<T>::UnknownTask)?;
        let Stage::Revealing { case, mut jury, due } = state.stage.clone() else {
            return Err(Error::<T>::WrongStage.into());
        };
        let mut agreeing = 0u8;
        if let Case::Seals { audit, .. } = &case {
            for (position, (auditor, given)) in audit.auditors.iter().enumerate() {
                if given.is_some_and(|given| given == seal(auditor, task, attempt, leaves)) {
                    agreeing |= 1u8.checked_shl(position as u32).unwrap_or(0);
                }
            }
        }
        if let Some(one) = jury.jurors.get_mut(at) {
            one.finding = Some(Finding { leaves: finding(leaves), agreeing });
        }
        Self::deposit_event(Event::FindingRevealed { task, juror, leaves: finding(leaves) });
        Ok(Self::judge_when_complete(task, state, case, jury, due, &brief))
    }

    /// The worker opens a challenged tile.
    pub(crate) fn open_challenged(
        task: TaskId,
        state: TaskState,
        brief: &TaskBrief,
        leaves: &[Hash],
        proof: &[Hash],
    ) -> Weight {
        let Stage::Revealing { case: Case::Challenge { proven, until, challenger, bond, tile, .. }, jury, due } =
            state.stage.clone()
        else {
            defensive!("only a challenged tile is opened before a jury");
            return Weight::zero();
        };
        let tiles = brief.tiling.tiles(brief.group_count);
        // The jurors may still have to reveal: a wrong opening is judged when they have.
        let opens = tile_tree::verify(&proven.commitment.root, tiles, &[tile], leaves, proof).is_ok();
        let claim = Some(if opens { finding(leaves) } else { NO_OPENING });
        let case = Case::Challenge { proven, until, challenger, bond, tile, claim };
        Self::judge_when_complete(task, state, case, jury, due, brief)
    }

    fn judge_when_complete(
        task: TaskId,
        state: TaskState,
        case: Case,
        jury: Jury,
        due: BlockNumber,
        brief: &TaskBrief,
    ) -> Weight {
        let revealed = jury.jurors.iter().all(|juror| juror.seal.is_none() || juror.finding.is_some());
        let opened = !matches!(case, Case::Challenge { claim: None, .. });
        if revealed && opened {
            return Self::judge(task, state, case, Some(jury), brief);
        }
        Self::enter(task, TaskState { stage: Stage::Revealing { case, jury, due }, ..state })
    }

    /// Decide a case by what the jury has revealed, if there was one.
    pub(crate) fn judge(task: TaskId, state: TaskState, case: Case, jury: Option<Jury>, brief: &TaskBrief) -> Weight {
        let jury = jury.unwrap_or_else(|| Jury { seed: Hash::zero(), bond: 0, jurors: BoundedVec::default() });
        let findings = Findings::of(&jury);
        let asked = matches!(state.stage, Stage::Revealing { .. });
        Self::dismiss_jury(task, &jury, asked, &findings, brief);
        match case {
            Case::Seals { audit, claim } => Self::judge_seals(task, state, audit, claim, findings, brief),
            Case::Challenge { proven, until, challenger, bond, claim, .. } => {
                let fault = match (claim, findings.truth) {
                    // Nobody was asked for anything.
                    _ if !asked => None,
                    (claim, _) if claim.is_none_or(|claim| claim == NO_OPENING) => Some(ReasonCode::OpeningMissing),
                    (Some(claim), Some(truth)) if claim != truth => Some(ReasonCode::WrongResult),
                    _ => None,
                };
                let accusation = Accusation { proven, until, accuser: challenger, bond };
                Self::judge_accused(task, state, accusation, fault, findings, brief)
            }
            Case::Withheld { proven, until, bond } => {
                let fault = (findings.truth == Some(finding(&[]))).then_some(ReasonCode::OutputWithheld);
                let accusation = Accusation { proven, until, accuser: brief.requester.clone(), bond };
                Self::judge_accused(task, state, accusation, fault, findings, brief)
            }
        }
    }

    /// Who has found what most have found did its duty; who found something else did not do the
    /// work. Where there is no verdict, nobody knows. Who has sealed is silent only if it was
    /// `asked` to reveal.
    fn dismiss_jury(task: TaskId, jury: &Jury, asked: bool, findings: &Findings, brief: &TaskBrief) {
        let claims = Claims { finders: findings.honest.clone(), ..Claims::default() };
        let worth = Self::worth(task, brief);
        for juror in &jury.jurors {
            let fate = match (juror.finding, findings.truth) {
                (None, _) if juror.seal.is_some() && !asked => Fate::Excused,
                (None, _) => Fate::Silent,
                (Some(_), None) => Fate::Excused,
                (Some(finding), Some(truth)) if finding.leaves == truth => Fate::Done,
                _ => Fate::Wrong(ReasonCode::WrongResult),
            };
            Self::seal_fate(task, &juror.who, jury.bond, worth, fate, &claims);
        }
    }

    /// Decide between a worker and its auditors.
    fn judge_seals(
        task: TaskId,
        state: TaskState,
        audit: Audit,
        claim: Hash,
        findings: Findings,
        brief: &TaskBrief,
    ) -> Weight {
        let worth = Self::worth(task, brief);
        let Some(truth) = findings.truth else {
            let excused = |_, given: &Option<Hash>| Fate::of_sealed(given, Fate::Excused);
            Self::dismiss_auditors(task, &audit, worth, excused, &Claims::default());
            Self::judged(task, &state, Verdict::None, audit.run.bond_after(BondFate::Released), None);
            return Self::void(task, state.attempt, &audit.run, ReasonCode::NoVerdict);
        };
        let right: Vec<AccountId> = audit
            .auditors
            .iter()
            .enumerate()
            .filter(|(position, _)| findings.agree_with(*position))
            .map(|(_, (auditor, _))| auditor.clone())
            .collect();
        let worker_is_right = claim == truth;
        let finders = right.iter().chain(&findings.honest).cloned().collect();
        let injured = if worker_is_right { audit.run.worker.clone() } else { brief.requester.clone() };
        let claims = Claims { injured: Some(injured), challenger: None, finders };
        let fate = |position, given: &Option<Hash>| {
            let right = findings.agree_with(position);
            Fate::of_sealed(given, if right { Fate::Done } else { Fate::Wrong(ReasonCode::WrongResult) })
        };
        Self::dismiss_auditors(task, &audit, worth, fate, &claims);
        if worker_is_right {
            Self::judged(task, &state, Verdict::WorkerRight, audit.run.bond_after(BondFate::Locked), None);
            let auditors = BoundedVec::truncate_from(right);
            return Self::verified(
                task,
                state,
                brief,
                Proven { run: audit.run, commitment: audit.commitment, auditors },
            );
        }
        Self::judged(task, &state, Verdict::WorkerWrong, audit.run.bond_after(BondFate::Lost), None);
        let reason = ReasonCode::WrongResult;
        Self::attempt_failed(task, state, brief, &audit.run, reason, Fate::Wrong(reason), &claims)
    }

    /// Decide about a result that was found right before: `fault` is what the worker has done, if
    /// anything. If nothing, the accuser loses its bond, provided that there was a verdict; without
    /// one nothing changes, and the result is paid if its window has closed.
    fn judge_accused(
        task: TaskId,
        state: TaskState,
        accusation: Accusation,
        fault: Option<ReasonCode>,
        findings: Findings,
        brief: &TaskBrief,
    ) -> Weight {
        let Accusation { proven, until, accuser, bond } = accusation;
        let Findings { truth, honest, .. } = findings;
        let verdict = match (fault, truth) {
            (Some(_), _) => Verdict::WorkerWrong,
            (None, Some(_)) => Verdict::WorkerRight,
            (None, None) => Verdict::None,
        };
        let (worker, accuser_fate) = match verdict {
            Verdict::WorkerWrong => (BondFate::Lost, BondFate::Released),
            Verdict::WorkerRight => (BondFate::Locked, BondFate::Lost),
            Verdict::None => (BondFate::Locked, BondFate::Released),
        };
        let at_stake = BondAtStake { who: accuser.clone(), amount: bond, fate: accuser_fate };
        Self::judged(task, &state, verdict, proven.run.bond_after(worker), Some(at_stake));
        let Some(reason) = fault else {
            let due = if truth.is_some() {
                let claims = Claims { injured: Some(proven.run.worker.clone()), challenger: None, finders: honest };
                Self::forfeit_challenge(&accuser, bond, &claims);
                // Nobody else could challenge meanwhile: who accuses in vain must not shield
                // another tile that is wrong.
                let rest = brief.audit.challenge_blocks.min(Self::rules().open_blocks);
                until.max(Self::now().saturating_add(rest))
            } else {
                Self::release_challenge(&accuser, bond);
                // It has cost nothing, so it must not prolong the window: repeated for ever, it
                // would hold the payment up for ever.
                if Self::now() > until {
                    return Self::settle(task, state.attempt, brief, proven);
                }
                until
            };
            return Self::enter(task, TaskState { stage: Stage::Verified { proven, due }, ..state });
        };
        Self::release_challenge(&accuser, bond);
        let challenger = (accuser != brief.requester).then_some(accuser);
        // Auditors that found a wrong result right are not paid: they may be the worker's friends.
        // That an output is withheld says nothing against them.
        let withheld = reason == ReasonCode::OutputWithheld;
        let auditors = proven.auditors.iter().filter(|_| withheld).cloned();
        let claims =
            Claims { injured: Some(brief.requester.clone()), challenger, finders: auditors.chain(honest).collect() };
        if withheld {
            let worth = Self::worth(task, brief);
            let left = Self::leave_region(task, &proven.run);
            Self::seal_fate(task, &proven.run.worker, proven.run.bond, worth, Fate::Wrong(reason), &claims);
            return left.saturating_add(Self::give_up(task, state.attempt, reason));
        }
        Self::attempt_failed(task, state, brief, &proven.run, reason, Fate::Wrong(reason), &claims)
    }

    /// Leave behind how a dispute was decided, and what became of the bonds.
    fn judged(task: TaskId, state: &TaskState, verdict: Verdict, worker: BondAtStake, accuser: Option<BondAtStake>) {
        history::note::<T>(task, state.attempt, TaskStep::Judged { verdict, worker, accuser });
        Self::deposit_event(Event::DisputeSettled { task, verdict });
    }
}
