//! How many apps and endpoints are made on the fly.

use everstep_core::limits::{ENDPOINT_APPS_MAX, ENDPOINTS_PER_APP_MAX};

use crate::world::World;

/// What the app is told of the run that it starts.
fn told(lines: &[String]) -> &str {
    let told =
        |line: &&String| line.starts_with("started as ") || line.starts_with("start refused");
    lines.iter().find(told).unwrap()
}

#[test]
fn endpoints_beyond_the_limit_share_one_function() {
    let mut world = World::new();
    for number in 0..ENDPOINTS_PER_APP_MAX {
        let lines = world.start_endpoint(&format!("GET /{number} []"));
        assert_eq!(
            told(&lines),
            format!("started as http://app.test-GET /{number}")
        );
    }
    for path in ["/more", "/and-more"] {
        let lines = world.start_endpoint(&format!("GET {path} []"));
        assert_eq!(told(&lines), "started as http://app.test-*");
    }
    // Those that are known stay what they are; after a restart too.
    world.restart();
    let lines = world.start_endpoint("GET /7 []");
    assert_eq!(told(&lines), "started as http://app.test-GET /7");
    let lines = world.start_endpoint("GET /yet-more []");
    assert_eq!(told(&lines), "started as http://app.test-*");
}

#[test]
fn an_app_beyond_the_limit_is_refused() {
    let mut world = World::new();
    for number in 0..ENDPOINT_APPS_MAX {
        let lines = world.start_elsewhere(&format!("http://{number}.test"));
        assert!(told(&lines).starts_with("started as"));
    }
    let lines = world.start_elsewhere("http://more.test");
    let expected = format!(
        "start refused: there are {ENDPOINT_APPS_MAX} apps with endpoints already, as many as there can be"
    );
    assert_eq!(told(&lines), expected);
    let lines = world.start_elsewhere("http://7.test");
    assert_eq!(told(&lines), "started as http://7.test-GET /");
}
