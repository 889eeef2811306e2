//! `everstep api`: a request of one's own, with the server and the key of the others.

use bytes::Bytes;
use clap::Args;
use http::Method;

use super::json_of;
use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Session};
use crate::cli::print::write;

#[derive(Debug, Args)]
pub struct ApiArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// Such as GET or POST
    method: Method,
    /// Such as /v2/runs?limit=1
    path: String,
    /// Body: JSON, or @file
    #[arg(short, long, value_name = "JSON")]
    data: Option<String>,
}

impl ApiArgs {
    pub(in crate::cli) async fn run(self) -> Result<(), Exit> {
        let (method, path, data) = (self.method, self.path, self.data);
        self.client
            .run(async |session| ask(session, method, &path, data.as_deref()).await)
            .await
    }
}

/// Prints the body of the answer as it is, and ends with the code of its status.
async fn ask(
    session: &Session,
    method: Method,
    path: &str,
    data: Option<&str>,
) -> Result<(), Exit> {
    let base = session.api.base().as_str().trim_end_matches('/');
    let text = format!("{base}/{}", path.trim_start_matches('/'));
    let url = text
        .parse()
        .map_err(|error| Exit::usage(format!("{text}: {error}")))?;
    let body = match data {
        Some(data) => Some(Bytes::from(json_of(data)?.to_string())),
        None => None,
    };
    let response = session.api.exchange(method, url, body).await?;
    write(&format!("{}\n", String::from_utf8_lossy(&response.body)))?;
    if response.status.is_success() {
        return Ok(());
    }
    let text = format!("the server answered {}", response.status);
    Err(match response.status.as_u16() {
        401 | 403 => Exit::not_allowed(text),
        404 => Exit::not_found(text),
        409 | 429 => Exit::conflict(text),
        _ => Exit::failed(text),
    })
}
