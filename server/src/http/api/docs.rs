//! The OpenAPI document as JSON, and as a page to read.

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;
use std::fmt::Write;
use utoipa::openapi::OpenApi;

/// The document in both forms, rendered once.
#[derive(Clone)]
pub(crate) struct Document {
    json: Bytes,
    page: Bytes,
}

impl Document {
    pub(crate) fn new(document: &OpenApi) -> Document {
        let value = serde_json::to_value(document).unwrap_or_default();
        let json = serde_json::to_string_pretty(&value).unwrap_or_default();
        Document {
            json: json.into(),
            page: write_page(&value).into(),
        }
    }
}

/// `GET /api/openapi.json`
pub(crate) async fn json(document: Document) -> Response {
    (
        [
            (CONTENT_TYPE, "application/json"),
            (CACHE_CONTROL, "no-cache"),
        ],
        document.json,
    )
        .into_response()
}

/// `GET /api/docs`
pub(crate) async fn page(document: Document) -> Response {
    Html(document.page).into_response()
}

/// Renders plain HTML, which needs no script and prints well.
fn write_page(document: &Value) -> String {
    let mut page = String::from(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>REST API</title></head><body><main>",
    );
    let info = &document["info"];
    // Writing to a String does not fail.
    let _ = write!(
        page,
        "<h1>{} {}</h1><p>{}</p>",
        escaped(&info["title"]),
        escaped(&info["version"]),
        escaped(&info["description"])
    );
    page.push_str("<p>Machine-readable: <a href=\"/api/openapi.json\">openapi.json</a></p>");
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            write_operation(&mut page, document, path, method, operation);
        }
    }
    page.push_str("</main></body></html>");
    page
}

fn write_operation(
    page: &mut String,
    document: &Value,
    path: &str,
    method: &str,
    operation: &Value,
) {
    let _ = write!(
        page,
        "<section><h2><code>{} {path}</code></h2><p>{}</p>",
        method.to_uppercase(),
        escaped(&operation["summary"])
    );
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let rows: Vec<_> = parameters
        .map(|p| {
            (
                escaped(&p["name"]),
                escaped(&p["in"]),
                escaped(&p["description"]),
            )
        })
        .collect();
    if !rows.is_empty() {
        page.push_str("<h3>Parameters</h3><dl>");
        for (name, place, text) in rows {
            let _ = write!(
                page,
                "<dt><code>{name}</code> ({place})</dt><dd>{text}</dd>"
            );
        }
        page.push_str("</dl>");
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    write_schema(page, document, body, "Body");
    page.push_str("<h3>Responses</h3><dl>");
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let _ = write!(
            page,
            "<dt>{status}</dt><dd>{}</dd>",
            escaped(&answer["description"])
        );
    }
    page.push_str("</dl>");
    write_schema(
        page,
        document,
        &operation["responses"]["200"]["content"]["application/json"]["schema"],
        "Successful response",
    );
    page.push_str("</section>");
}

/// The fields of a schema, and of those that it names.
fn write_schema(page: &mut String, document: &Value, schema: &Value, title: &str) {
    let Some(properties) = resolved(document, schema)["properties"].as_object() else {
        return;
    };
    let _ = write!(page, "<h3>{title}</h3>");
    write_fields(page, document, properties, 0);
}

fn write_fields(
    page: &mut String,
    document: &Value,
    properties: &serde_json::Map<String, Value>,
    depth: u32,
) {
    page.push_str("<dl>");
    for (name, field) in properties {
        let text = escaped(&field["description"]);
        let _ = write!(page, "<dt><code>{}</code></dt><dd>{text}", escape(name));
        let inner = [
            field,
            &field["items"],
            &field["oneOf"][1],
            &field["allOf"][0],
        ];
        let inner = inner
            .into_iter()
            .find_map(|field| resolved(document, field)["properties"].as_object());
        if let Some(inner) = inner.filter(|_| depth < 3) {
            write_fields(page, document, inner, depth + 1);
        }
        page.push_str("</dd>");
    }
    page.push_str("</dl>");
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"]
        .as_str()
        .and_then(|name| name.strip_prefix('#'))
    {
        Some(pointer) => document.pointer(pointer).unwrap_or(schema),
        None => schema,
    }
}

fn escaped(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
