//! A dispute: a jury is summoned, deliberates and reveals, and its verdict is carried out.

use super::{
    Open,
    close::{Claims, Fate},
};
use crate::{filing::DrawingQueue, verdict::truth, *};
use alloc::vec::Vec;
use dpin_primitives::{
    AccountId, Balance, BlockNumber, Hash, TaskId,
    api::{BondAtStake, BondFate, TaskStep},
    job::MAX_SAMPLES,
    reason::ReasonCode,
    seal::{finding, salted_seal},
    tile_tree,
    traits::WorkerRegistry,
    worker::{Duty, Place, Role},
};
use polkadot_sdk::{
    frame_support::{BoundedVec, defensive, ensure, weights::Weight},
    sp_runtime::DispatchError,
};

/// The claim of a worker whose opening does not lead to its root. No finding has this digest.
const NO_OPENING: Hash = Hash::zero();

/// The result of a jury's deliberation.
struct Findings {
    /// The finding of the majority, if there is a verdict.
    truth: Option<Hash>,
    /// The jurors of the majority.
    honest: Vec<AccountId>,
    /// The auditors whose seals fit the finding of the majority: bit i stands for the i-th.
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

    /// Whether the seal of the auditor at this position fits the finding of the majority.
    fn agree_with(&self, position: usize) -> bool {
        self.agreeing.checked_shr(position as u32).unwrap_or(0) & 1 == 1
    }
}

/// An accusation of a verified result, with the jury's answer.
struct Accusation {
    proven: Proven,
    /// The last block of the challenge window.
    until: BlockNumber,
    accuser: AccountId,
    /// Bond of the accuser, in planck.
    bond: Balance,
    /// The worker's fault, if the jury found one.
    fault: Option<ReasonCode>,
}

impl<T: Config> Pallet<T> {
    /// The state, if the task waits for this juror to reveal these leaves.
    pub(crate) fn revealable(
        task: TaskId,
        attempt: u8,
        juror: &AccountId,
        leaves: &[Hash],
        salt: &Hash,
    ) -> Result<TaskState, Error<T>> {
        let state = Self::stored(task)?;
        let Stage::Revealing { jury, .. } = &state.stage else { return Err(Error::WrongStage) };
        Self::check_in_time(&state, attempt)?;
        let given = jury.juror(juror).ok_or(Error::<T>::NotJuror)?;
        let given = if given.finding.is_none() { given.seal } else { None };
        let given = given.ok_or(Error::<T>::AlreadyRevealed)?;
        ensure!(leaves.len() <= MAX_SAMPLES as usize, Error::<T>::WrongSeal);
        ensure!(salted_seal(juror, task, attempt, leaves, salt) == given, Error::<T>::WrongSeal);
        Ok(state)
    }

    /// Carry out a juror's reveal. Returns the weight spent beyond the call's.
    pub(crate) fn do_reveal(
        task: TaskId,
        attempt: u8,
        juror: AccountId,
        leaves: &[Hash],
        salt: &Hash,
    ) -> Result<Weight, DispatchError> {
        let mut open = Open::<T>::of(task, Self::revealable(task, attempt, &juror, leaves, salt)?)?;
        let agreeing = open.state.stage.audit().map_or(0, |audit| audit.agreeing(task, attempt, leaves));
        let leaves = finding(leaves);
        if let Some(one) = open.state.stage.juror_mut(&juror) {
            one.finding = Some(Finding { leaves, agreeing });
        }
        Self::deposit_event(Event::FindingRevealed { task, juror, leaves });
        Ok(open.judge_if_complete())
    }
}

impl<T: Config> Open<T> {
    /// Call for a jury, and wait for it and for randomness that nobody can foresee now.
    pub(crate) fn summon(self, case: Case) -> Weight {
        self.note(TaskStep::Disputed { cause: case.cause() });
        Pallet::<T>::deposit_event(Event::TaskDisputed {
            task: self.id,
            worker: case.run().worker.clone(),
            cause: case.dispute(),
        });
        let (drawable_at, due) = (self.drawable_at(), self.after(self.rules.draw_blocks));
        DrawingQueue::<T>::push(self.id);
        self.enter(Stage::Summoning { case, drawable_at, due })
    }

    /// Begin the deliberation of a case by the jurors that were drawn.
    pub(crate) fn start_deliberation(self, case: Case, mut jury: Jury, drawn: Vec<AccountId>) -> Weight {
        for who in &drawn {
            if T::Workers::take_on(who, Duty { task: self.id, role: Role::Juror }, jury.bond, Place::NoSlot) {
                let _ = jury.jurors.try_push(Juror { who: who.clone(), seal: None, finding: None });
            }
        }
        let due = self.after(self.rules.seal_blocks);
        Pallet::<T>::deposit_event(Event::JuryDrawn { task: self.id, seed: jury.seed, jurors: drawn });
        self.enter(Stage::Deliberating { case, jury, due })
    }

    /// The worker opens a challenged tile.
    pub(super) fn open_challenged(mut self, leaves: &[Hash], proof: &[Hash]) -> Weight {
        let tiles = self.tiles();
        let Stage::Revealing { case: Case::Challenge { proven, tile, claim, .. }, .. } = &mut self.state.stage else {
            defensive!("only a challenged tile is opened before a jury");
            return Weight::zero();
        };
        // The jurors may still have to reveal: a wrong opening is judged when they have.
        let opens = tile_tree::verify(&proven.commitment.root, tiles, &[*tile], leaves, proof).is_ok();
        *claim = Some(if opens { finding(leaves) } else { NO_OPENING });
        self.judge_if_complete()
    }

    /// Decide the case if every juror that has sealed has revealed, and the worker has opened a
    /// challenged tile.
    fn judge_if_complete(self) -> Weight {
        match &self.state.stage {
            Stage::Revealing { case, jury, .. }
                if jury.has_revealed() && !matches!(case, Case::Challenge { claim: None, .. }) =>
            {
                let (case, jury) = (case.clone(), jury.clone());
                self.judge(case, Some(jury))
            }
            _ => self.stay(),
        }
    }

    /// Decide a case by the findings of the jury, if there was one.
    pub(super) fn judge(self, case: Case, jury: Option<Jury>) -> Weight {
        let jury = jury.unwrap_or_else(|| Jury { seed: Hash::zero(), bond: 0, jurors: BoundedVec::default() });
        let findings = Findings::of(&jury);
        let asked = matches!(self.state.stage, Stage::Revealing { .. });
        self.dismiss_jury(&jury, asked, &findings);
        match case {
            Case::Seals { audit, claim } => self.judge_seals(audit, claim, findings),
            Case::Challenge { proven, until, challenger, bond, claim, .. } => {
                let fault = match (claim, findings.truth) {
                    // Nobody was asked for anything.
                    _ if !asked => None,
                    (claim, _) if claim.is_none_or(|claim| claim == NO_OPENING) => Some(ReasonCode::OpeningMissing),
                    (Some(claim), Some(truth)) if claim != truth => Some(ReasonCode::WrongResult),
                    _ => None,
                };
                self.judge_accused(Accusation { proven, until, accuser: challenger, bond, fault }, findings)
            }
            Case::Withheld { proven, until, bond } => {
                let fault = (findings.truth == Some(finding(&[]))).then_some(ReasonCode::OutputWithheld);
                let accuser = self.brief.requester.clone();
                self.judge_accused(Accusation { proven, until, accuser, bond, fault }, findings)
            }
        }
    }

    /// End the duties of the jurors. Jurors in the majority are released; dissenters are slashed.
    /// Without a verdict nobody is wrong. A juror that has sealed counts as silent only if it was
    /// `asked` to reveal.
    fn dismiss_jury(&self, jury: &Jury, asked: bool, findings: &Findings) {
        let claims = Claims { finders: findings.honest.clone(), ..Claims::default() };
        for juror in &jury.jurors {
            let fate = match (juror.finding, findings.truth) {
                (None, _) if juror.seal.is_some() && !asked => Fate::Excused,
                (None, _) => Fate::Silent,
                (Some(_), None) => Fate::Excused,
                (Some(finding), Some(truth)) if finding.leaves == truth => Fate::Done,
                _ => Fate::Wrong(ReasonCode::WrongResult, &claims),
            };
            self.end_duty(&juror.who, jury.bond, fate);
        }
    }

    /// Decide between a worker, whose opening is `claim`, and its auditors.
    fn judge_seals(self, audit: Audit, claim: Hash, findings: Findings) -> Weight {
        let Some(truth) = findings.truth else {
            self.dismiss_auditors(&audit, |_, given| Fate::of_sealed(given, Fate::Excused));
            self.note_verdict(Verdict::None, audit.run.bond_after(BondFate::Released), None);
            return self.void(&audit.run, ReasonCode::NoVerdict);
        };
        let auditors = audit.auditors.iter().enumerate();
        let right = auditors.filter(|(position, _)| findings.agree_with(*position));
        let right: Vec<AccountId> = right.map(|(_, (auditor, _))| auditor.clone()).collect();
        let worker_is_right = claim == truth;
        let injured = if worker_is_right { &audit.run.worker } else { &self.brief.requester };
        let finders = right.iter().chain(&findings.honest).cloned().collect();
        let claims = Claims { injured: Some(injured.clone()), challenger: None, finders };
        let wrong = Fate::Wrong(ReasonCode::WrongResult, &claims);
        self.dismiss_auditors(&audit, |position, given| {
            Fate::of_sealed(given, if findings.agree_with(position) { Fate::Done } else { wrong })
        });
        if worker_is_right {
            self.note_verdict(Verdict::WorkerRight, audit.run.bond_after(BondFate::Locked), None);
            let auditors = BoundedVec::truncate_from(right);
            return self.verified(Proven { run: audit.run, commitment: audit.commitment, auditors });
        }
        self.note_verdict(Verdict::WorkerWrong, audit.run.bond_after(BondFate::Lost), None);
        self.fail_attempt(&audit.run, ReasonCode::WrongResult, wrong)
    }

    /// Decide about a result that was found right before.
    fn judge_accused(self, accusation: Accusation, findings: Findings) -> Weight {
        let verdict = match (accusation.fault, findings.truth) {
            (Some(_), _) => Verdict::WorkerWrong,
            (None, Some(_)) => Verdict::WorkerRight,
            (None, None) => Verdict::None,
        };
        let (worker, accuser) = match verdict {
            Verdict::WorkerWrong => (BondFate::Lost, BondFate::Released),
            Verdict::WorkerRight => (BondFate::Locked, BondFate::Lost),
            Verdict::None => (BondFate::Locked, BondFate::Released),
        };
        let at_stake = BondAtStake { who: accusation.accuser.clone(), amount: accusation.bond, fate: accuser };
        self.note_verdict(verdict, accusation.proven.run.bond_after(worker), Some(at_stake));
        match accusation.fault {
            Some(reason) => self.convict(accusation, reason, findings),
            None => self.acquit(accusation, findings),
        }
    }

    /// The worker has done nothing wrong. Its accuser loses the bond, if there was a verdict.
    /// Without one nothing changes, and the result is paid if its window has closed.
    fn acquit(self, accusation: Accusation, findings: Findings) -> Weight {
        let Accusation { proven, until, accuser, bond, .. } = accusation;
        if findings.truth.is_none() {
            self.release_challenge(&accuser, bond);
            // The accusation has cost nothing, so it must not prolong the window: repeated for
            // ever, it would hold up the payment for ever.
            if self.now > until {
                return self.settle(proven);
            }
            return self.enter(Stage::Verified { proven, due: until });
        }
        let injured = Some(proven.run.worker.clone());
        let claims = Claims { injured, challenger: None, finders: findings.honest };
        self.forfeit_challenge(&accuser, bond, &claims);
        // Nobody else could challenge in between: a vain accusation must not shield another tile
        // that is wrong.
        let rest = self.brief.audit.challenge_blocks.min(self.rules.open_blocks);
        let due = until.max(self.after(rest));
        self.enter(Stage::Verified { proven, due })
    }

    /// The worker loses its bond, and its accuser gets the own one back.
    fn convict(mut self, accusation: Accusation, reason: ReasonCode, findings: Findings) -> Weight {
        let Accusation { proven, accuser, bond, .. } = accusation;
        self.release_challenge(&accuser, bond);
        let requester = self.brief.requester.clone();
        let challenger = (accuser != requester).then_some(accuser);
        // Auditors that found a wrong result right are not paid: they may be the worker's friends.
        // A withheld output says nothing against them.
        let withheld = reason == ReasonCode::OutputWithheld;
        let auditors = proven.auditors.iter().filter(|_| withheld).cloned();
        let finders = auditors.chain(findings.honest).collect();
        let claims = Claims { injured: Some(requester), challenger, finders };
        let fate = Fate::Wrong(reason, &claims);
        if withheld {
            self.leave_region(&proven.run);
            self.end_duty(&proven.run.worker, proven.run.bond, fate);
            return self.give_up(reason);
        }
        self.fail_attempt(&proven.run, reason, fate)
    }

    /// Leave behind the verdict and the fate of the bonds.
    fn note_verdict(&self, verdict: Verdict, worker: BondAtStake, accuser: Option<BondAtStake>) {
        self.note(TaskStep::Judged { verdict, worker, accuser });
        Pallet::<T>::deposit_event(Event::DisputeSettled { task: self.id, verdict });
    }
}
