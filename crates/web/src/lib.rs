//! What a browser sees: today a plain status page, so that the address people know answers and says what is there.

use axum::Router;
use axum::response::Html;
use axum::routing::get;

/// What the status page tells.
#[derive(Debug, Clone)]
pub struct Status {
    /// Our version.
    pub version: String,
    /// Where SDKs connect.
    pub grpc_address: String,
    /// Where Prometheus scrapes; none without a metrics port.
    pub metrics_address: Option<String>,
    /// Where state is kept, for people.
    pub storage: String,
}

/// The pages of the UI port.
pub fn router(status: Status) -> Router {
    let page = page(&status);
    Router::new().route("/", get(move || std::future::ready(Html(page.clone())))).route("/healthz", get(async || "ok\n"))
}

fn page(status: &Status) -> String {
    let row = |name: &str, value: &str| format!("<tr><th>{}</th><td>{}</td></tr>", escape(name), escape(value));
    let rows = [
        row("Version", &status.version),
        row("Workers and clients connect to", &status.grpc_address),
        row("State", &status.storage),
        row("Metrics", status.metrics_address.as_deref().unwrap_or("off (--metrics-port turns them on)")),
    ]
    .concat();
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Aevum</title>\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1rem}}\
         th{{text-align:left;padding-right:2rem;font-weight:600}}code{{background:#eee;padding:.1em .3em}}</style>\
         <h1>Aevum is running</h1><table>{rows}</table>\
         <p>The web interface is not built yet. Look at workflows with <code>aevum workflow list</code> and \
         <code>aevum workflow show --workflow-id ID</code>.</p></html>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_addresses_and_escapes_what_it_is_given() {
        let page = page(&Status {
            version: "1".to_owned(),
            grpc_address: "127.0.0.1:7233".to_owned(),
            metrics_address: None,
            storage: "<file>".to_owned(),
        });
        assert!(page.contains("127.0.0.1:7233") && page.contains("&lt;file&gt;") && !page.contains("<file>"));
    }
}
