//! The baseline of request (a): one route of the same web server, without the guard and without a database. It
//! writes its response as JSON, as the API does.

use std::io::Write;

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::Value;

use crate::Outcome;

pub(crate) const PATH: &str = "/me";

/// Serves until the process is killed. The first line of the output is the address.
pub(crate) fn serve(body: &str, workers: usize) -> Outcome<()> {
    let body: Value = serde_json::from_str(body)?;
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            App::new().app_data(web::Data::new(body.clone())).route(PATH, web::get().to(respond))
        })
        .workers(workers)
        .bind("127.0.0.1:0")?;
        let addr = server.addrs().first().copied().ok_or("no address")?;
        println!("{addr}");
        std::io::stdout().flush()?;
        Ok(server.run().await?)
    })
}

async fn respond(body: web::Data<Value>) -> HttpResponse {
    HttpResponse::Ok().json(body.get_ref())
}
