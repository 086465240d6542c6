//! The entry point's use of its output.

use super::{
    Finding, Severity,
    accesses::{Access, Entry, Use, accesses},
    tokens::{Token, in_loop, statement_end},
};
use dpin_primitives::kernel::{KernelManifest, Param, Tiling};

/// Names of functions about the launch. They may not decide where an output goes unless `dpin_tile`
/// does.
const PLACES: &[&str] = &["get_group_id", "get_global_id", "get_num_groups", "get_global_size"];

/// Find wrong uses of the output in the entry point.
pub(super) fn check_output(
    entry: &Entry<'_, '_>,
    all: &[Token<'_>],
    manifest: &KernelManifest,
    found: &mut Vec<Finding>,
) {
    let place = manifest.params.iter().position(|param| matches!(param, Param::Output));
    let Some(name) = place.and_then(|place| entry.parameters.get(place)).copied() else { return };
    let output = OutputUses { name, body: entry.body, uses: accesses(entry.body, name), all };
    found.extend(output.early_read());
    if matches!(manifest.tiling, Tiling::PerGroup { .. }) {
        found.extend(output.store_outside_tile());
    }
    found.extend(output.tile_position());
}

/// The output of a kernel, and its uses.
struct OutputUses<'t, 's> {
    name: &'s str,
    body: &'t [Token<'s>],
    uses: Vec<Access>,
    /// All tokens of the source.
    all: &'t [Token<'s>],
}

impl OutputUses<'_, '_> {
    fn finding(
        &self,
        at: usize,
        severity: Severity,
        rule: &'static str,
        message: String,
        remedy: &'static str,
    ) -> Finding {
        Finding { severity, rule, line: self.body[at].line, name: self.name.into(), message, remedy }
    }

    /// A read before anything can have been written. Once the buffer is passed on or something is
    /// stored, nothing is certain.
    fn early_read(&self) -> Option<Finding> {
        let first = self.uses.iter().find_map(|access| match access.what {
            Use::Stored => Some(statement_end(self.body, access.end)),
            Use::Handed => Some(access.at),
            Use::Changed | Use::Read => None,
        });
        let is_early = |access: &&Access| first.is_none_or(|first| access.at < first);
        let mut early = self.uses.iter().filter(is_early);
        let read = early.find(|access| matches!(access.what, Use::Read | Use::Changed))?;
        // An earlier iteration of a loop, or a macro, may have written.
        let is_uncertain =
            in_loop(self.body, read.at) || self.all.iter().any(|token| token.directive && token.text == self.name);
        let severity = if is_uncertain { Severity::Warning } else { Severity::Fault };
        let message = format!("the kernel reads its output `{}` before it has written anything there", self.name);
        let remedy = "pass the data to read as an input of its own, and only write the output";
        Some(self.finding(read.at, severity, "reads-output", message, remedy))
    }

    /// A store outside the tile of the work-group: `out[get_global_id(0)]`, or an index computed
    /// from it in a source that never calls `dpin_tile`.
    fn store_outside_tile(&self) -> Option<Finding> {
        let knows_tiles = self.all.iter().any(|token| token.text == "dpin_tile");
        let is_unaware = !knows_tiles && self.body.iter().any(|token| PLACES.contains(&token.text));
        let is_outside = |access: &&Access| {
            let Some((from, to)) = access.index else { return false };
            let has = |word: &str| self.body[from..to].iter().any(|token| token.text == word);
            is_unaware || !has("dpin_tile") && PLACES.iter().any(|word| has(word))
        };
        let mut stores = self.uses.iter().filter(|access| matches!(access.what, Use::Stored | Use::Changed));
        let store = stores.find(is_outside)?;
        let message = format!(
            "`{}` is written at a position in the whole job, but a launch has only the tiles of its own work-groups",
            self.name
        );
        let remedy =
            "take values from get_global_id and positions from dpin_tile(): out[dpin_tile() * items + local id]";
        Some(self.finding(store.at, Severity::Warning, "stores-outside-tile", message, remedy))
    }

    /// A stored value that depends on the position in the launch.
    fn tile_position(&self) -> Option<Finding> {
        let is_index =
            |at: usize| self.uses.iter().any(|other| other.index.is_some_and(|(from, to)| (from..to).contains(&at)));
        let stores = self.uses.iter().filter(|access| access.what == Use::Stored);
        let mut values = stores.map(|access| access.end + 2..statement_end(self.body, access.end));
        let at = values.find_map(|mut value| value.find(|at| self.body[*at].text == "dpin_tile" && !is_index(*at)))?;
        let message =
            "the written value depends on dpin_tile(), a position in this launch; an auditor's launch has others";
        let remedy = "take values from get_group_id and get_global_id, and only positions from dpin_tile()";
        Some(self.finding(at, Severity::Warning, "tile-position", message.into(), remedy))
    }
}
