//! The five sheets below `/admin/weeks/{week}`: one handler, mounted for each of them.

use std::marker::PhantomData;

use actix_web::{
    HttpRequest, Resource,
    dev::{AppService, HttpServiceFactory},
    guard, web,
};
use bk_guard::{Allowed, Guarded, Path, Policy, Problem, Query};
use bk_kernel::Code;
use bk_kitchen_catalogue::CatalogueState;
use bk_kitchen_core::permissions::ProductionRead;
use serde::Serialize;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        HttpMethod, RefOr, ResponsesBuilder, Schema,
        path::{Operation, OperationBuilder, ParameterIn, PathItem, Paths},
    },
};
use utoipa_actix_web::OpenApiFactory;

use super::{
    WeekPath,
    sheet_answer::{SheetAnswer, SheetQuery},
    sheet_json::{IngredientSheet, LabelSheet, PackingSheet, ProductionSheet, PurchasingSheet},
};
use crate::{
    get_plans::{WeekPlans, get_plans},
    sheets::Sheet,
};

/// The JSON of a sheet, with what its operation says of it.
pub(super) trait SheetJson:
    for<'p> From<&'p WeekPlans> + Serialize + ToSchema + 'static
{
    /// Which sheet it is.
    const SHEET: Sheet;
    /// Its path, after the prefix of the API.
    const PATH: &'static str;
    /// The id of its operation.
    const OPERATION_ID: &'static str;
    /// What the operation does, in one line.
    const SUMMARY: &'static str;
    /// What the sheet shows.
    const DESCRIPTION: &'static str;
}

impl SheetJson for ProductionSheet {
    const SHEET: Sheet = Sheet::Production;
    const PATH: &'static str = "/admin/weeks/{week}/production";
    const OPERATION_ID: &'static str = "get_production_plan";
    const SUMMARY: &'static str = "Get the production plan of a week";
    const DESCRIPTION: &'static str =
        "Meals by dish, size and sides: the plan frozen at lock and its deltas.";
}

impl SheetJson for IngredientSheet {
    const SHEET: Sheet = Sheet::Ingredients;
    const PATH: &'static str = "/admin/weeks/{week}/ingredients";
    const OPERATION_ID: &'static str = "get_ingredient_requirement";
    const SUMMARY: &'static str = "Get the ingredient requirement of a week";
    const DESCRIPTION: &'static str = "What the recipes of the planned meals call for, exactly.";
}

impl SheetJson for PurchasingSheet {
    const SHEET: Sheet = Sheet::Purchasing;
    const PATH: &'static str = "/admin/weeks/{week}/purchasing";
    const OPERATION_ID: &'static str = "get_purchasing_list";
    const SUMMARY: &'static str = "Get the purchasing list of a week";
    const DESCRIPTION: &'static str = "The ingredients to buy, in whole purchasing units.";
}

impl SheetJson for LabelSheet {
    const SHEET: Sheet = Sheet::Labels;
    const PATH: &'static str = "/admin/weeks/{week}/labels";
    const OPERATION_ID: &'static str = "get_labels";
    const SUMMARY: &'static str = "Get the labels of a week";
    const DESCRIPTION: &'static str =
        "One per meal: dish, customer reference, allergens, nutrition, use-by date.";
}

impl SheetJson for PackingSheet {
    const SHEET: Sheet = Sheet::Packing;
    const PATH: &'static str = "/admin/weeks/{week}/packing";
    const OPERATION_ID: &'static str = "get_pack_lists";
    const SUMMARY: &'static str = "Get the pack lists of a week";
    const DESCRIPTION: &'static str = "What goes into each account's box.";
}

/// The handler of the sheet `S`.
async fn get_sheet<S: SheetJson>(
    who: Allowed<ProductionRead>,
    path: Path<WeekPath>,
    query: Query<SheetQuery>,
    request: HttpRequest,
    catalogue: web::Data<CatalogueState>,
) -> Result<SheetAnswer<S>, Problem> {
    let format = query.0.format(&request);
    let tenants = &catalogue.kitchen().deps().tenants;
    let settings = tenants.settings(who.tenant_id()).await?.ok_or(Code::NotFound)?;
    let plans = catalogue
        .db()
        .read(&who, (who.clone(), path.0.week), async |tx, (who, week)| {
            get_plans(&who, &tx, week).await
        })
        .await?;
    SheetAnswer::new(format, &settings.name, &plans)
}

/// The route of the sheet `S`: what the attributes of a handler make, for a generic one.
pub(super) struct SheetRoute<S>(PhantomData<fn() -> S>);

impl<S> SheetRoute<S> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<S> Guarded for SheetRoute<S> {
    const POLICY: Policy = Policy::admin::<ProductionRead>();
}

impl<S: SheetJson> HttpServiceFactory for SheetRoute<S> {
    fn register(self, config: &mut AppService) {
        let resource = Resource::new(S::PATH).name(S::OPERATION_ID);
        resource.guard(guard::Get()).to(get_sheet::<S>).register(config);
    }
}

impl<S: SheetJson> utoipa::Path for SheetRoute<S> {
    fn methods() -> Vec<HttpMethod> {
        vec![HttpMethod::Get]
    }

    fn path() -> String {
        S::PATH.to_owned()
    }

    fn operation() -> Operation {
        let mut parameters = WeekPath::into_params(|| Some(ParameterIn::Path));
        parameters.extend(SheetQuery::into_params(|| Some(ParameterIn::Query)));
        let parameters: Vec<_> = parameters.into_iter().map(RefOr::T).collect();
        let forms = "As JSON, CSV or a page for the printer, by `Accept` or `format`.";
        let responses = ResponsesBuilder::new().responses_from_into_responses::<SheetAnswer<S>>();
        let mut operation = OperationBuilder::new()
            .operation_id(Some(S::OPERATION_ID))
            .tag("production")
            .summary(Some(S::SUMMARY))
            .description(Some([S::DESCRIPTION, forms].join(" ")))
            .responses(responses)
            .build();
        operation.parameters = Some(parameters);
        operation
    }
}

impl<S: SheetJson> OpenApiFactory for SheetRoute<S> {
    fn paths(&self) -> Paths {
        let operation = <Self as utoipa::Path>::operation();
        Paths::builder().path(S::PATH, PathItem::new(HttpMethod::Get, operation)).build()
    }

    /// The answer leaves its schemas with the guard, and the parameters have none of their own.
    fn schemas(&self, _: &mut Vec<(String, RefOr<Schema>)>) {}
}
