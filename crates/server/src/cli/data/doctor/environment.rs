//! What SDKs would make of the environment variables here: of an app that is started in this shell.

use url::Url;

use super::{Finding, Status};

/// Variables that say where the server is.
const SERVERS: [&str; 4] = [
    "INNGEST_DEV",
    "INNGEST_BASE_URL",
    "INNGEST_API_BASE_URL",
    "INNGEST_EVENT_API_BASE_URL",
];

pub(super) fn look(server: &Url, variable: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let warning = |detail: String| Finding::new("environment", Status::Warning, detail);
    let base = server.as_str().trim_end_matches('/');
    let mut findings = Vec::new();
    if set("INNGEST_DEVSERVER_URL").is_some() {
        let detail = "INNGEST_DEVSERVER_URL is set, which no SDK has read since version 3";
        findings.push(warning(detail.to_owned()).fix(format!("set INNGEST_DEV={base} instead")));
    }
    for name in SERVERS {
        let other = set(name).and_then(|value| value.parse::<Url>().ok());
        if let Some(other) = other.filter(|other| !is_same(other, server)) {
            let detail = format!("{name} leads apps to {other}, which is not {base}");
            findings.push(
                warning(detail).fix(format!("set {name}={base}, or ask it with --url {other}")),
            );
        }
    }
    if set("INNGEST_DEV").is_some_and(|value| matches!(&*value, "0" | "false")) {
        let detail = "INNGEST_DEV turns the development mode of SDKs off";
        findings.push(warning(detail.to_owned()).fix(format!("set INNGEST_DEV={base}")));
    }
    if set("INNGEST_SIGNING_KEY").is_some() {
        let detail = "INNGEST_SIGNING_KEY is set, which the development server ignores";
        findings.push(warning(detail.to_owned()).fix("unset it where apps are developed"));
    }
    if findings.is_empty() {
        let detail = "no variable stands in the way of apps";
        findings.push(Finding::new("environment", Status::Ok, detail));
    }
    findings
}

/// Whether both are the same server; a loopback address has more than one name.
fn is_same(a: &Url, b: &Url) -> bool {
    let host = |url: &Url| match url.host_str() {
        Some("127.0.0.1" | "[::1]" | "localhost") => Some("localhost".to_owned()),
        host => host.map(str::to_owned),
    };
    host(a) == host(b) && a.port_or_known_default() == b.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_apps_astray_is_said() {
        let server: Url = "http://127.0.0.1:8288".parse().unwrap();
        for (name, value, says) in [
            (
                "INNGEST_DEVSERVER_URL",
                "http://localhost:8288",
                "no SDK has read",
            ),
            (
                "INNGEST_DEV",
                "http://localhost:9000",
                "leads apps to http://localhost:9000/",
            ),
            (
                "INNGEST_BASE_URL",
                "https://jobs.example",
                "leads apps to https://jobs.example/",
            ),
            ("INNGEST_DEV", "0", "turns the development mode"),
            (
                "INNGEST_SIGNING_KEY",
                "signkey-prod-1",
                "the development server ignores",
            ),
        ] {
            let found = look(&server, |asked| (asked == name).then(|| value.to_owned()));
            assert_eq!(
                (found.len(), found[0].status),
                (1, Status::Warning),
                "{name}={value}"
            );
            assert!(found[0].detail.contains(says), "{:?}", found[0]);
            assert!(found[0].fix.is_some(), "{:?}", found[0]);
        }
        for value in ["1", "http://localhost:8288", "http://[::1]:8288/", ""] {
            let found = look(&server, |asked| {
                (asked == "INNGEST_DEV").then(|| value.to_owned())
            });
            assert_eq!(found[0].status, Status::Ok, "{value}");
        }
    }
}
