//! Lists: newest first, one page of at most 100 objects at a time, continued by cursor.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::params::Params;
use crate::account::{Account, Collection, Resource};
use crate::error::ApiError;

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: i64 = 100;

/// Returns one page of the objects that match `filter`.
///
/// Takes the parameters of the page and the `created` filter. Fails when one of them is invalid, a cursor names
/// no object, or another parameter is left.
pub(super) fn list<T: Resource>(
    account: &Account,
    collection: &Collection<T>,
    mut params: Params,
    url: &str,
    filter: impl Fn(&T) -> bool,
) -> Result<Value, ApiError> {
    let created = CreatedRange::take(&mut params)?;
    let page = PageParams::take(&mut params)?;
    params.deny_unknown()?;
    for (param, cursor) in
        [("starting_after", &page.starting_after), ("ending_before", &page.ending_before)]
    {
        if let Some(id) = cursor {
            collection.referenced(id, param)?;
        }
    }
    let matching: Vec<&T> = collection
        .iter()
        .rev()
        .filter(|object| filter(object) && created.contains(object.created()))
        .collect();
    // Positions are those in the whole collection: the object of a cursor need not match the filter.
    let position = |id: &str| collection.iter().rev().position(|object| object.id() == id);
    let (objects, has_more) =
        page.select(matching, |object, cursor| position(object.id()).cmp(&position(cursor)));
    let data: Vec<Value> = objects.into_iter().map(|object| account.render(object)).collect();
    Ok(list_object(&data, has_more, url))
}

/// Returns one page of rendered objects that are part of another object, in the given order.
///
/// Fails when a parameter of the page is invalid or another parameter is left.
pub(super) fn list_rendered(
    objects: Vec<Value>,
    mut params: Params,
    url: &str,
) -> Result<Value, ApiError> {
    fn id_of(object: &Value) -> &str {
        object.get("id").and_then(Value::as_str).unwrap_or_default()
    }
    let page = PageParams::take(&mut params)?;
    params.deny_unknown()?;
    let ids: Vec<String> = objects.iter().map(|object| id_of(object).to_owned()).collect();
    let position = |id: &str| ids.iter().position(|known| known == id);
    let (data, has_more) =
        page.select(objects, |object, cursor| position(id_of(object)).cmp(&position(cursor)));
    Ok(list_object(&data, has_more, url))
}

/// Returns Stripe's list object around its data.
pub(super) fn list_object(data: &[Value], has_more: bool, url: &str) -> Value {
    json!({"object": "list", "data": data, "has_more": has_more, "url": url})
}

struct PageParams {
    limit: usize,
    starting_after: Option<String>,
    ending_before: Option<String>,
}

impl PageParams {
    fn take(params: &mut Params) -> Result<Self, ApiError> {
        let limit = params.integer("limit")?;
        if limit.is_some_and(|limit| !(1..=MAX_LIMIT).contains(&limit)) {
            let message = format!("This value must be between 1 and {MAX_LIMIT}.");
            return Err(ApiError::invalid_parameter("parameter_invalid_integer", "limit", message));
        }
        let starting_after = params.string("starting_after")?;
        let ending_before = params.string("ending_before")?;
        if starting_after.is_some() && ending_before.is_some() {
            let message = "You may not specify both starting_after and ending_before.";
            return Err(ApiError::invalid_value("ending_before", message));
        }
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT);
        Ok(Self { limit, starting_after, ending_before })
    }

    /// Returns the objects of the page, and whether more follow in its direction. `compare` compares the
    /// positions of an object and of a cursor's object.
    fn select<T>(
        self,
        mut objects: Vec<T>,
        compare: impl Fn(&T, &str) -> Ordering,
    ) -> (Vec<T>, bool) {
        if let Some(cursor) = &self.ending_before {
            objects.retain(|object| compare(object, cursor).is_lt());
            let surplus = objects.len().saturating_sub(self.limit);
            return (objects.split_off(surplus), surplus > 0);
        }
        if let Some(cursor) = &self.starting_after {
            objects.retain(|object| compare(object, cursor).is_gt());
        }
        let has_more = objects.len() > self.limit;
        objects.truncate(self.limit);
        (objects, has_more)
    }
}

/// The `created` filter: one exact timestamp, or bounds. Both ends are inclusive.
#[derive(Default)]
struct CreatedRange {
    from: Option<i64>,
    to: Option<i64>,
}

impl CreatedRange {
    fn take(params: &mut Params) -> Result<Self, ApiError> {
        if !params.contains("created") {
            return Ok(Self::default());
        }
        if let Ok(Some(exact)) = params.clone().integer("created") {
            params.integer("created")?;
            return Ok(Self { from: Some(exact), to: Some(exact) });
        }
        let Some(mut bounds) = params.object("created")? else { return Ok(Self::default()) };
        let after = bounds.integer("gt")?.map(|bound| bound.saturating_add(1));
        let from = bounds.integer("gte")?;
        let before = bounds.integer("lt")?.map(|bound| bound.saturating_sub(1));
        let to = bounds.integer("lte")?;
        bounds.deny_unknown()?;
        Ok(Self { from: after.max(from), to: before.into_iter().chain(to).min() })
    }

    fn contains(&self, created: i64) -> bool {
        self.from.is_none_or(|from| created >= from) && self.to.is_none_or(|to| created <= to)
    }
}
