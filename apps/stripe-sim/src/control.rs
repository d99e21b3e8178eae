//! Control over HTTP for tests and demos, below `/_sim/`. Stripe has nothing like it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::account::{self, Account, Collection, RequestContext, Resource};
use crate::app_state::AppState;
use crate::config::SimError;
use crate::delivery;
use crate::error::ApiError;

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/_sim/state", web::get().to(get_state))
        .route("/_sim/sessions/{id}/pay", web::post().to(pay))
        .route("/_sim/sessions/{id}/decline", web::post().to(decline))
        .route("/_sim/sessions/{id}/expire", web::post().to(expire))
        .route("/_sim/events/{id}/deliver", web::post().to(deliver));
}

/// Answers with all objects in Stripe's JSON, and with all events and their delivery attempts.
async fn get_state(state: web::Data<AppState>) -> HttpResponse {
    let value = state.read(|state| {
        let account = &state.account;
        json!({
            "auto_delivery": state.outbox.automatic,
            "webhook_url": state.outbox.target.as_ref().map(|target| &target.url),
            "waiting_deliveries": state.outbox.undelivered(),
            "customers": render_all(account, &account.customers),
            "products": render_all(account, &account.products),
            "prices": render_all(account, &account.prices),
            "sessions": render_all(account, &account.sessions),
            "payment_intents": render_all(account, &account.payment_intents),
            "charges": render_all(account, &account.charges),
            "refunds": render_all(account, &account.refunds),
            "events": account.events,
        })
    });
    HttpResponse::Ok().json(value)
}

fn render_all<T: Resource>(account: &Account, collection: &Collection<T>) -> Vec<Value> {
    collection.iter().map(|object| account.render(object)).collect()
}

async fn pay(state: web::Data<AppState>, id: web::Path<String>) -> HttpResponse {
    change_session(&state, &id, |account, now| {
        account::pay(account, &id, &RequestContext::checkout_page(now))
    })
}

async fn decline(state: web::Data<AppState>, id: web::Path<String>) -> HttpResponse {
    change_session(&state, &id, |account, now| {
        account::decline(account, &id, &RequestContext::checkout_page(now))
    })
}

async fn expire(state: web::Data<AppState>, id: web::Path<String>) -> HttpResponse {
    change_session(&state, &id, |account, now| {
        account::expire(account, &id, &RequestContext::internal(now))
    })
}

async fn deliver(
    state: web::Data<AppState>,
    client: web::Data<reqwest::Client>,
    id: web::Path<String>,
) -> HttpResponse {
    match delivery::deliver_now(&state, &client, &id).await {
        Ok(outcome) => {
            HttpResponse::Ok().json(json!({"delivered": outcome.accepted(), "outcome": outcome}))
        }
        Err(error) => {
            let status = match error {
                SimError::NoSuchEvent(_) => StatusCode::NOT_FOUND,
                _ => StatusCode::CONFLICT,
            };
            HttpResponse::build(status).json(json!({"error": {"message": error.to_string()}}))
        }
    }
}

/// Applies `change` and answers with the session.
fn change_session(
    state: &AppState,
    id: &str,
    change: impl FnOnce(&mut Account, i64) -> Result<(), ApiError>,
) -> HttpResponse {
    let result = state.update(|state, now| {
        change(&mut state.account, now)?;
        Ok::<_, ApiError>(state.account.render_by_id(id).unwrap_or(Value::Null))
    });
    match result {
        Ok(session) => HttpResponse::Ok().json(session),
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            HttpResponse::build(status).json(error.body())
        }
    }
}
