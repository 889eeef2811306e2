//! URLs of apps as people write them.

use url::Url;

/// Reads the URL of an app, which may leave out `http://`.
///
/// # Errors
///
/// What is wrong with it, without the secrets that it may have.
pub fn serve_url(text: &str) -> Result<Url, String> {
    let text = text.trim();
    let full = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let url = everstep_protocol::sync::normalize_url(&full)
        .map_err(|error| format!("{text}: {error}"))?;
    if url.password().is_some() || !url.username().is_empty() {
        // Not repeated: it would be in the terminal and in logs from here on.
        return Err("URLs with a user name or a password can't be used".to_owned());
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("{text}: only http and https URLs can be called"));
    }
    Ok(url)
}
