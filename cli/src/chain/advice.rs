//! Advice for the errors of the chain that users meet often.

const BALANCE: &str = "`dpin token balance` shows the account's balance";
const SIGN: &str = "sign with the account that created it";
const LEAST_BOND: &str = "`dpin network` shows the minimum bond";
const REGISTER_WORKER: &str = "register the worker first: `dpin worker register`";
const JURY: &str = "a jury can be called while the task is verified and its challenge window is open: see `dpin job show`. \
                    --challenge-blocks sets the length of the window when the job is posted";

/// Names of errors, as `Pallet.Error`, with the advice for each.
const ADVICE: &[(&str, &str)] = &[
    ("Arithmetic.Underflow", BALANCE),
    ("Blobs.AlreadyStored", "nothing has to be done: the blob is already stored"),
    ("Blobs.LifetimeTooLong", "--lifetime is 1 to 90 days, in blocks of 3 s"),
    ("Blobs.LifetimeZero", "--lifetime is 1 to 90 days, in blocks of 3 s"),
    ("Blobs.NotLater", "nothing has to be done: the blob already stays stored for that long"),
    ("Blobs.NotOwner", SIGN),
    (
        "Blobs.Pinned",
        "a kernel or an open job uses it (`dpin blob list`): run `dpin kernel unregister`, or wait until the job has ended",
    ),
    ("Blobs.UnknownBlob", "the blob was removed, has expired, or was never stored: see `dpin blob list`"),
    ("Canaries.InvalidUnits", "claim 1 to 4096 units"),
    ("Canaries.UnknownWorker", REGISTER_WORKER),
    ("Jobs.AlreadyRegistered", "nothing has to be done: the kernel is already registered"),
    ("Jobs.InputsTooLarge", "split the inputs over several jobs: the inputs of a job have at most 8 GiB together"),
    ("Jobs.InsufficientBalance", BALANCE),
    (
        "Jobs.InvalidGlobalSize",
        "each size of --global must be a multiple of the kernel's local size: see `dpin kernel show`",
    ),
    (
        "Jobs.KernelInUse",
        "an open job or the chain itself uses the kernel (`dpin kernel show`): try again when the jobs have ended",
    ),
    (
        "Jobs.KernelQuarantined",
        "choose another --class, or ask the kernel's owner to vouch for it (`dpin kernel vouch`); see `dpin kernel show`",
    ),
    ("Jobs.MixedJobs", "post the jobs of each kernel and asset together: `dpin job submit-many`"),
    ("Jobs.NotOwner", SIGN),
    ("Jobs.NotRequester", SIGN),
    ("Jobs.NothingOwed", "the debt was already claimed: `dpin job claim-owed --dry-run` lists the others"),
    ("Jobs.NothingToCancel", "every task already has a worker, and will be computed"),
    ("Jobs.RewardTooLow", "`dpin network` shows the minimum reward"),
    ("Jobs.SourceNotStored", "store the source first: `dpin kernel register FILE.cl` does both"),
    ("Jobs.UnknownBlob", "store the input first: `dpin blob put FILE`"),
    ("Jobs.UnknownJob", "the job has ended or was never posted: see `dpin job show`"),
    ("Jobs.UnknownKernel", "register the kernel first: `dpin kernel register FILE.cl`"),
    ("ProofOfCompute.NotDue", "wait for the block in which it is due (`dpin network` shows the current block)"),
    ("ProofOfCompute.NotRequester", SIGN),
    ("ProofOfCompute.TooLate", JURY),
    ("ProofOfCompute.UnknownTask", "the task has ended or does not exist: see `dpin job show`"),
    (
        "ProofOfCompute.UnknownTile",
        "tiles are counted from 0; their number is the bytes of the task's output divided by the bytes of a tile",
    ),
    ("ProofOfCompute.WrongStage", JURY),
    (
        "Session.InvalidProof",
        "session keys are bound to an account: make them with the signing account, `dpin validator set-keys --rotate`",
    ),
    ("Session.NoKeys", "no session keys are registered for the account: see `dpin validator status`"),
    ("Workers.AlreadyPaused", "`dpin worker resume` takes tasks again"),
    ("Workers.AlreadyRegistered", "change the declaration with `dpin worker offer`; see `dpin worker status`"),
    ("Workers.BelowCertificateMinimum", "a certificate is at least 500 BLC: see docs/operator.md"),
    ("Workers.BelowMinBond", LEAST_BOND),
    (
        "Workers.BondLocked",
        "`dpin worker status` shows the locked part of the bond; it is unlocked when the tasks are settled",
    ),
    ("Workers.BondTooSmall", LEAST_BOND),
    ("Workers.Busy", "pause, wait until no task is in flight (`dpin worker status`), and try again"),
    (
        "Workers.InvalidProof",
        "the worker key must be the one in the node's keystore, and the account the one that signs",
    ),
    ("Workers.KeyTaken", "another account uses this worker key: make a key for each worker"),
    ("Workers.Leaving", "the worker takes no more tasks; `dpin worker withdraw` releases the bond when it is free"),
    ("Workers.NotCertified", "the worker has no certificate: see `dpin worker status`"),
    ("Workers.NotDue", "wait for the block in which it is due (`dpin network` shows the current block)"),
    ("Workers.NotLeaving", "leave first: `dpin worker leave`"),
    ("Workers.NotPaused", "nothing has to be done: the worker is not paused (`dpin worker status`)"),
    ("Workers.TooEarly", "`dpin worker status` shows the block from which the bond is free"),
    ("Workers.UnknownSlash", "the slash was carried out or cancelled, or never existed: see `dpin worker status`"),
    ("Workers.UnknownWorker", REGISTER_WORKER),
    ("Workers.ZeroAmount", "give an amount above 0"),
];

/// Advice for an error of the chain, by its name.
pub(super) fn advice(name: &str) -> Option<&'static str> {
    if name.starts_with("Token.") {
        return Some(BALANCE);
    }
    ADVICE.iter().find(|(known, _)| *known == name).map(|(_, advice)| *advice)
}
