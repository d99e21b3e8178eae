//! SQL is written in the program, whole: never put together from pieces, never with the word of a
//! state in it, and never by a slice whose table it is not.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use regex::Regex;
use syn::{Item, Lit};

use super::Violation;
use crate::{TextFile, rust::ReadError, rust::is_test_only};

/// Where SQL may be put together, and why.
const BUILDERS: &[(&str, &str)] = &[
    ("shared/persistence/src/migration.rs", "the helpers of migrations"),
    ("shared/persistence/src/tx.rs", "the one statement that begins a transaction"),
    (
        "shared/testing/",
        "makes and drops databases, which take no parameters; no part of the product",
    ),
    ("migrations/", "migrations put the helpers' SQL behind their own"),
    ("tests/", "tests"),
    ("benches/", "measures"),
];

/// Macros that put texts together.
const JOINING_MACROS: &[&str] = &["concat", "format", "format_args", "write", "writeln"];
/// Methods that do.
const JOINING_METHODS: &[&str] =
    &["concat", "insert_str", "join", "push_str", "replace", "replacen", "extend"];

static SQL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = r"\b(?:SELECT\b|INSERT INTO |UPDATE [a-z_.]+ |DELETE FROM |TRUNCATE |FROM [a-z_]+|WHERE |ORDER BY |GROUP BY |FOR UPDATE|FOR SHARE|JOIN [a-z_]+|VALUES ?\(|ON CONFLICT|SET LOCAL|(?:CREATE|ALTER|DROP) (?:TABLE|INDEX|ROLE|DATABASE|POLICY|SCHEMA)|GRANT [A-Z]+|REVOKE [A-Z]+|RETURNING |LISTEN |NOTIFY )|^\s*(?:AND|OR) ";
    Regex::new(words).ok()
});
static STATE_WORD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"'([A-Z][A-Z_]{2,})'").ok());
static WRITES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|MERGE\s+INTO)\s+(?:ONLY\s+)?(?:public\.)?([a-z][a-z_0-9]*)").ok()
});

fn is_sql(text: &str) -> bool {
    SQL.as_ref().is_some_and(|sql| sql.is_match(text))
}

/// No SQL is put together from pieces, by macros, operators or methods.
///
/// # Errors
/// Fails when a file is not Rust.
pub fn no_sql_is_put_together(files: &[TextFile]) -> Result<Vec<Violation>, ReadError> {
    let mut wrong = Vec::new();
    for file in rust_files(files) {
        if BUILDERS.iter().any(|(path, _)| file.path.starts_with(path)) {
            continue;
        }
        let code = Code::read(file)?;
        let mut lines = BTreeSet::new();
        code.joined(code.tokens.clone(), &mut lines);
        let what = "puts SQL together from pieces; write it whole, with parameters";
        wrong.extend(lines.into_iter().map(|line| Violation::new(&file.path, line, what)));
    }
    Ok(wrong)
}

/// SQL in the domains takes states as parameters: `bind_word`, or `constant` where an index needs it.
///
/// # Errors
/// Fails when a file is not Rust.
pub fn no_state_is_typed_in_sql(files: &[TextFile]) -> Result<Vec<Violation>, ReadError> {
    let mut wrong = Vec::new();
    for file in rust_files(files).filter(|file| file.path.starts_with("domains/")) {
        for (text, line) in Code::read(file)?.sql() {
            let words = STATE_WORD.as_ref().into_iter().flat_map(|word| word.captures_iter(&text));
            for word in words.filter_map(|found| Some(found.get(1)?.as_str().to_owned())) {
                let what = format!("types the word '{word}' in SQL; it is a parameter of its enum");
                wrong.push(Violation::new(&file.path, line, what));
            }
        }
    }
    Ok(wrong)
}

/// A table is written by one slice: the one whose entity it is, or the only one that writes it. So
/// the state of an order is written by the store of the orders alone.
///
/// # Errors
/// Fails when a file is not Rust.
pub fn a_table_is_written_by_its_slice(files: &[TextFile]) -> Result<Vec<Violation>, ReadError> {
    let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut writes: Vec<(String, String, String, usize)> = Vec::new();
    let mut entities = Vec::new();
    for file in rust_files(files).filter(|file| file.path.starts_with("domains/")) {
        let Some(slice) = slice_of(&file.path) else { continue };
        let code = Code::read(file)?;
        for (table, line) in code.entity_tables() {
            owners.entry(table.clone()).or_default().insert(slice.clone());
            entities.push((table, slice.clone(), file.path.clone(), line));
        }
        for (text, line) in code.sql() {
            let found = WRITES.as_ref().into_iter().flat_map(|writes| writes.captures_iter(&text));
            for table in found.filter_map(|found| Some(found.get(1)?.as_str().to_owned())) {
                // `FOR UPDATE OF d`, `ON CONFLICT … DO UPDATE SET`.
                let table = table.to_lowercase();
                if !matches!(table.as_str(), "of" | "set" | "nowait" | "skip") {
                    writes.push((table, slice.clone(), file.path.clone(), line));
                }
            }
        }
    }
    let mut wrong = Vec::new();
    for (table, slice, file, line) in entities {
        let others = owners.get(&table).is_some_and(|owners| owners.len() > 1);
        if others {
            let what = format!("declares an entity of {table}, as another slice does: {slice}");
            wrong.push(Violation::new(&file, line, what));
        }
    }
    let mut by_table: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (table, slice, _, _) in &writes {
        by_table.entry(table).or_default().insert(slice);
    }
    for (table, slice, file, line) in &writes {
        let owner = owners.get(table).and_then(BTreeSet::first);
        let foreign = match owner {
            Some(owner) => owner != slice,
            None => by_table.get(table.as_str()).is_some_and(|slices| slices.len() > 1),
        };
        if foreign {
            let owner = owner.map_or("several slices write it", String::as_str);
            let what = format!("writes the table {table} of another slice ({owner})");
            wrong.push(Violation::new(file, *line, what));
        }
    }
    Ok(wrong)
}

/// The folder of the slice that a file of a domain is in.
fn slice_of(path: &str) -> Option<String> {
    let (package, below) = path.split_once("/src/")?;
    let mut parts = below.split('/');
    let first = parts.next()?;
    let alone = parts.next().is_none() || ["store", "entity", "http"].contains(&first);
    let name = if alone { "" } else { first };
    Some(format!("{package}/src/{name}"))
}

/// The shipped Rust among the files: none of the folders of tests.
fn rust_files(files: &[TextFile]) -> impl Iterator<Item = &TextFile> {
    files.iter().filter(|file| {
        let name = file.name();
        file.is("rs")
            && file.path.contains("/src/")
            && !file.path.contains("/src/tests/")
            && name != "tests.rs"
            && !name.ends_with("_tests.rs")
    })
}

/// The code of a file without what only tests see.
struct Code {
    tokens: TokenStream,
    /// The names of constants that hold SQL.
    constants: BTreeSet<String>,
}

impl Code {
    fn read(file: &TextFile) -> Result<Self, ReadError> {
        let parsed = syn::parse_file(&file.text)
            .map_err(|source| ReadError::Rust { file: file.path.clone(), source })?;
        let mut code = Self { tokens: TokenStream::new(), constants: BTreeSet::new() };
        if !parsed.attrs.iter().any(is_test_only) {
            code.add(&parsed.items);
        }
        Ok(code)
    }

    fn add(&mut self, items: &[Item]) {
        for item in items {
            let attributes = match item {
                Item::Mod(it) => &it.attrs,
                Item::Fn(it) => &it.attrs,
                Item::Const(it) => &it.attrs,
                Item::Impl(it) => &it.attrs,
                Item::Use(it) => &it.attrs,
                _ => &Vec::new(),
            };
            if attributes.iter().any(is_test_only) {
                continue;
            }
            match item {
                Item::Mod(module) => {
                    if let Some((_, items)) = &module.content {
                        self.add(items);
                    }
                }
                Item::Const(constant) => {
                    self.constant(&constant.ident, constant.expr.to_token_stream());
                    self.tokens.extend(item.to_token_stream());
                }
                Item::Static(constant) => {
                    self.constant(&constant.ident, constant.expr.to_token_stream());
                    self.tokens.extend(item.to_token_stream());
                }
                other => self.tokens.extend(other.to_token_stream()),
            }
        }
    }

    fn constant(&mut self, name: &syn::Ident, value: TokenStream) {
        let mut texts = Vec::new();
        texts_of(value, &mut texts);
        if texts.iter().any(|(text, _)| is_sql(text)) {
            self.constants.insert(name.to_string());
        }
    }

    /// Every text that is SQL, with its line.
    fn sql(&self) -> Vec<(String, usize)> {
        let mut texts = Vec::new();
        texts_of(self.tokens.clone(), &mut texts);
        texts.retain(|(text, _)| is_sql(text));
        texts
    }

    /// The tables of the entities declared here: `#[sea_orm(table_name = "…")]`.
    fn entity_tables(&self) -> Vec<(String, usize)> {
        let mut tables = Vec::new();
        tables_of(self.tokens.clone(), &mut tables);
        tables
    }

    /// Whether a token is SQL: a text, or the name of a constant.
    fn is_sql(&self, token: Option<&TokenTree>) -> bool {
        match token {
            Some(TokenTree::Literal(_)) => {
                token.and_then(text_of).is_some_and(|text| is_sql(&text))
            }
            Some(TokenTree::Ident(name)) => self.constants.contains(&name.to_string()),
            _ => false,
        }
    }

    /// Whether one of the tokens right inside a group is SQL, or a text names a constant that is.
    fn has_sql(&self, group: &proc_macro2::Group) -> bool {
        group.stream().into_iter().any(|token| {
            let inline = text_of(&token).is_some_and(|text| {
                self.constants.iter().any(|name| text.contains(&format!("{{{name}}}")))
            });
            inline || self.is_sql(Some(&token))
        })
    }

    /// Collects the lines on which SQL is put together.
    fn joined(&self, stream: TokenStream, lines: &mut BTreeSet<usize>) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let is = |at: Option<usize>, mark: char| {
            let token = at.and_then(|at| tokens.get(at));
            matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
        };
        for (at, token) in tokens.iter().enumerate() {
            let line = token.span().start().line;
            match token {
                TokenTree::Ident(name) => {
                    let group = |at: usize| match tokens.get(at) {
                        Some(TokenTree::Group(group)) => Some(group),
                        _ => None,
                    };
                    let name = name.to_string();
                    let by_macro = JOINING_MACROS.contains(&name.as_str())
                        && is(Some(at + 1), '!')
                        && group(at + 2).is_some_and(|group| self.has_sql(group));
                    let method = JOINING_METHODS.contains(&name.as_str())
                        && is(at.checked_sub(1), '.')
                        && group(at + 1).is_some();
                    let receiver = at.checked_sub(2).and_then(|at| tokens.get(at));
                    let on_sql = self.is_sql(receiver)
                        || matches!(receiver, Some(TokenTree::Group(of)) if self.has_sql(of));
                    let with_sql = group(at + 1).is_some_and(|group| self.has_sql(group));
                    if by_macro || (method && (on_sql || with_sql)) {
                        lines.insert(line);
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == '+' => {
                    // The operand before: `"SELECT 1".to_owned()`.
                    let before = tokens.get(..at).unwrap_or_default().iter().rev();
                    let mut operand = before.take_while(|token| match token {
                        TokenTree::Punct(mark) => matches!(mark.as_char(), '.' | '&' | '+'),
                        _ => true,
                    });
                    let before = operand.any(|token| self.is_sql(Some(token)));
                    let after = (at + 1..tokens.len())
                        .find(|at| !is(Some(*at), '&') && !is(Some(*at), '='))
                        .and_then(|at| tokens.get(at));
                    if before || self.is_sql(after) {
                        lines.insert(line);
                    }
                }
                TokenTree::Group(group) => self.joined(group.stream(), lines),
                _ => {}
            }
        }
    }
}

fn text_of(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    match Lit::new(literal.clone()) {
        Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

fn texts_of(stream: TokenStream, into: &mut Vec<(String, usize)>) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                // Doc comments are attributes.
                let hash = at.checked_sub(1).and_then(|at| tokens.get(at));
                let attribute =
                    matches!(hash, Some(TokenTree::Punct(mark)) if mark.as_char() == '#');
                if !attribute {
                    texts_of(group.stream(), into);
                }
            }
            TokenTree::Literal(literal) => {
                into.extend(text_of(token).map(|text| (text, literal.span().start().line)));
            }
            _ => {}
        }
    }
}

fn tables_of(stream: TokenStream, into: &mut Vec<(String, usize)>) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => tables_of(group.stream(), into),
            TokenTree::Ident(name) if name == "table_name" => {
                if let Some(table) = tokens.get(at + 2).and_then(text_of) {
                    into.push((table, name.span().start().line));
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(
        rule: fn(&[TextFile]) -> Result<Vec<Violation>, ReadError>,
        files: &[(&str, &str)],
    ) -> Vec<Violation> {
        let files: Vec<TextFile> =
            files.iter().map(|(path, text)| TextFile::new(*path, *text)).collect();
        rule(&files).unwrap()
    }

    const STORE: &str = "domains/food/src/orders/store.rs";

    #[test]
    fn sql_that_is_put_together_is_found_in_every_shape() {
        let constant = "const ALL: &str = \"SELECT id FROM dishes\";\n";
        for code in [
            "fn f() { let q = format!(\"SELECT {c} FROM dishes\"); }",
            "fn f() { let q = format!(\"{ALL} AND x\"); }",
            "fn f() { let q = format!(\"{} LIMIT 1\", ALL); }",
            "fn f() { let q = concat!(\"SELECT 1\", \" + 1\"); }",
            "fn f() { let q = \"SELECT 1\".to_owned() + &extra; }",
            "fn f() { q += \" ORDER BY id\"; }",
            "fn f() { let q = ALL.to_owned() + \" WHERE true\"; }",
            "fn f() { let q = head + ALL; }",
            "fn f() { q.push_str(\" WHERE id = $1\"); }",
            "fn f() { q.push_str(ALL); }",
            "fn f() { write!(q, \"DELETE FROM {table}\"); }",
            "fn f() { let q = ALL.replace(\"dishes\", table); }",
            "fn f() { let q = [ALL, \" LIMIT 1\"].concat(); }",
            "fn f() { let q = [\"SELECT 1\", tail].join(\" \"); }",
            "fn f() { run(move || async { g(format!(\"UPDATE t SET x = {x}\")) }); }",
        ] {
            let found = found(no_sql_is_put_together, &[(STORE, &format!("{constant}{code}"))]);
            let [one] = found.as_slice() else { panic!("{code}: {found:#?}") };
            assert_eq!(one.line, 2, "{code}");
        }
    }

    #[test]
    fn sql_that_is_whole_and_texts_that_are_no_sql_are_no_breach() {
        for code in [
            "fn f() { sql(\"SELECT id FROM dishes WHERE id = $1\").bind(id); }",
            "fn f() { format!(\"the dish {id} is not there\"); }",
            "fn f() { \"a\".to_owned() + \"b\"; }",
            "fn f() { x.push_str(\"select one of these\"); }",
            "#[cfg(test)] mod tests { fn f() { format!(\"SELECT {c} FROM dishes\"); } }",
            "/// `SELECT 1` + 2\nfn f() {}",
        ] {
            assert_eq!(found(no_sql_is_put_together, &[(STORE, code)]), Vec::new(), "{code}");
        }
    }

    #[test]
    fn a_state_in_sql_is_found() {
        for code in [
            "fn f() { sql(\"SELECT id FROM orders WHERE state = 'CANCELLED'\"); }",
            "const Q: &str = \"\n  UPDATE orders SET state = 'LOCKED'\";",
            "fn f() { sql(r#\"SELECT 1 FROM orders WHERE state IN ('DRAFT', $1)\"#); }",
        ] {
            let found = found(no_state_is_typed_in_sql, &[(STORE, code)]);
            assert!(found.len() == 1, "{code}: {found:#?}");
        }
        let sound = "fn f() { sql(\"SELECT id FROM orders WHERE state = $1 AND zone = 'utc'\"); g(\"say 'HELLO'\"); }";
        assert_eq!(found(no_state_is_typed_in_sql, &[(STORE, sound)]), Vec::new());
    }

    #[test]
    fn a_state_written_past_its_slice_is_found() {
        let entity = (
            "domains/food/src/orders/entity/order.rs",
            "#[derive(DeriveEntityModel)]\n#[sea_orm(table_name = \"food_orders\")]\nstruct Model;",
        );
        let own = (STORE, "fn f() { sql(\"UPDATE food_orders SET state = $1\"); }");
        assert_eq!(found(a_table_is_written_by_its_slice, &[entity, own]), Vec::new());
        for code in [
            "fn f() { sql(\"UPDATE food_orders SET state = $1\"); }",
            "fn f() { sql(\"update only public.food_orders set state = $1 WHERE true\"); }",
            "fn f() { sql(\"WITH x AS (DELETE FROM food_orders RETURNING id) SELECT * FROM x\"); }",
            "const Q: &str = \"INSERT INTO food_orders (state) VALUES ($1)\";",
        ] {
            let other = ("domains/food/src/weeks/store.rs", code);
            let found = found(a_table_is_written_by_its_slice, &[entity, own, other]);
            let [one] = found.as_slice() else { panic!("{code}: {found:#?}") };
            assert_eq!(one.file, "domains/food/src/weeks/store.rs");
        }
        let read = (
            "domains/food/src/weeks/store.rs",
            "fn f() { sql(\"SELECT state FROM food_orders FOR UPDATE\"); }",
        );
        assert_eq!(found(a_table_is_written_by_its_slice, &[entity, own, read]), Vec::new());
    }

    #[test]
    fn a_second_entity_of_a_table_and_a_table_with_two_writers_are_found() {
        let entity = "#[sea_orm(table_name = \"food_orders\")]\nstruct Model;";
        let twice = found(
            a_table_is_written_by_its_slice,
            &[
                ("domains/food/src/orders/entity/order.rs", entity),
                ("domains/shop/src/sales/entity/order.rs", entity),
            ],
        );
        assert_eq!(twice.len(), 2, "{twice:#?}");
        let code = "fn f() { sql(\"INSERT INTO loose (id) VALUES ($1)\"); }";
        let two = found(
            a_table_is_written_by_its_slice,
            &[
                ("domains/food/src/orders/store.rs", code),
                ("domains/food/src/weeks/store.rs", code),
            ],
        );
        assert_eq!(two.len(), 2, "{two:#?}");
    }
}
