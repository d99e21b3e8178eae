//! `/healthz` says the process lives; `/readyz` says its dependencies answer.

use std::sync::Arc;

use actix_web::{get, web};
use bk_guard::{Guarded, Json, Policy, Problem, RedisStore};
use bk_kernel::Code;
use bk_persistence::Database;
use serde::Serialize;
use utoipa::ToSchema;

/// What readiness depends on.
#[derive(Clone)]
pub struct Dependencies {
    /// The database as the API sees it.
    pub database: Database,
    /// Redis, when it is configured.
    pub redis: Option<Arc<RedisStore>>,
}

/// The state of the process or of its dependencies.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`: anything else is a problem.
    #[schema(example = "ok")]
    pub status: &'static str,
}

const OK: Health = Health { status: "ok" };

/// Get the health of the process
///
/// Answers as long as the process can answer at all; it asks nothing of its dependencies.
#[utoipa::path(tag = "health", responses(Json<Health>))]
#[get("/healthz")]
pub(crate) async fn get_health() -> Json<Health> {
    Json(OK)
}

impl Guarded for get_health {
    const POLICY: Policy = Policy::public();
}

/// Get the readiness of the dependencies
///
/// `UNAVAILABLE` when the database or Redis does not answer; take the instance out of rotation.
#[utoipa::path(tag = "health", responses(Json<Health>))]
#[get("/readyz")]
pub(crate) async fn get_readiness(on: web::Data<Dependencies>) -> Result<Json<Health>, Problem> {
    on.database.ping().await?;
    if let Some(redis) = &on.redis
        && let Err(error) = redis.ping().await
    {
        return Err(Problem::new(Code::Unavailable).retry_after(5).caused_by(error));
    }
    Ok(Json(OK))
}

impl Guarded for get_readiness {
    const POLICY: Policy = Policy::public();
}
