//! Redirects: where they lead, and what of the request goes along.

use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE, COOKIE,
    HeaderMap, LOCATION, PROXY_AUTHORIZATION,
};
use http::{Method, StatusCode};
use url::Url;

use super::{HttpError, Request};

/// What redirects do to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Redirects {
    /// As apps need it (sdk-protocol §5.1, rule 2): method, headers and body are kept, and so are
    /// the query parameters of the original URL.
    Keep,
    /// As browsers do it: some turn the request into a `GET`, and the target is taken as it is.
    Web,
}

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
    redirects: Redirects,
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
    match redirects {
        Redirects::Web if !headers.contains_key(LOCATION) => return Ok(Next::Stay),
        Redirects::Keep if location.is_empty() => return Err(bad()),
        Redirects::Web | Redirects::Keep => {}
    }
    let mut target = current.join(&location).map_err(|_| bad())?;
    if !matches!(target.scheme(), "http" | "https") || !target.has_host() {
        return Err(bad());
    }
    target.set_fragment(None);
    match redirects {
        Redirects::Keep => keep_query(&mut target, current),
        Redirects::Web => drop_user(&mut target),
    }
    Ok(Next::Follow(target))
}

/// Makes of a request what goes to the target of a redirect.
pub(super) fn follow(request: &mut Request, status: StatusCode, target: Url, redirects: Redirects) {
    drop_credentials(&mut request.headers, &request.url, &target);
    if redirects == Redirects::Web && becomes_get(status, &request.method) {
        request.method = Method::GET;
        request.body = Bytes::new();
        for name in [
            CONTENT_ENCODING,
            CONTENT_LANGUAGE,
            CONTENT_LOCATION,
            CONTENT_TYPE,
        ] {
            request.headers.remove(name);
        }
    }
    request.url = target;
}

fn becomes_get(status: StatusCode, method: &Method) -> bool {
    match status.as_u16() {
        301 | 302 => *method == Method::POST,
        303 => !matches!(*method, Method::GET | Method::HEAD),
        _ => false,
    }
}

/// A name and a password in a target would not be sent, so they are not shown either.
fn drop_user(target: &mut Url) {
    let done = target
        .set_username("")
        .and_then(|()| target.set_password(None));
    done.expect("an http or https URL with a host can have a user");
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

/// Credentials stay with the origin that they were meant for, and so does whatever is marked as
/// sensitive. A request signature is neither: it is of no use with another body, and the app needs
/// it behind a redirect to its canonical name.
fn drop_credentials(headers: &mut HeaderMap, from: &Url, to: &Url) {
    if from.origin() == to.origin() {
        return;
    }
    let sensitive = headers
        .iter()
        .filter(|(_, value)| value.is_sensitive())
        .map(|(name, _)| name.clone());
    let known = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE];
    for name in sensitive.chain(known).collect::<Vec<_>>() {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(from: &str, location: &str, redirects: Redirects) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, location.parse().unwrap());
        let from = from.parse().unwrap();
        match next(StatusCode::FOUND, &headers, &from, redirects) {
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
            let found = target(from, location, Redirects::Keep);
            assert_eq!(found, expected, "{from} -> {location}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for location in ["mailto:a@b.test", "http://", "file:///etc/passwd"] {
            for redirects in [Redirects::Keep, Redirects::Web] {
                let found = target("http://a.test/", location, redirects);
                assert!(found.starts_with("Err(BadRedirect"), "{location}: {found}");
            }
        }
        let empty = target("http://a.test/", "", Redirects::Keep);
        assert!(empty.starts_with("Err(BadRedirect"), "{empty}");
    }

    #[test]
    fn browsers_take_the_target_as_it_is() {
        let cases = [
            ("/y", "http://a.test/y"),
            ("?b=1#top", "http://a.test/x?b=1"),
            ("", "http://a.test/x?key=1"),
            ("//ada:pw@b.test/", "http://b.test/"),
        ];
        for (location, expected) in cases {
            let found = target("http://a.test/x?key=1", location, Redirects::Web);
            assert_eq!(found, expected, "{location}");
        }
        let none = next(
            StatusCode::FOUND,
            &HeaderMap::new(),
            &"http://a.test/".parse().unwrap(),
            Redirects::Web,
        );
        assert_eq!(none.unwrap(), Next::Stay);
    }

    #[test]
    fn browsers_turn_some_requests_into_get() {
        let followed = |status: u16, method: Method, redirects| {
            let mut request = Request {
                method,
                url: "http://a.test/x".parse().unwrap(),
                headers: HeaderMap::new(),
                body: Bytes::from_static(b"body"),
            };
            request
                .headers
                .insert(CONTENT_TYPE, "text/plain".parse().unwrap());
            let target = "http://a.test/y".parse().unwrap();
            let status = StatusCode::from_u16(status).unwrap();
            follow(&mut request, status, target, redirects);
            assert_eq!(request.url.path(), "/y");
            let whole = request.headers.contains_key(CONTENT_TYPE) && !request.body.is_empty();
            assert_eq!(whole, request.headers.len() + request.body.len() > 0);
            (request.method.to_string(), whole)
        };
        let cases = [
            (301, "POST", "GET"),
            (302, "POST", "GET"),
            (303, "POST", "GET"),
            (303, "PUT", "GET"),
            (301, "PUT", "PUT"),
            (302, "DELETE", "DELETE"),
            (301, "GET", "GET"),
            (303, "HEAD", "HEAD"),
            (307, "POST", "POST"),
            (308, "POST", "POST"),
        ];
        for (status, method, expected) in cases {
            let given: Method = method.parse().unwrap();
            let kept = (method.to_owned(), true);
            let web = followed(status, given.clone(), Redirects::Web);
            let expected = (expected.to_owned(), method == expected);
            assert_eq!(web, expected, "{status} {method}");
            assert_eq!(followed(status, given, Redirects::Keep), kept);
        }
    }

    #[test]
    fn other_statuses_are_answers() {
        for status in [200, 206, 300, 304, 305, 306, 400, 500] {
            let status = StatusCode::from_u16(status).unwrap();
            let url = "http://a.test/".parse().unwrap();
            for redirects in [Redirects::Keep, Redirects::Web] {
                let next = next(status, &HeaderMap::new(), &url, redirects);
                assert_eq!(next.unwrap(), Next::Stay);
            }
        }
    }

    #[test]
    fn credentials_stay_with_their_origin() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, "Bearer x".parse().unwrap());
        headers.insert("x-inngest-signature", "t=1&s=ab".parse().unwrap());
        let mut key = http::HeaderValue::from_static("k");
        key.set_sensitive(true);
        headers.append("x-api-key", key.clone());
        headers.append("x-api-key", key);
        let here: Url = "http://a.test/x".parse().unwrap();
        drop_credentials(&mut headers, &here, &"http://a.test/y".parse().unwrap());
        assert_eq!(headers.len(), 4);
        drop_credentials(&mut headers, &here, &"http://a.test:81/x".parse().unwrap());
        assert_eq!(headers.len(), 1);
        assert!(headers.contains_key("x-inngest-signature"));
    }
}
