//! `/api/docs`: the description of the interface as a page for people. Written here, from the same document that programs
//! get: no scripts, nothing from elsewhere, so that the strictest policy holds.

use std::fmt::Write as _;

use axum::response::{Html, IntoResponse as _, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("docs.css");

pub(super) async fn page() -> Response {
    use base64::Engine as _;
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let mut response = Html(render(&serde_json::to_value(super::openapi::describe()).unwrap_or_default())).into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Writes the page of an OpenAPI document. Writing to a String cannot fail.
fn render(document: &Value) -> String {
    let mut page = Page(String::new());
    page.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    page.raw("<title>REST interface · Loopr</title><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"><style>");
    page.raw(STYLE);
    page.raw("</style></head><body><a class=\"skip\" href=\"#main\">Skip to the content</a><header><a href=\"/\">Loopr</a>");
    page.raw("<a href=\"/api/openapi.json\">OpenAPI 3.1</a></header><main id=\"main\"><h1>REST interface</h1>");
    page.paragraph(text(&document["info"]["description"]));
    let operations: Vec<_> = operations(document).collect();
    page.raw("<nav aria-label=\"Operations\"><ul>");
    for operation in &operations {
        let (method, path, summary) = (operation.method.to_uppercase(), escape(operation.path), escape(text(&operation.value["summary"])));
        let _ = write!(page.0, "<li><a href=\"#{}\"><code>{method} {path}</code></a> {summary}</li>", operation.anchor());
    }
    page.raw("</ul></nav>");
    for operation in &operations {
        page.operation(operation);
    }
    page.raw("<h2>Types</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        page.schema(name, schema);
    }
    page.raw("</main></body></html>\n");
    page.0
}

struct Operation<'a> {
    path: &'a str,
    method: &'a str,
    value: &'a Value,
}

impl Operation<'_> {
    fn anchor(&self) -> String {
        format!("{}{}", self.method, self.path.replace(['/', '{', '}'], "-"))
    }
}

fn operations(document: &Value) -> impl Iterator<Item = Operation<'_>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, methods)| methods.as_object().into_iter().flatten().map(move |(method, value)| Operation { path, method, value }))
}

struct Page(String);

impl Page {
    fn raw(&mut self, html: &str) {
        self.0.push_str(html);
    }

    fn paragraph(&mut self, markdown: &str) {
        if !markdown.is_empty() {
            let _ = write!(self.0, "<p>{}</p>", inline(markdown));
        }
    }

    fn operation(&mut self, operation: &Operation<'_>) {
        let (method, path) = (operation.method.to_uppercase(), escape(operation.path));
        let _ = write!(self.0, "<section id=\"{}\"><h2><code>{method} {path}</code></h2>", operation.anchor());
        self.paragraph(text(&operation.value["summary"]));
        self.paragraph(text(&operation.value["description"]));
        let parameters = operation.value["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        if !parameters.is_empty() {
            self.raw("<table><thead><tr><th>Parameter</th><th>Where</th><th>What</th></tr></thead><tbody>");
            for parameter in parameters {
                let (name, place) = (escape(text(&parameter["name"])), escape(text(&parameter["in"])));
                let _ = write!(
                    self.0,
                    "<tr><td><code>{name}</code></td><td>{place}</td><td>{}</td></tr>",
                    inline(text(&parameter["description"]))
                );
            }
            self.raw("</tbody></table>");
        }
        let body = &operation.value["requestBody"]["content"]["application/json"]["schema"];
        if !body.is_null() {
            let _ = write!(self.0, "<p>Body: {}</p>", kind(body));
        }
        self.raw("<ul>");
        for (status, response) in operation.value["responses"].as_object().into_iter().flatten() {
            let schema =
                response["content"].as_object().and_then(|content| content.values().next()).map(|content| kind(&content["schema"]));
            let _ = write!(self.0, "<li><code>{}</code> {}</li>", escape(status), schema.unwrap_or_else(|| "no body".to_owned()));
        }
        self.raw("</ul></section>");
    }

    fn schema(&mut self, name: &str, schema: &Value) {
        let _ = write!(self.0, "<section id=\"{0}\"><h3>{0}</h3>", escape(name));
        self.paragraph(text(&schema["description"]));
        self.raw("<table><thead><tr><th>Field</th><th>Type</th><th>What</th></tr></thead><tbody>");
        for (field, value) in schema["properties"].as_object().into_iter().flatten() {
            let required = schema["required"].as_array().is_some_and(|names| names.iter().any(|name| name == field.as_str()));
            let mark = if required { "" } else { " <small>optional</small>" };
            let what = inline(text(&value["description"]));
            let _ = write!(self.0, "<tr><td><code>{}</code>{mark}</td><td>{}</td><td>{what}</td></tr>", escape(field), kind(value));
        }
        self.raw("</tbody></table></section>");
    }
}

/// The type of a schema, linked where it has a name.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return format!("<a href=\"#{0}\">{0}</a>", escape(name));
    }
    if let Some(options) = schema["oneOf"].as_array() {
        return options.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    match &schema["type"] {
        Value::String(name) if name == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(name) if name == "object" && schema["additionalProperties"].is_object() => {
            format!("object of {}", kind(&schema["additionalProperties"]))
        }
        Value::String(name) => escape(name),
        Value::Array(names) => {
            let bare = |name: &Value| match name.as_str() {
                Some("array") => format!("list of {}", kind(&schema["items"])),
                name => escape(name.unwrap_or_default()),
            };
            names.iter().map(bare).collect::<Vec<_>>().join(" or ")
        }
        _ => "any".to_owned(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Escaped, with `code` between backticks.
fn inline(markdown: &str) -> String {
    let parts = markdown.split('`').enumerate();
    parts.map(|(i, part)| if i % 2 == 1 { format!("<code>{}</code>", escape(part)) } else { escape(part) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_every_operation_and_type() {
        let document = serde_json::to_value(super::super::openapi::describe()).expect("JSON");
        let page = render(&document);
        for operation in operations(&document) {
            assert!(page.contains(&format!("id=\"{}\"", operation.anchor())), "{} {}", operation.method, operation.path);
        }
        for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(page.contains(&format!("id=\"{link}\"")), "#{link} leads nowhere");
        }
        assert!(!page.contains("<script") && !page.contains(" style="));
    }

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(inline("<b> `<i>`"), "&lt;b&gt; <code>&lt;i&gt;</code>");
    }
}
