//! An account's amounts on hold, their reasons, and how they are released.

use crate::{
    chain::{Chain, blake2_concat, value_key},
    error::Result,
};
use dpin_primitives::{AccountId, AssetKind, Balance};
use scale_info::{PortableRegistry, TypeDef};

/// Name of the enum of all hold reasons in the runtime's metadata.
const REASONS: &str = "RuntimeHoldReason";

/// An amount on hold for one reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Hold {
    /// `Pallet.Reason`, as the runtime names it.
    pub reason: String,
    /// Amount in the asset's smallest unit.
    pub amount: Balance,
}

impl Hold {
    /// The purpose of the hold.
    pub(crate) fn what(&self) -> &str {
        match self.reason.as_str() {
            "Blobs.Storage" => "deposits of blobs",
            "Jobs.Kernel" => "deposits of kernels",
            "Jobs.Escrow" => "open jobs",
            "ProofOfCompute.Challenge" => "bonds of challenges",
            "Workers.Bond" => "bond of the worker",
            "Workers.Certificate" => "certificate of the worker",
            "Session.Keys" => "deposit of session keys",
            "Preimage.Preimage" => "deposits of preimages of governance",
            other => other,
        }
    }

    /// How the amount is released.
    pub(crate) fn back(&self) -> &'static str {
        match self.reason.as_str() {
            "Blobs.Storage" => "`dpin blob list`, then `dpin blob remove`; or automatically after a blob has expired",
            "Jobs.Kernel" => "`dpin kernel list --mine`, then `dpin kernel unregister`",
            "Jobs.Escrow" => {
                "the unspent part, as the tasks end (`dpin job list`); `dpin job cancel` for waiting tasks"
            }
            "ProofOfCompute.Challenge" => "when the jury has decided for the challenger",
            "Workers.Bond" => {
                "`dpin worker unbond` for a part; `dpin worker leave`, then `dpin worker withdraw` for all"
            }
            "Workers.Certificate" => "`dpin worker decertify`",
            "Session.Keys" => "`dpin validator purge-keys`",
            "Preimage.Preimage" => "preimage.unnotePreimage",
            _ => "",
        }
    }
}

/// The amounts on hold of an account in an asset, one for each reason.
///
/// # Errors
///
/// When the node does not answer, or its answer cannot be read.
pub(crate) async fn read_holds(chain: &Chain, asset: &AssetKind, account: &AccountId) -> Result<Vec<Hold>> {
    let key = match asset {
        AssetKind::Native => [value_key("Balances", "Holds"), blake2_concat(account)].concat(),
        AssetKind::WithId(id) => {
            [value_key("AssetsHolder", "Holds"), blake2_concat(id), blake2_concat(account)].concat()
        }
    };
    // A reason is encoded as the index of its pallet and that of the pallet's own reason.
    let held: Vec<([u8; 2], Balance)> = chain.storage(key).await?.unwrap_or_default();
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let at = chain.at_final().await?;
    let types = at.metadata_ref().types();
    let named = |(reason, amount): ([u8; 2], Balance)| Hold { reason: reason_name(types, reason), amount };
    Ok(held.into_iter().map(named).collect())
}

/// The name of a reason: `Pallet.Reason`.
fn reason_name(types: &PortableRegistry, [pallet, own]: [u8; 2]) -> String {
    let variant = |def: &TypeDef<_>, index: u8| match def {
        TypeDef::Variant(all) => all.variants.iter().find(|variant| variant.index == index).cloned(),
        _ => None,
    };
    let outer = types.types.iter().find(|known| known.ty.path.segments.last().is_some_and(|name| name == REASONS));
    let found = outer.and_then(|outer| {
        let outer = variant(&outer.ty.type_def, pallet)?;
        let inner = types.resolve(outer.fields.first()?.ty.id)?;
        Some(format!("{}.{}", outer.name, variant(&inner.type_def, own)?.name))
    });
    found.unwrap_or_else(|| format!("reason {pallet}.{own}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use scale_info::{MetaType, Registry, TypeInfo};

    #[derive(TypeInfo)]
    #[allow(dead_code, reason = "only its description is used")]
    enum HoldReason {
        Escrow,
        Kernel,
    }

    #[derive(TypeInfo)]
    #[allow(dead_code, reason = "only its description is used")]
    enum RuntimeHoldReason {
        #[codec(index = 51)]
        Jobs(HoldReason),
    }

    #[test]
    fn reasons_have_the_names_of_the_metadata() {
        let mut registry = Registry::new();
        registry.register_type(&MetaType::new::<RuntimeHoldReason>());
        let types = PortableRegistry::from(registry);
        assert_eq!(reason_name(&types, [51, 1]), "Jobs.Kernel");
        assert_eq!(reason_name(&types, [51, 2]), "reason 51.2");
        assert_eq!(reason_name(&types, [50, 0]), "reason 50.0");
    }

    #[test]
    fn of_every_reason_of_this_chain_is_told_how_it_comes_back() {
        for reason in [
            "Blobs.Storage",
            "Jobs.Escrow",
            "Jobs.Kernel",
            "ProofOfCompute.Challenge",
            "Workers.Bond",
            "Workers.Certificate",
            "Session.Keys",
            "Preimage.Preimage",
        ] {
            let hold = Hold { reason: reason.into(), amount: 1 };
            assert!(hold.what() != reason && !hold.back().is_empty(), "{reason}");
        }
    }
}
