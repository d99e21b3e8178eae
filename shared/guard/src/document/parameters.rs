//! Path parameters: most are ids of what the path names, and say so without help of their handlers.

use serde_json::json;
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, RefOr, Required, SchemaFormat, Type,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn},
};

/// Adds the parameters of the pattern that the operation does not declare, as ids, and a description
/// to those that have none.
pub(super) fn complete(operation: &mut Operation, pattern: &str) {
    let mut declared = operation.parameters.take().unwrap_or_default();
    let mut all = Vec::new();
    let mut previous = "";
    for segment in pattern.split('/') {
        let Some(name) = name(segment) else {
            previous = segment;
            continue;
        };
        let at = declared.iter().position(|parameter| is_in_path(parameter, name));
        all.push(match at.map(|at| declared.remove(at)) {
            Some(RefOr::T(parameter)) => RefOr::T(described(parameter, previous)),
            Some(reference) => reference,
            None => RefOr::T(described(id(name), previous)),
        });
    }
    all.extend(declared);
    operation.parameters = (!all.is_empty()).then_some(all);
}

fn is_in_path(parameter: &RefOr<Parameter>, name: &str) -> bool {
    let RefOr::T(parameter) = parameter else { return false };
    parameter.parameter_in == ParameterIn::Path && parameter.name == name
}

/// The name of a segment that is a parameter: `{id}`, or `{file:.+}` with what it must match.
fn name(segment: &str) -> Option<&str> {
    let inner = segment.strip_prefix('{')?.strip_suffix('}')?;
    Some(inner.split_once(':').map_or(inner, |(name, _)| name))
}

fn id(name: &str) -> Parameter {
    let uuid = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(uuid))
        .build()
}

/// `{id}` after `dishes` is the id of the dish, `{pack_id}` that of the pack.
fn described(mut parameter: Parameter, previous: &str) -> Parameter {
    if parameter.description.is_some() {
        return parameter;
    }
    let what = match parameter.name.strip_suffix("_id") {
        Some(what) => what.replace('_', " "),
        None if parameter.name == "id" => singular(previous).replace('-', " "),
        None => {
            parameter.description = Some(format!("The {}.", parameter.name.replace('_', " ")));
            return parameter;
        }
    };
    parameter.description = Some(format!("The id of the {what}."));
    ParameterBuilder::from(parameter)
        .example(Some(json!("019ab0c2-7d1e-7f00-8000-000000000000")))
        .build()
}

/// The singular of a path segment, by the rules that our paths need.
fn singular(plural: &str) -> String {
    if let Some(stem) = plural.strip_suffix("ies") {
        return format!("{stem}y");
    }
    let sibilant = ["shes", "ches", "sses", "xes"].iter().any(|end| plural.ends_with(end));
    let ending = if sibilant { "es" } else { "s" };
    plural.strip_suffix(ending).unwrap_or(plural).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(pattern: &str, declared: Vec<Parameter>) -> Vec<(String, String)> {
        let declared = declared.into_iter().map(RefOr::T).collect();
        let mut operation = Operation::new();
        operation.parameters = Some(declared);
        complete(&mut operation, pattern);
        let all = operation.parameters.unwrap_or_default().into_iter();
        all.map(|parameter| match parameter {
            RefOr::T(one) => (one.name, one.description.unwrap_or_default()),
            RefOr::Ref(_) => panic!("no reference was declared"),
        })
        .collect()
    }

    #[test]
    fn ids_in_a_path_are_described_by_what_stands_before_them() {
        let cases = [
            ("/admin/dishes/{id}", "id", "The id of the dish."),
            ("/admin/sub-recipes/{id}", "id", "The id of the sub recipe."),
            ("/admin/categories/{id}/archive", "id", "The id of the category."),
            ("/client/packs/{product_id}/checkout", "product_id", "The id of the product."),
            ("/admin/menus/{week}", "week", "The week."),
            ("/docs/{file:.+}", "file", "The file."),
        ];
        for (pattern, name, description) in cases {
            let expected = (name.to_owned(), description.to_owned());
            assert_eq!(completed(pattern, Vec::new()), [expected], "{pattern}");
        }
    }

    #[test]
    fn what_a_handler_declares_stays_and_stands_in_the_order_of_the_path() {
        let week = ParameterBuilder::new()
            .name("week")
            .parameter_in(ParameterIn::Path)
            .description(Some("As `2026-W48`"))
            .build();
        let limit = ParameterBuilder::new()
            .name("limit")
            .parameter_in(ParameterIn::Query)
            .description(Some("Rows"))
            .build();
        let all = completed("/admin/kitchens/{id}/weeks/{week}", vec![limit, week]);
        let names: Vec<_> = all.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["id", "week", "limit"]);
        assert_eq!(all[1].1, "As `2026-W48`");
        assert!(completed("/admin/dishes", Vec::new()).is_empty());
    }
}
