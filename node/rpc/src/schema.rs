//! JSON Schemas of the methods' types, with stand-ins for types that were not made for JSON.

use crate::view::*;
use dpin_primitives::{Hash, TaskId};
use polkadot_sdk::{sp_core::Bytes, sp_runtime::AccountId32};
use schemars::{json_schema, JsonSchema, Schema, SchemaGenerator};
use serde::{de::DeserializeOwned, Serialize};
use std::borrow::Cow;

/// A type of a parameter or an answer, with the type that describes it.
#[cfg_attr(not(feature = "server"), allow(dead_code))]
pub(crate) trait Described: Serialize + DeserializeOwned {
    /// The type whose JSON Schema describes this one.
    type As: JsonSchema;
    /// Whether the parameter may be left out.
    const OPTIONAL: bool = false;
}

impl<T: Described> Described for Option<T> {
    type As = Option<T::As>;
    const OPTIONAL: bool = true;
}

impl<T: Described> Described for Vec<T> {
    type As = Vec<T::As>;
}

macro_rules! described {
    ($($type:ty => $as:ty,)*) => { $(impl Described for $type { type As = $as; })* };
}

described! {
    () => (),
    u32 => u32,
    u64 => u64,
    String => String,
    Hash => HexHash,
    Bytes => HexBytes,
    AccountId32 => Account,
    TaskId => Task,
    DeviceClassView => Class,
    serde_json::Value => serde_json::Value,
    AllocationView => AllocationView,
    AssetView => AssetView,
    BlobStatusView => BlobStatusView,
    BondsView => BondsView,
    BuybacksView => BuybacksView,
    EncryptionKeyView => EncryptionKeyView,
    EraView => EraView,
    JobItem => JobItem,
    JobView => JobView,
    JobsPage => JobsPage,
    KernelView => KernelView,
    KernelsPage => KernelsPage,
    MarketView => MarketView,
    NetworkView => NetworkView,
    OutputView => OutputView,
    ParametersView => ParametersView,
    PotView => PotView,
    QuoteView => QuoteView,
    RewardInfoView => RewardInfoView,
    SupplyView => SupplyView,
    TaskEventView => TaskEventView,
    TaskView => TaskView,
    VestingView => VestingView,
    WorkerView => WorkerView,
    WorkersItem => WorkersItem,
    WorkersPage => WorkersPage,
}

macro_rules! text {
    ($($type:ident, $name:literal, $description:literal, $pattern:literal;)*) => { $(
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "description": $description, "type": "string", "pattern": $pattern })
            }
        }
    )* };
}

/// Stands in for [`Hash`].
pub(crate) struct HexHash;
/// Stands in for [`Bytes`].
pub(crate) struct HexBytes;
/// Stands in for [`AccountId32`].
pub(crate) struct Account;

text! {
    HexHash, "Hash", "32 bytes in hex with `0x`.", "^0x[0-9a-f]{64}$";
    HexBytes, "Bytes", "Bytes in hex with `0x`.", "^0x([0-9a-f]{2})*$";
    Account, "Account", "An account as SS58.", "^[1-9A-HJ-NP-Za-km-z]{46,50}$";
    Amount, "Amount", "An amount in its asset's smallest unit, as a decimal string.", "^[0-9]+$";
    Fixed, "Fixed", "A number with up to 18 decimals, as a decimal string.", "^[0-9]+(\\.[0-9]{1,18})?$";
}

/// Stand-ins that are never constructed: only their shape is used.
#[allow(dead_code)]
mod shapes {
    use super::HexHash;
    use schemars::JsonSchema;

    /// A task: a job and the task's position in it.
    #[derive(JsonSchema)]
    #[schemars(rename = "TaskId")]
    pub(crate) struct Task {
        /// The job's number.
        job: u64,
        /// The task's position in the job, from 0.
        index: u32,
    }

    /// The kind of processor of a device.
    #[derive(JsonSchema)]
    #[schemars(rename = "DeviceClass", rename_all = "camelCase")]
    pub(crate) enum Class {
        /// A graphics processor.
        Gpu,
        /// A processor that runs OpenCL on its own cores.
        Cpu,
        /// Any other accelerator.
        Accelerator,
    }

    /// The cause of a dispute.
    #[derive(JsonSchema)]
    #[schemars(rename = "DisputeCause", rename_all = "camelCase")]
    pub(crate) enum Cause {
        /// Seals contradict the opening.
        Seals,
        /// Somebody challenged a tile.
        Challenge,
        /// The requester cannot fetch the output.
        Withheld,
    }

    /// The decision of a jury.
    #[derive(JsonSchema)]
    #[schemars(rename = "Verdict", rename_all = "camelCase")]
    pub(crate) enum VerdictName {
        /// The worker is right.
        WorkerRight,
        /// The worker is wrong.
        WorkerWrong,
        /// There was no jury, or it had no majority.
        None,
    }

    /// The effect of a dispute on a bond.
    #[derive(JsonSchema)]
    #[schemars(rename = "BondFate", rename_all = "camelCase")]
    pub(crate) enum Fate {
        /// The bond is free again.
        Released,
        /// The bond stays locked until the task is settled.
        Locked,
        /// The bond is lost.
        Lost,
    }

    /// A condition that a worker must meet to be given a task.
    #[derive(JsonSchema)]
    #[schemars(rename = "Condition", rename_all = "camelCase")]
    pub(crate) enum ConditionName {
        /// The worker is neither paused nor leaving.
        Active,
        /// The lottery may draw the worker: canaries have admitted it, bond and reputation are high
        /// enough, and few slashes are pending.
        Drawable,
        /// The worker's account is not the requester's.
        Stranger,
        /// The worker has not tried this task before.
        Untried,
        /// The worker's devices are of the required class.
        Class,
        /// The worker's devices have the required memory.
        Memory,
        /// The worker's devices compute in double precision, if that is required.
        Fp64,
        /// The worker's devices compute in single precision as strictly as required.
        Fp32,
        /// The worker's reputation is high enough.
        Reputation,
        /// The worker's region begins with the required characters.
        Region,
        /// The worker is certified, if that is required.
        Certified,
        /// The worker's offer includes the asset in which the task is paid.
        Asset,
        /// The worker's offer accepts the reward.
        Price,
        /// The worker's offer accepts tasks with this deadline.
        Deadline,
        /// The worker's offer includes the kernel.
        Kernel,
        /// The worker's bond covers the amount that the task locks.
        Bond,
    }

    /// The phase of a jury.
    #[derive(JsonSchema)]
    #[schemars(rename = "JuryPhase", rename_all = "camelCase")]
    pub(crate) enum Phase {
        /// The jury waits for fresh randomness and jurors.
        Summoning,
        /// The jurors seal their findings.
        Sealing,
        /// The jurors reveal their findings.
        Revealing,
    }

    /// The reason why an attempt or a task failed.
    #[derive(JsonSchema)]
    #[schemars(rename = "Reason", rename_all = "camelCase", rename_all_fields = "camelCase", tag = "code")]
    pub(crate) enum Reason {
        /// The kernel ran into the time limit and was killed.
        Timeout,
        /// The kernel did not compile.
        BuildFailed {
            /// The compiler's log, for `compute_log`.
            log: HexHash,
        },
        /// The memory of the device, or the memory limit of the run, is too small.
        OutOfMemory,
        /// The kernel crashed or broke a rule while it ran.
        KernelFault {
            /// The run's log, for `compute_log`.
            log: HexHash,
        },
        /// A blob could not be fetched in time.
        InputUnavailable {
            /// The blob.
            blob: HexHash,
        },
        /// The device was lost.
        DeviceLost,
        /// The executor could not do its work; the kernel was not at fault.
        ExecutorFault {
            /// The run's log, for `compute_log`.
            log: HexHash,
        },
        /// The worker declined the task.
        Declined,
        /// The worker let the deadline pass.
        WorkerSilent,
        /// The worker's opening does not fit its root, or the seals contradict it.
        WrongResult,
        /// The worker did not open its commitment in time.
        OpeningMissing,
        /// No auditor could be drawn, or none gave a seal.
        NoAuditors,
        /// Seals and opening disagree, and there was no jury or it had no majority.
        NoVerdict,
        /// No worker that may take the task was found in time.
        NoWorker,
        /// The requester cancelled the job.
        Cancelled,
        /// A jury could not fetch the output that the worker has committed to.
        OutputWithheld,
        /// The worker did not answer canaries.
        CanaryMissed,
        /// The device does not compute as the standard requires.
        NotConforming,
    }

    /// A category of the supply.
    #[derive(JsonSchema)]
    #[schemars(rename = "Category", rename_all = "camelCase")]
    pub(crate) enum Purpose {
        /// Airdrop Program.
        Airdrop,
        /// Core Contributor Reward.
        Contributors,
        /// Super Nodes.
        SuperNodes,
        /// Initial Liquidity.
        Liquidity,
        /// Liquidity Bonds.
        Bonds,
        /// Community Governance.
        Governance,
    }
}

pub(crate) use shapes::{Cause, Class, ConditionName, Fate, Phase, Purpose, Reason, Task, VerdictName};

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{
        api::{BondFate, DisputeCause, JuryPhase, Verdict},
        candidates::Condition,
        economy::Category,
        reason::ReasonCode,
        worker::DeviceClass,
    };
    use scale_info::{TypeDef, TypeInfo};
    use serde_json::Value;

    /// Returns the constants in a schema of variants.
    fn constants(schema: &Value, tag: Option<&str>) -> Vec<String> {
        let of = |variant: &Value| match tag {
            Some(tag) => variant["properties"][tag]["const"].as_str().map(Into::into),
            None => variant["const"].as_str().map(Into::into),
        };
        schema["oneOf"].as_array().unwrap().iter().map(|variant| of(variant).expect("a constant")).collect()
    }

    fn variants<T: TypeInfo>() -> Vec<String> {
        let TypeDef::Variant(variants) = T::type_info().type_def else { panic!("no enum") };
        variants.variants.iter().map(|variant| variant.name.to_string()).collect()
    }

    fn camel(name: String) -> String {
        let mut chars = name.chars();
        chars.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(chars).collect()
    }

    #[test]
    fn the_stand_ins_have_the_variants_of_what_they_stand_for() {
        fn check<T: TypeInfo, S: JsonSchema>(tag: Option<&str>) {
            let schema = schemars::schema_for!(S).to_value();
            assert_eq!(constants(&schema, tag), variants::<T>().into_iter().map(camel).collect::<Vec<_>>());
        }
        check::<DeviceClass, Class>(None);
        check::<DisputeCause, Cause>(None);
        check::<JuryPhase, Phase>(None);
        check::<Verdict, VerdictName>(None);
        check::<BondFate, Fate>(None);
        check::<Condition, ConditionName>(None);
        check::<ReasonCode, Reason>(Some("code"));
        check::<Category, Purpose>(None);
    }
}
