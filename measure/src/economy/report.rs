//! The output of a simulation: a table with a row, and a chart with a point, for each month.

use super::dice::in_coins;
use anyhow::{Context, Result};
use dpin_primitives::{Balance, economy::SUPPLY_CAP};
use plotters::{
    coord::{Shift, ranged1d::ValueFormatter},
    prelude::*,
};
use std::{fmt::Write as _, path::Path};

/// A month. Amounts are in planck or BLC's smallest unit. Flows are sums over the month; stocks are
/// values at its end.
#[derive(Clone, Default, Debug)]
pub struct Month {
    /// Number of the month, from 1.
    pub month: u32,
    /// Last block of the month.
    pub block: u32,
    /// DPN ever minted.
    pub minted: Balance,
    /// DPN ever burned.
    pub burned: Balance,
    /// Issuance of DPN.
    pub issuance: Balance,
    /// DPN that are neither unvested nor in a pot, except the liquidity pot.
    pub circulating: Balance,
    /// DPN that the schedule has released.
    pub scheduled: Balance,
    /// The part of them that was minted.
    pub emitted: Balance,
    /// DPN in the vesting pot.
    pub vesting_pot: Balance,
    /// DPN in the pot of the Super Nodes.
    pub super_nodes_pot: Balance,
    /// DPN in the pot of the liquidity bonds.
    pub bonds_pot: Balance,
    /// DPN in the ecosystem pot.
    pub ecosystem_pot: Balance,
    /// DPN in the anti-monopoly fund.
    pub fund_pot: Balance,
    /// DPN in the revenue pot.
    pub revenue_native: Balance,
    /// BLC in the revenue pot.
    pub revenue_stable: Balance,
    /// DPN in the pool.
    pub pool_native: Balance,
    /// BLC in the pool.
    pub pool_stable: Balance,
    /// Price in BLC for a DPN, by the pool.
    pub price: f64,
    /// Slices of BLC spent on DPN.
    pub slices: u32,
    /// Sum of the price moves by these slices, as fractions.
    pub impacts: f64,
    /// Largest price move by one slice.
    pub max_impact: f64,
    /// BLC spent on buying back.
    pub spent: Balance,
    /// DPN bought back and burned.
    pub bought: Balance,
    /// Fees in DPN that were burned at the ends of eras.
    pub native_burned: Balance,
    /// Transaction fees, converted to planck of DPN.
    pub transaction_fees: Balance,
    /// Liquidity bonds sold.
    pub bonds_sold: Balance,
    /// Liquidity bonds bought back.
    pub bonds_bought_back: Balance,
    /// Number of halts of buy-backs.
    pub halts: u32,
    /// Eras in which some BLC were frozen.
    pub frozen_eras: u32,
    /// Tasks and jobs that were settled.
    pub settled: u32,
    /// Trades that moved the pool's price.
    pub trades: u32,
    /// Claims that were paid.
    pub claims: u32,
    /// Attempted actions that the chain refused.
    pub refused: u32,
}

impl Month {
    /// The mean price move by a slice, as a fraction.
    pub fn mean_impact(&self) -> f64 {
        if self.slices == 0 {
            return 0.0;
        }
        self.impacts / f64::from(self.slices)
    }

    /// DPN that the schedule has released and nobody has received.
    pub fn unminted(&self) -> Balance {
        self.scheduled.saturating_sub(self.emitted)
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        let coins = |amount: Balance| format!("{}.{:012}", amount / 1_000_000_000_000, amount % 1_000_000_000_000);
        vec![
            ("month", self.month.to_string()),
            ("block", self.block.to_string()),
            ("supply", coins(self.issuance)),
            ("circulating", coins(self.circulating)),
            ("minted", coins(self.minted)),
            ("burned", coins(self.burned)),
            ("scheduled", coins(self.scheduled)),
            ("emitted", coins(self.emitted)),
            ("unminted", coins(self.unminted())),
            ("price_blc", format!("{:.9}", self.price)),
            ("slices", self.slices.to_string()),
            ("price_impact_mean", format!("{:.9}", self.mean_impact())),
            ("price_impact_max", format!("{:.9}", self.max_impact)),
            ("blc_spent", coins(self.spent)),
            ("bought_back", coins(self.bought)),
            ("native_fees_burned", coins(self.native_burned)),
            ("transaction_fees", coins(self.transaction_fees)),
            ("revenue_pot_dpn", coins(self.revenue_native)),
            ("revenue_pot_blc", coins(self.revenue_stable)),
            ("vesting_pot", coins(self.vesting_pot)),
            ("super_nodes_pot", coins(self.super_nodes_pot)),
            ("bonds_pot", coins(self.bonds_pot)),
            ("bonds_sold", coins(self.bonds_sold)),
            ("bonds_bought_back", coins(self.bonds_bought_back)),
            ("ecosystem_pot", coins(self.ecosystem_pot)),
            ("fund_pot", coins(self.fund_pot)),
            ("pool_dpn", coins(self.pool_native)),
            ("pool_blc", coins(self.pool_stable)),
            ("halts", self.halts.to_string()),
            ("frozen_eras", self.frozen_eras.to_string()),
            ("settled", self.settled.to_string()),
            ("trades", self.trades.to_string()),
            ("claims", self.claims.to_string()),
            ("refused", self.refused.to_string()),
        ]
    }
}

/// The table as comma-separated values, with the names in the first line.
pub fn table(rows: &[Month]) -> String {
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let fields = row.fields();
        if at == 0 {
            let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
            let _infallible = writeln!(text, "{}", names.join(","));
        }
        let values: Vec<String> = fields.into_iter().map(|(_, value)| value).collect();
        let _infallible = writeln!(text, "{}", values.join(","));
    }
    text
}

/// A line of a panel.
struct Line {
    name: &'static str,
    color: RGBColor,
    points: Vec<(f64, f64)>,
}

impl Line {
    fn new(name: &'static str, color: RGBColor, rows: &[Month], value: impl Fn(&Month) -> f64) -> Self {
        Self { name, color, points: rows.iter().map(|row| (f64::from(row.month), value(row))).collect() }
    }
}

/// A panel of the chart.
struct Panel {
    title: &'static str,
    unit: &'static str,
    logarithmic: bool,
    lines: Vec<Line>,
}

const DARK: RGBColor = RGBColor(31, 58, 95);
const WARM: RGBColor = RGBColor(200, 76, 40);
const PALE: RGBColor = RGBColor(120, 140, 160);

/// The six panels of the chart.
fn panels(rows: &[Month]) -> Vec<Panel> {
    supply_panels(rows).into_iter().chain(market_panels(rows)).collect()
}

/// The amounts of DPN, and the places where they are.
fn supply_panels(rows: &[Month]) -> Vec<Panel> {
    let millions = |amount: Balance| in_coins(amount) / 1e6;
    let panel = |title, lines| Panel { title, unit: "million DPN", logarithmic: false, lines };
    vec![
        panel(
            "Supply",
            vec![
                Line::new("cap", PALE, rows, |_| millions(SUPPLY_CAP)),
                Line::new("minted", WARM, rows, |row| millions(row.minted)),
                Line::new("supply", DARK, rows, |row| millions(row.issuance)),
            ],
        ),
        panel(
            "Circulating",
            vec![
                Line::new("circulating", DARK, rows, |row| millions(row.circulating)),
                Line::new("vesting", WARM, rows, |row| millions(row.vesting_pot)),
                Line::new("ecosystem pot", PALE, rows, |row| millions(row.ecosystem_pot)),
            ],
        ),
        panel(
            "Burned",
            vec![
                Line::new("burned", DARK, rows, |row| millions(row.burned)),
                Line::new("released, not earned", PALE, rows, |row| millions(row.unminted())),
            ],
        ),
    ]
}

/// The price of a DPN, and what buying back does to it.
fn market_panels(rows: &[Month]) -> Vec<Panel> {
    let positive = |amount: Balance| in_coins(amount).max(1e-6);
    vec![
        Panel {
            title: "Price impact of a buy-back",
            unit: "percent",
            logarithmic: false,
            lines: vec![
                Line::new("allowed", PALE, rows, |_| 0.7),
                Line::new("most in a month", WARM, rows, |row| row.max_impact * 100.0),
                Line::new("mean of a month", DARK, rows, |row| row.mean_impact() * 100.0),
            ],
        },
        Panel {
            title: "Price",
            unit: "BLC for a DPN",
            logarithmic: true,
            lines: vec![Line::new("price", DARK, rows, |row| row.price.max(1e-6))],
        },
        Panel {
            title: "Pool and revenue pot",
            unit: "BLC",
            logarithmic: true,
            lines: vec![
                Line::new("pool", DARK, rows, |row| positive(row.pool_stable)),
                Line::new("revenue pot", WARM, rows, |row| positive(row.revenue_stable)),
            ],
        },
    ]
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draw the chart as SVG.
///
/// # Errors
///
/// If there are no rows, or the drawing fails.
pub fn chart(rows: &[Month]) -> Result<String> {
    let last = rows.last().context("there is nothing to draw")?.month;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (1_500, 900)).into_drawing_area();
        root.fill(&WHITE)?;
        let root = root.titled("The money of DPIN, simulated with the chain's own runtime", ("sans-serif", 30))?;
        for (area, panel) in root.split_evenly((2, 3)).iter().zip(panels(rows)) {
            draw(area, &panel, f64::from(last))?;
        }
        root.present()?;
    }
    Ok(svg)
}

fn draw(area: &Area<'_>, panel: &Panel, last: f64) -> Result<()> {
    let values = || panel.lines.iter().flat_map(|line| line.points.iter().map(|(_, value)| *value));
    let most = values().fold(f64::MIN_POSITIVE, f64::max);
    let mut builder = ChartBuilder::on(area);
    builder.caption(panel.title, ("sans-serif", 23)).margin(12).x_label_area_size(44).y_label_area_size(76);
    let months = 0.0..last.max(1.0);
    if panel.logarithmic {
        let least = values().fold(most, f64::min);
        // Whole powers of ten around the values.
        let range = 10f64.powf((least.log10() - 0.1).floor())..10f64.powf((most.log10() + 0.1).ceil());
        finish(builder.build_cartesian_2d(months, range.log_scale())?, panel)
    } else {
        finish(builder.build_cartesian_2d(months, 0.0..most * 1.15)?, panel)
    }
}

fn finish<'a, 'b: 'a, Y>(
    mut chart: ChartContext<'a, SVGBackend<'b>, Cartesian2d<plotters::coord::types::RangedCoordf64, Y>>,
    panel: &Panel,
) -> Result<()>
where
    Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    let months = panel.lines.iter().map(|line| line.points.len()).max().unwrap_or_default();
    chart
        .configure_mesh()
        .x_desc("month")
        .y_desc(panel.unit)
        .x_labels(months.clamp(2, 9))
        .y_labels(8)
        .x_label_formatter(&|month| format!("{month:.0}"))
        .y_label_formatter(&|value| short(*value))
        .light_line_style(WHITE)
        .label_style(("sans-serif", 17))
        .draw()?;
    for line in &panel.lines {
        let color = line.color;
        chart
            .draw_series(LineSeries::new(line.points.iter().copied(), color.stroke_width(2)))?
            .label(line.name)
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(PALE)
        .label_font(("sans-serif", 16))
        .draw()?;
    Ok(())
}

/// A number in few characters.
fn short(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        value_abs if value_abs >= 1e6 => (value / 1e6, "M"),
        value_abs if value_abs >= 1e3 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let text = if scaled.abs() >= 0.001 || scaled == 0.0 { format!("{scaled:.3}") } else { format!("{scaled:.6}") };
    format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Write the table and the chart to a folder, which is created if missing.
///
/// # Errors
///
/// If the chart cannot be drawn, or a file cannot be written.
pub fn write(rows: &[Month], folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for (name, text) in [("economy.csv", table(rows)), ("economy.svg", chart(rows)?)] {
        let path = folder.join(name);
        std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

/// Whether a text is a single XML element, with all elements properly nested and closed, and all
/// special characters written as entities.
pub fn is_well_formed(text: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut roots = 0;
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let Some(length) = rest[start..].find('>') else { return false };
        let (before, tag) = (&rest[..start], &rest[start + 1..start + length]);
        rest = &rest[start + length + 1..];
        if before.contains('>') || !entities(before) || (open.is_empty() && !before.trim().is_empty()) {
            return false;
        }
        if tag.starts_with('?') || tag.starts_with('!') {
            continue;
        }
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap_or_default();
        let quotes = tag.matches('"').count();
        if name.is_empty() || quotes % 2 != 0 || !entities(tag) {
            return false;
        }
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else {
            roots += u32::from(open.is_empty());
            if !tag.ends_with('/') {
                open.push(name);
            }
        }
    }
    open.is_empty() && roots == 1 && rest.trim().is_empty()
}

/// Whether every ampersand begins an entity.
fn entities(text: &str) -> bool {
    text.split('&').skip(1).all(|part| part.find(';').is_some_and(|end| (1..8).contains(&end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::DPN;

    fn rows() -> Vec<Month> {
        (1..=3)
            .map(|month| Month {
                month,
                minted: 30_000_000 * DPN,
                issuance: 29_999_999 * DPN + 5,
                burned: DPN,
                price: 1.5,
                pool_stable: 4_000 * DPN,
                max_impact: 0.007,
                slices: 2,
                impacts: 0.01,
                ..Month::default()
            })
            .collect()
    }

    #[test]
    fn every_row_of_the_table_has_a_value_for_each_name() {
        let text = table(&rows());
        let counts: Vec<usize> = text.lines().map(|line| line.split(',').count()).collect();
        assert_eq!(counts, vec![counts[0]; 4]);
    }

    #[test]
    fn amounts_are_written_to_the_planck() {
        let text = table(&rows());
        assert!(text.lines().nth(1).is_some_and(|line| line.contains(",29999999.000000000005,")), "{text}");
    }

    #[test]
    fn the_chart_is_well_formed_and_names_what_it_shows() {
        let svg = chart(&rows()).unwrap();
        assert!(is_well_formed(&svg), "{svg}");
        for name in ["Supply", "Circulating", "Burned", "Price impact", "million DPN", "month"] {
            assert!(svg.contains(name), "{name}");
        }
    }

    #[test]
    fn what_is_not_well_formed_is_told() {
        for text in ["<a><b></a></b>", "<a>", "<a></a><b></b>", "<a>1 & 2</a>", "<a b=\"></a>", "a", ""] {
            assert!(!is_well_formed(text), "{text}");
        }
        assert!(is_well_formed("<?xml version=\"1.0\"?><a b=\"c\">1 &amp; 2<d/></a>"));
    }
}
