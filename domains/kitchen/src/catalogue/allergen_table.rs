//! Proposes the allergens of an ingredient from its name, for a person to confirm.
//!
//! The name, reduced to lower-case words, must equal an entry of the table word for word; no part of a
//! word and no part of a phrase ever matches (cases, "Allergens": coconut milk and oat milk are not
//! milk, eggplant is not egg, peanut butter is not butter). Words that say how food was prepared and
//! never what it is (`raw`, `roasted`, `large`) are left out on a second attempt. A name the table does
//! not know gives no proposal: the composition stays unknown, which is not the same as free.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::allergen::{
    Allergen,
    Allergen::{
        Almond, Barley, BrazilNut, Cashew, Crustacean, Egg, Fish, Gluten, Hazelnut, Lupin, Macadamia,
        Milk, Mollusc, Oats, Peanut, Pecan, PineNut, Pistachio, Rye, Sesame, Soy, Sulphites, Walnut,
        Wheat,
    },
};

/// What the table says of a name. Nothing is declared until a person confirms it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The allergens; empty when the table knows the food and it has none of itself.
    pub allergens: BTreeSet<Allergen>,
    /// The entry that matched, so that the person sees why.
    pub entry: String,
}

/// The table's proposal for a display name, or `None` when it does not know it.
#[must_use]
pub fn propose(name: &str) -> Option<Proposal> {
    let words = words(name);
    find(&words).or_else(|| {
        let plain: Vec<String> =
            words.iter().filter(|word| !PREPARATION.contains(&word.as_str())).cloned().collect();
        if plain.len() < words.len() { find(&plain) } else { None }
    })
}

fn find(words: &[String]) -> Option<Proposal> {
    if words.is_empty() {
        return None;
    }
    TABLE.iter().find_map(|(entries, allergens)| {
        let entry = entries.iter().find(|entry| entry.split(' ').eq(words.iter().map(String::as_str)))?;
        let allergens = allergens.iter().copied().collect();
        Some(Proposal { allergens, entry: (*entry).to_owned() })
    })
}

/// Lower-case words of letters and digits; everything else separates.
fn words(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Words that say how food was prepared or cut and never change what it contains.
const PREPARATION: &[&str] = &[
    "raw", "fresh", "frozen", "chilled", "dried", "dry", "canned", "tinned", "drained", "roasted",
    "toasted", "blanched", "peeled", "sliced", "diced", "chopped", "grated", "shredded", "whole",
    "large", "medium", "small", "salted", "unsalted", "unsweetened", "refrigerated", "shelf",
    "stable", "organic", "and", "creamy", "crunchy", "smooth", "boneless", "skinless", "lean",
];

type Row = (&'static [&'static str], &'static [Allergen]);

/// One row per composition. Entries are lower-case words separated by single spaces.
const TABLE: &[Row] = &[
    // Milk and what is made of it
    (
        &[
            "milk", "milk lowfat", "milk nonfat", "milk reduced fat", "skim milk", "full cream milk",
            "buttermilk", "low fat buttermilk", "condensed milk", "evaporated milk", "milk powder",
            "butter", "butter clarified", "clarified butter", "ghee", "cream", "heavy cream",
            "sour cream", "thickened cream", "half and half", "half half", "creme fraiche",
            "crème fraîche", "mascarpone", "ricotta", "cream cheese", "cottage cheese", "cheese",
            "cottage cheese 2 percent fat", "cheddar", "cheddar cheese", "parmesan",
            "parmesan cheese", "mozzarella", "mozzarella cheese", "part skim mozzarella cheese",
            "feta", "feta cheese", "gouda", "gruyere", "brie", "camembert", "colby", "colby jack",
            "monterey jack", "cotija", "fontina", "paneer", "queso fresco", "raclette",
            "swiss cheese", "halloumi", "haloumi", "goat cheese", "blue cheese", "yogurt", "yoghurt",
            "yogurt milk", "greek yogurt", "greek yogurt milk", "greek yoghurt", "curd",
            "curd creamed", "curd lowfat", "vanilla ice cream", "whey", "whey powder", "casein",
        ],
        &[Milk],
    ),
    // Egg
    (&["egg", "eggs", "egg white", "egg whites", "egg yolk", "egg yolks", "mayonnaise"], &[Egg]),
    (&["noodles egg", "egg noodles"], &[Egg, Wheat, Gluten]),
    // Cereals with gluten
    (
        &[
            "wheat", "flour", "flour 00", "all purpose flour", "unbleached all purpose flour",
            "plain flour", "self raising flour", "bread flour", "cake flour", "wheat flour",
            "wholemeal flour", "semolina", "flour semolina coarse semi coarse", "farina", "farro",
            "bulgur", "couscous", "spelt", "spelt flour", "white spelt flour",
            "flour spelt grain", "vital wheat gluten", "seitan", "breadcrumbs", "panko", "pasta",
            "spaghetti", "penne", "white bread", "wheat bread", "bread", "sourdough", "pita bread",
            "flour tortilla", "puff pastry", "filo pastry", "udon noodles", "freekeh",
        ],
        &[Wheat, Gluten],
    ),
    (&["barley", "pearl barley", "malt", "malt extract", "malt vinegar"], &[Barley, Gluten]),
    (
        &[
            "oats", "rolled oats", "old fashioned oats", "oat flour", "oat flour grain", "oat milk",
            "oatmeal", "oat bran",
        ],
        &[Oats, Gluten],
    ),
    (&["rye", "rye flour", "rye bread", "pumpernickel"], &[Rye, Gluten]),
    (&["beer"], &[Barley, Gluten]),
    // Fish and seafood
    (
        &[
            "fish", "tuna", "salmon", "salmon fillet", "smoked salmon", "cod", "cod fillet",
            "haddock", "haddock fillet", "barramundi", "barramundi fillet", "snapper", "trout",
            "mackerel", "sardine", "sardines", "anchovy", "anchovies", "anchovy fillet", "fish sauce",
            "fish stock", "bonito flakes", "caviar",
        ],
        &[Fish],
    ),
    (
        &["prawn", "prawns", "shrimp", "crab", "crab meat", "lobster", "crayfish", "shrimp paste"],
        &[Crustacean],
    ),
    (
        &[
            "squid", "calamari", "octopus", "cuttlefish", "mussel", "mussels", "oyster", "oysters",
            "scallop", "scallops", "clam", "clams", "abalone",
        ],
        &[Mollusc],
    ),
    (&["oyster sauce"], &[Mollusc, Soy, Wheat, Gluten]),
    (&["worcestershire sauce"], &[Fish, Barley, Gluten]),
    // Soy
    (
        &[
            "soy", "soybean", "soybeans", "soy bean", "soy beans", "edamame", "tofu", "hard tofu",
            "silken tofu", "firm tofu", "extra firm tofu", "tempeh", "soy milk", "tamari", "miso",
            "miso paste", "soy lecithin",
        ],
        &[Soy],
    ),
    (&["soy sauce", "teriyaki sauce"], &[Soy, Wheat, Gluten]),
    (&["hoisin sauce"], &[Soy, Wheat, Gluten, Sesame]),
    (&["gochujang paste", "gochujang sauce", "gochujang"], &[Soy, Wheat, Barley, Gluten]),
    // Seeds and pulses
    (&["sesame", "sesame seed", "sesame seeds", "sesame oil", "tahini"], &[Sesame]),
    (&["hummus", "hommus", "halva"], &[Sesame]),
    (&["lupin", "lupin flour", "lupini beans"], &[Lupin]),
    (&["peanut", "peanuts", "peanut butter", "peanut oil", "satay sauce"], &[Peanut]),
    // Tree nuts
    (
        &["almond", "almonds", "almond flour", "almond meal", "almond milk", "almond butter", "marzipan"],
        &[Almond],
    ),
    (&["brazil nut", "brazil nuts"], &[BrazilNut]),
    (&["cashew", "cashews", "cashew butter", "cashew milk"], &[Cashew]),
    (&["hazelnut", "hazelnuts", "hazelnut meal"], &[Hazelnut]),
    (&["macadamia", "macadamias", "macadamia nut", "macadamia nuts", "macadamia milk"], &[Macadamia]),
    (&["pecan", "pecans"], &[Pecan]),
    (&["pine nut", "pine nuts"], &[PineNut]),
    (&["pistachio", "pistachios"], &[Pistachio]),
    (&["walnut", "walnuts", "walnut oil"], &[Walnut]),
    (&["pesto", "basil pesto"], &[Milk, PineNut]),
    // Sulphites
    (
        &[
            "wine", "red wine", "white wine", "rice wine", "vinegar red wine", "red wine vinegar",
            "vinegar white wine", "white wine vinegar", "vinegar champagne", "apricots sulphured",
        ],
        &[Sulphites],
    ),
    // Foods whose names mislead, and plain foods, that have none of these of themselves
    (
        &[
            "coconut", "coconut milk", "coconut milk beverage", "coconut cream", "coconut oil",
            "coconut water", "coconut flakes", "rice milk", "cocoa butter", "shea butter",
            "eggplant", "buckwheat", "flour buckwheat", "buckwheat flour", "flour corn",
            "corn flour", "rice flour", "tapioca flour", "rice noodles", "cooked rice noodles",
            "squash butternut", "butternut squash", "butternut pumpkin", "butter lettuce",
            "butter beans", "cream of tartar", "nutmeg", "ground nutmeg", "water chestnut",
            "water chestnuts", "mushroom oyster", "oyster mushroom", "oyster mushrooms",
            "nutritional yeast", "nutritional yeast flakes", "xanthan gum", "quinoa", "millet",
            "amaranth", "polenta", "rice", "rice white long grain", "basmati rice", "jasmine rice",
            "brown rice", "water", "salt", "table salt", "sea salt", "pepper", "black pepper",
            "sugar", "brown sugar", "honey", "maple syrup", "olive oil", "canola oil",
            "sunflower oil", "potato", "potatoes", "sweet potato", "carrot", "carrots", "tomato",
            "tomatoes", "onion", "garlic", "ginger", "spinach", "kale", "broccoli", "cauliflower",
            "zucchini", "cucumber", "lettuce", "cabbage", "celery", "leek", "peas", "lentils",
            "chickpeas", "black beans", "kidney beans", "avocado", "lemon", "lemon juice", "lime",
            "lime juice", "orange", "apple", "apples", "banana", "mango", "pineapple",
            "strawberry", "blueberries", "raspberries", "chicken breast", "chicken thigh",
            "beef", "beef mince", "beef steak", "lamb", "lamb mince", "pork", "pork loin", "basil",
            "parsley", "coriander", "mint", "thyme", "rosemary", "oregano", "cumin", "paprika",
            "turmeric", "cinnamon",
        ],
        &[],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(name: &str) -> Option<Vec<Allergen>> {
        propose(name).map(|proposal| proposal.allergens.into_iter().collect())
    }

    #[test]
    fn names_that_contain_an_allergen_word_are_not_that_allergen() {
        for (name, allergens) in [
            ("Coconut Milk", &[][..]),
            ("Oat Milk", &[Oats, Gluten]),
            ("Unsweetened Almond milk refrigerated", &[Almond]),
            ("Unsweetened Soy Milk", &[Soy]),
            ("Eggplant", &[]),
            ("Peanut Butter (Creamy)", &[Peanut]),
            ("Creamy Almond Butter", &[Almond]),
            ("Squash butternut", &[]),
            ("Butter Lettuce", &[]),
            ("Cream of Tartar", &[]),
            ("Buckwheat", &[]),
            ("Mushroom oyster", &[]),
            ("Ground Nutmeg", &[]),
            ("Flour Corn", &[]),
        ] {
            let mut expected = allergens.to_vec();
            expected.sort();
            assert_eq!(proposed(name), Some(expected), "{name}");
        }
    }

    #[test]
    fn preparation_words_do_not_matter_and_other_words_do() {
        assert_eq!(proposed("Roasted and Salted Cashews"), Some(vec![Cashew]));
        assert_eq!(proposed("  MILK, whole "), Some(vec![Milk]));
        assert_eq!(proposed("Egg (Large)"), Some(vec![Egg]));
        for unknown in ["Milk thistle", "Egg replacer", "Vegan butter", "Gluten free flour", "milky", "", "raw"] {
            assert_eq!(proposed(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn every_entry_is_written_in_plain_words_and_stands_once() {
        let mut seen = BTreeSet::new();
        for (entries, _) in TABLE {
            for entry in *entries {
                assert_eq!(words(entry).join(" "), *entry);
                assert!(seen.insert(*entry), "{entry} stands twice");
                assert_eq!(propose(entry).unwrap().entry, *entry);
            }
        }
    }

    #[test]
    fn every_allergen_can_be_proposed_and_cereals_always_bring_gluten() {
        let all: BTreeSet<Allergen> = TABLE.iter().flat_map(|(_, a)| a.iter().copied()).collect();
        assert_eq!(all, Allergen::ALL.iter().copied().collect());
        for (entries, allergens) in TABLE {
            let cereal = allergens.iter().any(|a| Allergen::GLUTEN_CEREALS.contains(a));
            assert_eq!(cereal, allergens.contains(&Gluten), "{entries:?}");
        }
    }
}
