//! Raises weights that declare too little for small arguments.
//!
//! A weight with components is a line through measured points. If a component reaches far, the line
//! says little about its beginning: it may lie below the time that was measured there. The smallest
//! measured time is in the file. Of several components, one at a time was small. So the line must
//! not lie below that time for the smallest value of any component, with the largest of the others.
//! Where it does, the base of the weight is raised.

use std::collections::BTreeMap;

/// The smallest and the largest value of a component.
struct Range {
    low: u64,
    high: u64,
}

/// The ranges of a function's components, by name. They are in the comments before the function.
type Ranges = BTreeMap<String, Range>;

/// Raise the weights in a weight file that was written with `scripts/weights.hbs`. Returns the new
/// text of the file, in which nothing but bases may differ.
pub fn raise(text: &str) -> String {
    let mut raised = String::with_capacity(text.len());
    let mut ranges = Ranges::new();
    let mut function: Option<Vec<&str>> = None;
    for line in text.lines() {
        if let Some((name, range)) = component_range(line) {
            ranges.insert(name, range);
        }
        if line.trim_start().starts_with("fn ") {
            function = Some(Vec::new());
        }
        match &mut function {
            None => raised += &format!("{line}\n"),
            Some(lines) => {
                lines.push(line);
                if line.starts_with("\t}") {
                    raised += &raise_function(lines, &ranges);
                    ranges.clear();
                    function = None;
                }
            }
        }
    }
    // The rest of a file that is cut off.
    raised.extend(function.into_iter().flatten().map(|line| format!("{line}\n")));
    raised
}

/// The component's name and range in a line such as ``The range of component `n` is `[1, 64]`.``
fn component_range(line: &str) -> Option<(String, Range)> {
    let (_, rest) = line.split_once("The range of component `")?;
    let (name, rest) = rest.split_once("` is `[")?;
    let (low, high) = rest.split_once("]`")?.0.split_once(", ")?;
    Some((name.into(), Range { low: digits(low), high: digits(high) }))
}

/// The lines of a function, with a base that is raised if it has to be.
fn raise_function(lines: &[&str], ranges: &Ranges) -> String {
    let minimum =
        lines.iter().rev().find(|line| line.contains("Minimum execution time")).map_or(0, |line| digits(line));
    let slopes: BTreeMap<&str, u64> = lines.iter().filter_map(|line| slope(line)).collect();
    let Some((at, base)) = lines.iter().enumerate().find_map(|(at, line)| Some((at, base(line)?))) else {
        return join(lines);
    };
    let declared = |small: &str| -> u64 {
        let part = |(name, range): (&String, &Range)| {
            let value = if name == small { range.low } else { range.high };
            slopes.get(name.as_str()).copied().unwrap_or_default() * value
        };
        digits(base) + ranges.iter().map(part).sum::<u64>()
    };
    let lacking = ranges.keys().map(|small| minimum.saturating_sub(declared(small))).max().unwrap_or_default();
    if lacking == 0 {
        return join(lines);
    }
    let line = lines[at].replacen(
        &format!("from_parts({base}"),
        &format!("from_parts({}", grouped(digits(base) + lacking)),
        1,
    );
    [join(&lines[..at]), join(&[&line]), join(&lines[at + 1..])].concat()
}

fn join(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The base of a weight, if the line begins one.
fn base(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("\t\tWeight::from_parts(")?;
    rest.split([',', '(']).next()
}

/// The component's name and the time for each of its units, if the line adds that.
fn slope(line: &str) -> Option<(&str, u64)> {
    let (_, rest) = line.split_once("from_parts(")?;
    let (time, rest) = rest.split_once(", 0).saturating_mul(")?;
    let (name, _) = rest.split_once(".into")?;
    Some((name, digits(time)))
}

/// The number that the digits of a text make, whatever lies between them.
pub(crate) fn digits(text: &str) -> u64 {
    text.bytes().filter(u8::is_ascii_digit).fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    match number {
        0..=999 => number.to_string(),
        _ => format!("{}_{:03}", grouped(number / 1000), number % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    const MEASURED: &str = include_str!("../fixtures/measured.rs.txt");
    const RAISED: &str = include_str!("../fixtures/raised.rs.txt");

    #[test]
    fn a_base_is_raised_to_the_measured_minimum_and_nothing_else_changes() {
        assert_eq!(raise(MEASURED), RAISED);
    }

    #[test]
    fn what_is_raised_is_not_raised_again() {
        assert_eq!(raise(RAISED), RAISED);
    }

    #[test]
    fn nothing_but_bases_changes_in_the_weights_of_the_runtime() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/weights");
        let mut functions = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let raised = raise(&text);
            assert_eq!(raised.lines().count(), text.lines().count(), "{}", path.display());
            for (old, new) in text.lines().zip(raised.lines()).filter(|(old, new)| old != new) {
                let (old, new) = (digits(base(old).unwrap()), digits(base(new).unwrap()));
                assert!(old < new, "{}: {old} is lowered to {new}", path.display());
            }
            assert_eq!(raise(&raised), raised, "{}", path.display());
            functions += text.matches("Minimum execution time").count();
        }
        assert!(functions > 100, "{functions} weights");
    }

    #[test]
    fn a_file_that_is_cut_off_keeps_its_lines() {
        let text = "\tfn store(b: u32, ) -> Weight {\n\t\tWeight::from_parts(1, 0)\n";
        assert_eq!(raise(text), text);
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1_000, 83_083_920].map(grouped), ["0", "999", "1_000", "83_083_920"]);
    }
}
