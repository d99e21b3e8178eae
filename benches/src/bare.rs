//! One route of the same web server without anything of ours around it: it writes its answer as
//! JSON, as ours do, and that is all.

use std::io::Write;

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::Value;

use crate::Outcome;

/// The path it answers.
pub(crate) const PATH: &str = "/me";

/// Serves until it is killed; says where in its first line.
pub(crate) fn serve(body: &str, workers: usize) -> Outcome<()> {
    let body: Value = serde_json::from_str(body)?;
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            App::new().app_data(web::Data::new(body.clone())).route(PATH, web::get().to(answer))
        })
        .workers(workers)
        .bind("127.0.0.1:0")?;
        let addr = server.addrs().first().copied().ok_or("no address")?;
        println!("{addr}");
        std::io::stdout().flush()?;
        Ok(server.run().await?)
    })
}

async fn answer(body: web::Data<Value>) -> HttpResponse {
    HttpResponse::Ok().json(body.get_ref())
}
