//! Redirects: they keep method, headers and body (sdk-protocol §5.1, rule 2).

use http::StatusCode;
use http::header::{AUTHORIZATION, COOKIE, HeaderMap, LOCATION, PROXY_AUTHORIZATION};
use url::Url;

use super::HttpError;

/// What to do with a response.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It is the answer.
    Stay,
    /// Send the request again, there.
    Follow(Url),
}

pub(super) fn next(
    status: StatusCode,
    headers: &HeaderMap,
    current: &Url,
) -> Result<Next, HttpError> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(Next::Stay);
    }
    let location = headers
        .get(LOCATION)
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .unwrap_or_default();
    let bad = || HttpError::BadRedirect {
        status: status.as_u16(),
        location: location.clone().into_owned(),
    };
    if location.is_empty() {
        return Err(bad());
    }
    let mut target = current.join(&location).map_err(|_| bad())?;
    if !matches!(target.scheme(), "http" | "https") || !target.has_host() {
        return Err(bad());
    }
    target.set_fragment(None);
    keep_query(&mut target, current);
    Ok(Next::Follow(target))
}

/// Adds the query parameters of `current` that `target` does not have. They name the function and
/// the step, and a redirect such as `/api/inngest` → `/api/inngest/` often loses them.
fn keep_query(target: &mut Url, current: &Url) {
    let missing: Vec<_> = current
        .query_pairs()
        .filter(|(name, _)| target.query_pairs().all(|(present, _)| present != *name))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    if !missing.is_empty() {
        target.query_pairs_mut().extend_pairs(missing);
    }
}

/// Credentials stay with the origin that they were meant for. A request signature is none: it is
/// of no use with another body, and the app needs it behind a redirect to its canonical name.
pub(super) fn drop_credentials(headers: &mut HeaderMap, from: &Url, to: &Url) {
    if from.origin() != to.origin() {
        for name in [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE] {
            headers.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(from: &str, location: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, location.parse().unwrap());
        match next(StatusCode::FOUND, &headers, &from.parse().unwrap()) {
            Ok(Next::Follow(url)) => url.to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_target_is_relative_to_the_current_url_and_keeps_its_query() {
        let cases = [
            (
                "http://a.test/x?fnId=f&stepId=step",
                "/y",
                "http://a.test/y?fnId=f&stepId=step",
            ),
            (
                "http://a.test/x?fnId=f",
                "/y?fnId=f",
                "http://a.test/y?fnId=f",
            ),
            (
                "http://a.test/x?fnId=f&stepId=s",
                "/y?stepId=other",
                "http://a.test/y?stepId=other&fnId=f",
            ),
            (
                "http://a.test/x",
                "https://b.test/x#top",
                "https://b.test/x",
            ),
            (
                "http://a.test/x/z?fnId=a%20b",
                "y",
                "http://a.test/x/y?fnId=a+b",
            ),
            ("https://a.test/x", "//b.test/", "https://b.test/"),
        ];
        for (from, location, expected) in cases {
            assert_eq!(follow(from, location), expected, "{from} -> {location}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for location in ["", "mailto:a@b.test", "http://", "file:///etc/passwd"] {
            assert!(
                follow("http://a.test/", location).starts_with("Err(BadRedirect"),
                "{location}"
            );
        }
    }

    #[test]
    fn other_statuses_are_answers() {
        for status in [200, 206, 300, 304, 305, 306, 400, 500] {
            let status = StatusCode::from_u16(status).unwrap();
            let url = "http://a.test/".parse().unwrap();
            assert_eq!(next(status, &HeaderMap::new(), &url).unwrap(), Next::Stay);
        }
    }

    #[test]
    fn credentials_stay_with_their_origin() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, "Bearer x".parse().unwrap());
        headers.insert("x-inngest-signature", "t=1&s=ab".parse().unwrap());
        let here: Url = "http://a.test/x".parse().unwrap();
        drop_credentials(&mut headers, &here, &"http://a.test/y".parse().unwrap());
        assert!(headers.contains_key(AUTHORIZATION));
        drop_credentials(&mut headers, &here, &"http://a.test:81/x".parse().unwrap());
        assert!(!headers.contains_key(AUTHORIZATION));
        assert!(headers.contains_key("x-inngest-signature"));
    }
}
