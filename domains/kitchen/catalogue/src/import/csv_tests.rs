use proptest::prelude::*;

use super::*;

const HEADER: &str = "name,category,allergens,energy_kj,protein_g,fat_g,saturated_fat_g,carbohydrate_g,sugars_g,sodium_mg,default_unit,conversions\n";

fn parse_file(rows: &str) -> ImportPlan {
    parse(format!("{HEADER}{rows}").as_bytes())
}

fn codes(plan: &ImportPlan) -> Vec<(u32, &str, &str)> {
    plan.errors.iter().map(|error| (error.row, error.field.as_ref(), error.code)).collect()
}

#[test]
fn a_full_row_and_a_bare_row_are_read() {
    let plan = parse_file(
        "Parsley,Herbs,none,150,3,0.8,0.1,6.3,0.9,56,bunch,1 bunch = 60 g; 1 cup = 30 g\n\
         Butter Unsalted,,,,,81.5,,0,,,,\n",
    );
    assert!(plan.is_clean(), "{:?}", plan.errors);
    let parsley = &plan.rows[0];
    assert_eq!((parsley.row, parsley.ingredient.key.as_str()), (2, "parsley"));
    assert_eq!(parsley.ingredient.allergens, AllergenInfo::free());
    assert_eq!(parsley.allergen_proposal, None);
    assert_eq!(parsley.ingredient.default_unit, Some(Unit::Bunch));
    assert_eq!(parsley.ingredient.conversions.as_slice().len(), 2);
    let butter = &plan.rows[1];
    assert_eq!(butter.row, 3);
    assert!(butter.ingredient.allergens.is_unknown());
    let proposal = butter.allergen_proposal.as_ref().unwrap();
    assert!(proposal.allergens.contains(&Allergen::Milk));
    assert_eq!(butter.ingredient.nutrition.energy_kj, None);
    assert_eq!(butter.ingredient.nutrition.carbohydrate_g, Some(Decimal::ZERO));
}

#[test]
fn allergens_are_declared_free_or_unknown() {
    let plan = parse_file(
        "A,,Milk; brazil nut,,,,,,,,,\nB,,NONE,,,,,,,,,\nC,,,,,,,,,,,\nD,, ; ,,,,,,,,,\n",
    );
    let info: Vec<_> = plan.rows.iter().map(|row| row.ingredient.allergens.clone()).collect();
    let declared = AllergenInfo::declared([Allergen::Milk, Allergen::BrazilNut]);
    let (free, unknown) = (AllergenInfo::free(), AllergenInfo::Unknown);
    assert_eq!(info, [declared, free, unknown.clone(), unknown]);
}

#[test]
fn every_mistake_is_reported_with_its_row_and_field() {
    let plan = parse_file(
        "Good,,,,,,,,,,,\n\
         ,,celery,abc,-1,101,,,,,smidgen,1 bunch 60 g\n\
         GOOD ,,,,,,,,,,,1 kg = 900 g\n\
         Comma,,,\"1,5\",,,,,,,,\n",
    );
    assert_eq!(plan.rows.len(), 1);
    assert_eq!(
        codes(&plan),
        [
            (3, "name", "required"),
            (3, "allergens", "choice"),
            (3, "energy_kj", "format"),
            (3, "protein_g", "range"),
            (3, "fat_g", "range"),
            (3, "default_unit", "choice"),
            (3, "conversions", "format"),
            (4, "name", "duplicate"),
            (4, "conversions", "format"),
            (5, "energy_kj", "format"),
        ]
    );
}

#[test]
fn the_header_must_have_every_column_but_conversions_in_any_order() {
    let mut titles: Vec<_> = COLUMNS[..11].to_vec();
    titles.reverse();
    let plan = parse(format!("\u{feff}{}\n,,,,,,,,,,Salt\n", titles.join(",")).as_bytes());
    assert_eq!(plan.rows[0].ingredient.name, "Salt");
    for refused in ["", "name,category\n", "name,name\n", "name,price\n"] {
        assert_eq!(codes(&parse(refused.as_bytes())), [(0, "header", "format")], "{refused:?}");
    }
    assert_eq!(codes(&parse(&[0xff, 0xfe])), [(0, "file", "format")]);
}

#[test]
fn more_than_five_thousand_rows_are_refused_whole() {
    let rows = |count| {
        let names: Vec<_> = (0..count).map(|i| format!("i{i},,,,,,,,,,,")).collect();
        names.join("\n")
    };
    assert_eq!(parse_file(&rows(MAX_ROWS)).rows.len(), MAX_ROWS);
    let plan = parse_file(&rows(MAX_ROWS + 1));
    assert_eq!(codes(&plan), [(0, "file", "length")]);
    assert!(plan.rows.is_empty());
}

#[test]
fn a_row_with_too_many_fields_is_refused_and_the_next_one_is_read() {
    let plan = parse_file("A,,,,,,,,,,,,extra\nB\n");
    assert_eq!(codes(&plan), [(2, "row", "format")]);
    assert_eq!(plan.rows[0].ingredient.name, "B");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_without_panic(rows in "\\PC{0,200}", raw in proptest::collection::vec(any::<u8>(), 0..200)) {
        let plan = parse_file(&rows);
        for row in &plan.rows {
            prop_assert!(plan.errors.iter().all(|error| error.row != row.row));
        }
        let _ = parse(&raw);
    }
}
