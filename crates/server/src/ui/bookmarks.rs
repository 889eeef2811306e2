//! Pages of other servers that people have bookmarks of, and where the same is here (dashboard paths of
//! the Inngest Dev Server, with their parameters).

use url::form_urlencoded::{Serializer, parse};

/// The pages that are known. None of them is a path of the API.
pub(super) const PATHS: &[&str] = &[
    "/runs",
    "/run",
    "/events",
    "/event",
    "/functions",
    "/functions/config",
    "/apps",
    "/apps/app",
];

const HOME: &str = "/ui/env/default";

/// Where a page is here.
pub(super) fn target(path: &str, query: &str) -> String {
    let value = |name: &str| {
        let mut all = parse(query.as_bytes());
        let found = all.find(|(known, value)| known == name && !value.is_empty());
        found.map(|(_, value)| escaped(&value))
    };
    let below = |list: &str, name: &str| match value(name) {
        Some(id) => format!("{HOME}/{list}/{id}"),
        None => format!("{HOME}/{list}"),
    };
    match path {
        "/run" => below("runs", "runID"),
        "/event" => below("events", "eventID"),
        "/apps/app" => below("apps", "id"),
        // The slug of a function does not tell where the name of its app ends.
        "/functions/config" => format!("{HOME}/functions"),
        "/runs" => with_query("runs", &run_filter(query)),
        "/events" => with_query("events", &time_filter(query)),
        path => format!("{HOME}{path}"),
    }
}

fn with_query(list: &str, parameters: &[(&str, String)]) -> String {
    let query = Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    match query.is_empty() {
        true => format!("{HOME}/{list}"),
        false => format!("{HOME}/{list}?{query}"),
    }
}

fn run_filter(query: &str) -> Vec<(&'static str, String)> {
    let mut filter = Vec::new();
    for (name, value) in parse(query.as_bytes()) {
        let of_each = |here| each(&value).into_iter().map(move |one| (here, one));
        match &*name {
            "filterStatus" => filter.extend(of_each("status")),
            "filterApp" => filter.extend(of_each("appId")),
            "filterFunction" => filter.extend(of_each("functionId")),
            "timeField" => match &*value {
                "STARTED_AT" => filter.push(("timeField", "startedAt".to_owned())),
                "ENDED_AT" => filter.push(("timeField", "endedAt".to_owned())),
                _ => {}
            },
            _ => {}
        }
    }
    filter.extend(time_filter(query));
    filter
}

fn time_filter(query: &str) -> Vec<(&'static str, String)> {
    let known = parse(query.as_bytes()).filter_map(|(name, value)| {
        let here = match &*name {
            "last" => "since",
            "start" => "from",
            "end" => "until",
            "search" => "search",
            _ => return None,
        };
        Some((here, value.into_owned()))
    });
    known.collect()
}

/// A list in JSON, or one value.
fn each(value: &str) -> Vec<String> {
    serde_json::from_str(value).unwrap_or_else(|_| vec![value.to_owned()])
}

fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookmarks_lead_to_the_same_page() {
        let cases = [
            ("/runs", "", "/runs"),
            (
                "/runs",
                "filterStatus=%5B%22FAILED%22%2C%22CANCELLED%22%5D&filterApp=shop&last=3d&timeField=STARTED_AT&x=1",
                "/runs?status=FAILED&status=CANCELLED&appId=shop&timeField=startedAt&since=3d",
            ),
            (
                "/runs",
                "start=2026-01-01T00%3A00%3A00Z&end=2026-01-02T00%3A00%3A00Z&search=event.data.n+%3E+1",
                "/runs?from=2026-01-01T00%3A00%3A00Z&until=2026-01-02T00%3A00%3A00Z&search=event.data.n+%3E+1",
            ),
            ("/run", "runID=01JQ", "/runs/01JQ"),
            ("/run", "", "/runs"),
            ("/event", "eventID=a%2Fb", "/events/a%2Fb"),
            ("/events", "last=1h", "/events?since=1h"),
            ("/apps/app", "id=my+shop", "/apps/my%20shop"),
            ("/functions/config", "slug=shop-pay", "/functions"),
            ("/functions", "", "/functions"),
        ];
        for (path, query, expected) in cases {
            assert_eq!(
                target(path, query),
                format!("{HOME}{expected}"),
                "{path}?{query}"
            );
        }
    }
}
