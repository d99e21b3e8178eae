//! Sheets as pages for the printer. Escaping is the templates'.

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::table::{Column, Sheet, allergens, facts, sides};
use crate::plan::{FrozenPlan, Label, PackList, ProductionPlan};

/// The only style of the pages: a page allows exactly this by its hash.
pub const STYLE: &str = include_str!("../../templates/sheet.css");

/// What stands above every page.
#[derive(Debug, Clone)]
pub struct Heading {
    /// The name of the tenant.
    pub tenant: String,
    /// The week, `2026-W48`.
    pub week: String,
    /// The zone in which instants are printed.
    pub time_zone: String,
}

/// The page of a sheet: a section per plan.
pub fn to_html(
    sheet: Sheet,
    heading: &Heading,
    plans: &[FrozenPlan],
) -> Result<String, askama::Error> {
    let parts = plans.iter().map(|frozen| Part::new(sheet, heading, frozen)).collect();
    Page { sheet, style: STYLE, heading, parts }.render()
}

#[derive(Template)]
#[template(path = "sheet.html")]
struct Page<'a> {
    sheet: Sheet,
    style: &'static str,
    heading: &'a Heading,
    parts: Vec<Part<'a>>,
}

struct Part<'a> {
    name: String,
    frozen_at: String,
    cooked_on: String,
    body: Body<'a>,
    totals: Totals,
}

/// What fills a section.
enum Body<'a> {
    Table { columns: &'static [Column], rows: Vec<Vec<String>> },
    Labels(Vec<PrintedLabel<'a>>),
    Boxes(Vec<PackedBox<'a>>),
}

struct PrintedLabel<'a> {
    label: &'a Label,
    sides: String,
    allergens: String,
    facts: Vec<(&'static str, String)>,
}

struct PackedBox<'a> {
    list: &'a PackList,
    rows: Vec<(String, i32, String, i32)>,
    meals: i64,
}

/// Conservation, for the eye: all four are the same number.
struct Totals {
    planned: i64,
    labelled: usize,
    packed: i64,
    orders: usize,
}

impl<'a> Part<'a> {
    fn new(sheet: Sheet, heading: &Heading, frozen: &'a FrozenPlan) -> Self {
        let plan = &frozen.plan;
        let name = match plan.number {
            0 => "Plan 0 (frozen at lock)".to_owned(),
            number => format!("Delta {number}"),
        };
        Self {
            name,
            frozen_at: local_time(frozen.frozen_at, &heading.time_zone),
            cooked_on: plan.production_date.to_string(),
            body: body(sheet, plan),
            totals: Totals {
                planned: plan.total_meals(),
                labelled: plan.labels.len(),
                packed: plan.packing.iter().map(packed).sum(),
                orders: plan.packing.len(),
            },
        }
    }
}

fn body(sheet: Sheet, plan: &ProductionPlan) -> Body<'_> {
    match sheet {
        Sheet::Production | Sheet::Ingredients | Sheet::Purchasing => {
            Body::Table { columns: sheet.columns(), rows: sheet.rows(plan) }
        }
        Sheet::Labels => Body::Labels(plan.labels.iter().map(printed_label).collect()),
        Sheet::Packing => Body::Boxes(plan.packing.iter().map(packed_box).collect()),
    }
}

fn printed_label(label: &Label) -> PrintedLabel<'_> {
    PrintedLabel {
        label,
        sides: sides(&label.side_names),
        allergens: allergens(label),
        facts: facts(&label.nutrition),
    }
}

fn packed_box(list: &PackList) -> PackedBox<'_> {
    let rows = list.meals.iter().map(|row| {
        (row.dish_name.clone(), row.kind.size.grams(), sides(&row.side_names), row.meals)
    });
    PackedBox { list, rows: rows.collect(), meals: packed(list) }
}

fn packed(list: &PackList) -> i64 {
    list.meals.iter().map(|row| i64::from(row.meals)).sum()
}

/// The instant on the kitchen's wall clock; in UTC should the zone be unknown.
fn local_time(at: DateTime<Utc>, zone: &str) -> String {
    let zone = zone.parse().unwrap_or(Tz::UTC);
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string()
}
