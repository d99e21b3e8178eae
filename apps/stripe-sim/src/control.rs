//! Control over HTTP for tests and demos. Stripe has nothing like it, hence the `/_sim/` prefix.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::api::ApiError;
use crate::book::{self, Book, Origin};
use crate::config::SimError;
use crate::delivery;
use crate::handle::by_a_person;
use crate::sim::Sim;

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/_sim/state", web::get().to(state))
        .route("/_sim/sessions/{id}/pay", web::post().to(pay))
        .route("/_sim/sessions/{id}/decline", web::post().to(decline))
        .route("/_sim/sessions/{id}/expire", web::post().to(expire))
        .route("/_sim/events/{id}/deliver", web::post().to(deliver));
}

/// Everything, in Stripe's shapes, events with their deliveries.
async fn state(sim: web::Data<Sim>) -> HttpResponse {
    let value = sim.look(|state| {
        let book = &state.book;
        json!({
            "auto_delivery": state.outbox.automatic,
            "webhook_url": state.outbox.target.as_ref().map(|target| &target.url),
            "waiting_deliveries": state.outbox.waiting(),
            "customers": book.customers.iter().map(|row| book.render(row)).collect::<Vec<_>>(),
            "products": book.products.iter().map(|row| book.render(row)).collect::<Vec<_>>(),
            "prices": book.prices.iter().map(|row| book.render(row)).collect::<Vec<_>>(),
            "sessions": book.sessions.iter().map(|row| book.render(row)).collect::<Vec<_>>(),
            "payment_intents": book.payment_intents.iter().map(|row| book.render(row)).collect::<Vec<_>>(),
            "charges": book.charges.iter().map(|row| book.render(row)).collect::<Vec<_>>(),
            "refunds": book.refunds.iter().map(|row| book.render(row)).collect::<Vec<_>>(),
            "events": book.events.iter().collect::<Vec<_>>(),
        })
    });
    HttpResponse::Ok().json(value)
}

async fn pay(sim: web::Data<Sim>, id: web::Path<String>) -> HttpResponse {
    on_session(&sim, &id, |book, id, now| book::pay(book, id, &by_a_person(now)))
}

async fn decline(sim: web::Data<Sim>, id: web::Path<String>) -> HttpResponse {
    on_session(&sim, &id, |book, id, now| book::decline(book, id, &by_a_person(now)))
}

async fn expire(sim: web::Data<Sim>, id: web::Path<String>) -> HttpResponse {
    on_session(&sim, &id, |book, id, now| {
        book::expire(book, id, &Origin { now, ..Origin::default() })
    })
}

async fn deliver(
    sim: web::Data<Sim>,
    client: web::Data<reqwest::Client>,
    id: web::Path<String>,
) -> HttpResponse {
    match delivery::deliver_now(&sim, &client, &id).await {
        Ok(outcome) => {
            HttpResponse::Ok().json(json!({"delivered": outcome.accepted(), "outcome": outcome}))
        }
        Err(error @ SimError::NoSuchEvent(_)) => plain_error(StatusCode::NOT_FOUND, &error),
        Err(error) => plain_error(StatusCode::CONFLICT, &error),
    }
}

fn on_session(
    sim: &Sim,
    id: &str,
    act: impl FnOnce(&mut Book, &str, i64) -> Result<(), ApiError>,
) -> HttpResponse {
    let result = sim.act(|state, now| {
        act(&mut state.book, id, now)?;
        Ok::<Value, ApiError>(state.book.render_by_id(id).unwrap_or(Value::Null))
    });
    match result {
        Ok(session) => HttpResponse::Ok().json(session),
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            HttpResponse::build(status).json(error.body())
        }
    }
}

fn plain_error(status: StatusCode, error: &SimError) -> HttpResponse {
    HttpResponse::build(status).json(json!({"error": {"message": error.to_string()}}))
}
