//! The OpenAPI document and Swagger UI, served from the binary: nothing is fetched from elsewhere.

use std::sync::Arc;

use actix_web::{HttpResponse, get, http::header, web};
use bk_guard::{BareResponse, Guarded, Policy, Problem};
use bk_kernel::Code;
use tokio::sync::OnceCell;
use utoipa_swagger_ui::Config;

use crate::routes;

/// What the viewer may load: its own files, inline styles that it sets, images it draws itself.
const VIEWER_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; \
     base-uri 'none'; form-action 'none'";

/// The document as text: made when it is first asked for, because making it takes more memory than
/// everything else does, and kept.
#[derive(Clone, Default)]
pub struct DocumentText(Arc<OnceCell<web::Bytes>>);

impl DocumentText {
    #[expect(clippy::disallowed_methods, reason = "making the document takes long, once")]
    async fn get(&self) -> Result<web::Bytes, Problem> {
        let text = self.0.get_or_try_init(|| async {
            let text = web::block(routes::openapi_json).await.map_err(Problem::internal)?;
            Ok::<_, Problem>(text.map_err(Problem::internal)?.into())
        });
        text.await.cloned()
    }
}

/// Configuration of the viewer.
#[derive(Clone)]
pub struct Viewer(Arc<Config<'static>>);

impl Default for Viewer {
    fn default() -> Self {
        let config = Config::from("/openapi.json")
            .try_it_out_enabled(true)
            .persist_authorization(false)
            .with_credentials(true)
            .display_request_duration(true)
            .filter(true);
        Self(Arc::new(config))
    }
}

/// The OpenAPI document of this API.
#[utoipa::path()]
#[get("/openapi.json")]
pub(crate) async fn openapi_json(
    document: web::Data<DocumentText>,
) -> Result<BareResponse, Problem> {
    let text = document.get().await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_TYPE, "application/json"));
    Ok(BareResponse(response.body(text)))
}

impl Guarded for openapi_json {
    const POLICY: Policy = Policy::page();
}

/// Leads to the first page of the viewer.
#[utoipa::path()]
#[get("/docs")]
pub(crate) async fn docs() -> BareResponse {
    let mut response = HttpResponse::PermanentRedirect();
    BareResponse(response.insert_header((header::LOCATION, "/docs/index.html")).finish())
}

impl Guarded for docs {
    const POLICY: Policy = Policy::page();
}

/// A file of the viewer.
#[utoipa::path()]
#[get("/docs/{file:.+}")]
pub(crate) async fn docs_file(
    file: web::Path<String>,
    viewer: web::Data<Viewer>,
) -> Result<BareResponse, Problem> {
    let found = utoipa_swagger_ui::serve(&file, Arc::clone(&viewer.0))
        .map_err(|error| Problem::internal(error.to_string()))?
        .ok_or_else(|| Problem::new(Code::NotFound))?;
    let mut response = HttpResponse::Ok();
    if found.gzpipped {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    response
        .insert_header((header::CONTENT_TYPE, found.content_type))
        .insert_header((header::CONTENT_SECURITY_POLICY, VIEWER_CSP));
    Ok(BareResponse(response.body(found.bytes.into_owned())))
}

impl Guarded for docs_file {
    const POLICY: Policy = Policy::page();
}
