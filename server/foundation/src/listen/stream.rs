//! Streams of events that a GET opens: answers that stay open, mostly idle. They leave hyper, which would hold 16 kB of
//! buffers for each connection. An answer written here lasts until the connection ends (RFC 9112 §6.3).

use std::{io, pin::pin, time::SystemTime};

use axum::{
    http::{HeaderMap, Method, StatusCode, header},
    response::Response,
};
use headers::{Date, HeaderMapExt};
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{body::ResponseBody, closing, watch::Io};

/// Maximum number of bytes read from a client while its stream is open.
const MOST: usize = 4096;

/// Whether this answer to a request is a stream of events.
pub(super) fn is_one(method: &Method, response: &Response<ResponseBody>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    *method == Method::GET
        && response.status() == StatusCode::OK
        && kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

/// The head of the answer.
fn head(mut headers: HeaderMap) -> Vec<u8> {
    headers.typed_insert(Date::from(SystemTime::now()));
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    for (name, value) in &headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// Writes a stream until it ends or the client leaves.
///
/// # Errors
/// When the connection or the stream breaks.
pub(super) async fn write(io: &mut Io, response: Response<ResponseBody>) -> io::Result<()> {
    let (parts, body) = closing(response).into_parts();
    io.write_all(&head(parts.headers)).await?;
    let mut body = pin!(body);
    // Ignores what a client sends after its request, and closes the connection if it sends more than `MOST`.
    let (mut read, mut ignored) = (0, [0; 64]);
    loop {
        tokio::select! {
            frame = body.frame() => match frame {
                Some(frame) => if let Ok(data) = frame.map_err(io::Error::other)?.into_data() {
                    io.write_all(&data).await?;
                },
                None => return Ok(()),
            },
            more = io.stream.read(&mut ignored) => {
                let more = more?;
                read += more;
                if more == 0 || read > MOST {
                    return Ok(());
                }
            }
        }
    }
}
