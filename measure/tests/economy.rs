//! Tests a short run of the simulation of the money.

use dpin_measure::economy::{Options, report, simulate};

#[test]
fn three_months_pass_without_a_fault() {
    let outcome = simulate(&Options { months: 3, trials: 24, seed: 7 }, |_, _| {}).unwrap();
    assert!(outcome.is_sound(), "{} {:?}", outcome.summary(), outcome.violations);
    assert_eq!(outcome.rows.len(), 3);
    // Something must have happened: an idle simulation has no faults.
    assert!(outcome.trials >= 8, "{} trials, {} refused", outcome.trials, outcome.refused);
    for row in &outcome.rows {
        assert!(row.settled > 100 && row.claims > 500 && row.burned > 0, "{row:?}");
    }
    // A month with a thin pool or a frozen asset may have few.
    assert!(outcome.rows.iter().map(|row| row.slices).sum::<u32>() > 10, "hardly anything was bought");

    let folder = tempfile::tempdir().unwrap();
    report::write(&outcome.rows, folder.path()).unwrap();
    let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(text("economy.csv").lines().count(), 4);
    assert!(report::is_well_formed(&text("economy.svg")));
}
