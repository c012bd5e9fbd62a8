//! A model endpoint that streams fifty tokens as fast as they are read.

use axum::{
    Json, Router,
    http::header,
    response::{IntoResponse, Response},
    routing::post,
    serve::ListenerExt,
};
use driver::Outcome;
use serde_json::{Value, json};

pub(crate) async fn serve(port: &str) -> Outcome {
    let routes = Router::new().route("/v1/chat/completions", post(complete));
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    // Like real model endpoints: tokens are sent without delay.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, routes).await?)
}

async fn complete(Json(_): Json<Value>) -> Response {
    let chunk = |delta: Value, finish: Value| {
        let chunk = json!({
            "id": "chatcmpl-mock", "object": "chat.completion.chunk", "created": 1, "model": "mock",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        });
        format!("data: {chunk}\n\n")
    };
    let mut chunks = vec![chunk(json!({"role": "assistant", "content": ""}), Value::Null)];
    for number in 0..50 {
        chunks.push(chunk(json!({"content": format!("word{number} ")}), Value::Null));
    }
    chunks.push(chunk(json!({}), json!("stop")));
    chunks.push("data: [DONE]\n\n".into());
    let stream = futures::stream::iter(chunks.into_iter().map(Ok::<_, std::convert::Infallible>));
    ([(header::CONTENT_TYPE, "text/event-stream")], axum::body::Body::from_stream(stream)).into_response()
}
