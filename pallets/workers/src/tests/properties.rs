//! Random steps keep the invariants, and money is kept.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Register(DeviceClass, u32),
    Bond(Balance),
    Unbond(Balance),
    Update(DeviceClass, u32),
    Pause,
    Resume,
    Devices(bool),
    Leave,
    Withdraw,
    Occupy,
    Vacate,
    Lock(Balance),
    Unlock(Balance),
    Slash(Balance, Balance),
    Apply(SlashId),
    Cancel(SlashId),
    Note(Outcome, Balance),
    Miss,
    Prove,
    Disprove,
    Admission(bool),
    Certify(Balance),
    Decertify,
    Freeze(bool),
    Pass(BlockNumber),
}

fn step() -> impl Strategy<Value = Step> {
    let class = || prop::sample::select(DeviceClass::ALL.to_vec());
    let outcome = prop::sample::select(vec![Outcome::Right, Outcome::Declined, Outcome::Silent, Outcome::Wrong]);
    prop_oneof![
        3 => (class(), 1..4u32).prop_map(|(c, n)| Step::Register(c, n)),
        2 => (0..900u128).prop_map(Step::Bond),
        2 => (0..900u128).prop_map(Step::Unbond),
        1 => (class(), 1..4u32).prop_map(|(c, n)| Step::Update(c, n)),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
        2 => any::<bool>().prop_map(Step::Devices),
        1 => Just(Step::Leave),
        2 => Just(Step::Withdraw),
        4 => Just(Step::Occupy),
        3 => Just(Step::Vacate),
        3 => (0..900u128).prop_map(Step::Lock),
        1 => (0..900u128).prop_map(Step::Unlock),
        2 => (0..1_500u128, 0..600u128).prop_map(|(a, s)| Step::Slash(a, s)),
        1 => (0..20u64).prop_map(Step::Apply),
        1 => (0..20u64).prop_map(Step::Cancel),
        3 => (outcome, 0..2 * FULL_WEIGHT).prop_map(|(o, v)| Step::Note(o, v)),
        3 => Just(Step::Miss),
        2 => Just(Step::Prove),
        1 => Just(Step::Disprove),
        1 => any::<bool>().prop_map(Step::Admission),
        3 => (0..900u128).prop_map(Step::Certify),
        2 => Just(Step::Decertify),
        1 => any::<bool>().prop_map(Step::Freeze),
        2 => (1..40u32).prop_map(Step::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn invariants_hold_after_any_steps_and_money_is_kept(
        steps in prop::collection::vec((1..6u8, step()), 1..80)
    ) {
        TestExt::new().build().execute_with(|| {
            let mut issuance = Balances::total_issuance();
            for (n, step) in steps {
                let who = account(n);
                let before = Standings::<Test>::get(&who);
                // A step may be refused.
                let _ = match step {
                    Step::Register(class, number) => register(&who, devices(class, number)),
                    Step::Bond(amount) => bond(who, amount),
                    Step::Unbond(amount) => unbond(who, amount),
                    Step::Update(class, number) => update(who.clone(), record(&who, devices(class, number))),
                    Step::Pause => pause(who),
                    Step::Resume => resume(who),
                    Step::Devices(working) => {
                        if Workers::may_report_devices(&who, working, System::block_number()) {
                            Workers::report_devices(&who, working);
                            let status = if working { Status::Active } else { Status::NoDevice };
                            assert_eq!(standing(&who).status, status);
                        }
                        Ok(())
                    }
                    Step::Leave => leave(who),
                    Step::Withdraw => withdraw(account(9), who),
                    Step::Occupy => {
                        occupy(&who);
                        Ok(())
                    }
                    Step::Vacate => {
                        if before.is_some_and(|standing| standing.busy > 0) {
                            Workers::vacate(&who);
                        }
                        Ok(())
                    }
                    Step::Lock(amount) => {
                        let free = Workers::free_bond(&who);
                        assert_eq!(Workers::lock(&who, amount), before.is_some() && amount <= free);
                        Ok(())
                    }
                    Step::Unlock(amount) => {
                        if before.is_some_and(|standing| standing.locked - standing.slashing >= amount) {
                            unlock(&who, amount);
                        }
                        Ok(())
                    }
                    Step::Slash(amount, claim) => {
                        slash(&who, amount, &[(account(9), claim)]);
                        let locked = before.map_or((0, 0), |standing| (standing.locked, standing.slashing));
                        assert_eq!(Workers::locked(&who), locked.0);
                        assert_eq!(slashing(&who), locked.1 + amount.min(locked.0 - locked.1));
                        Ok(())
                    }
                    Step::Apply(id) => Workers::apply_slash(RuntimeOrigin::signed(who), id),
                    Step::Cancel(id) => Workers::cancel_slash(RuntimeOrigin::root(), id),
                    Step::Note(outcome, value) => {
                        Workers::note(&who, outcome, value);
                        Ok(())
                    }
                    Step::Miss => {
                        Workers::miss(&who, TASK);
                        Ok(())
                    }
                    Step::Prove => {
                        Workers::prove(&who);
                        Ok(())
                    }
                    Step::Disprove => {
                        Workers::disprove(&who);
                        Ok(())
                    }
                    Step::Admission(needed) => {
                        Admission::set(needed);
                        Ok(())
                    }
                    Step::Certify(amount) => certify(who, amount),
                    Step::Decertify => decertify(who),
                    Step::Freeze(frozen) => freeze(frozen),
                    Step::Pass(blocks) => {
                        pass(blocks);
                        Ok(())
                    }
                };
                for event in events() {
                    if let Event::Slashed { burned, .. } = event {
                        issuance -= burned;
                    }
                }
                System::reset_events();
                Workers::do_try_state().unwrap();
                assert_eq!(Balances::total_issuance(), issuance);
            }
            let active = Standings::<Test>::iter_values().filter(|s| s.status == Status::Active).count();
            assert_eq!(<Workers as WorkerRegistry>::active() as usize, active);
            // Every worker drawn has a free slot, so that the draws end.
            let mut uniform = 0;
            while let Some(drawn) = Workers::draw(None, uniform) {
                assert!(occupy(&drawn));
                Workers::do_try_state().unwrap();
                uniform += 1;
            }
            assert!(Standings::<Test>::iter_values().all(|s| s.position.is_none()));
            // Every certificate is returned, also to a worker that has left or was forgotten.
            let _ = freeze(false);
            for who in (1..6u8).map(account) {
                if let Some(standing) = Standings::<Test>::get(&who) {
                    (0..standing.busy).for_each(|_| Workers::vacate(&who));
                    unlock(&who, standing.locked - standing.slashing);
                }
                let has_one = Certificates::<Test>::contains_key(&who);
                assert_eq!(decertify(who.clone()).is_ok(), has_one);
                assert_eq!(blc(&who), BLC_ENDOWMENT);
            }
        });
    }
}
