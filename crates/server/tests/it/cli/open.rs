//! `everstep open`.

use super::Cli;

#[tokio::test]
async fn the_address_of_every_place_is_printed() {
    let cli = Cli::start().await;
    let run = cli.new_run(1, "Completed").await;
    let event = cli.run("events list -o id").await.out.trim().to_owned();
    let home = cli.server.url("/ui/env/default");
    for (place, path) in [
        (String::new(), String::new()),
        (" runs".to_owned(), "/runs".to_owned()),
        (format!(" run {}", &run[..14]), format!("/runs/{run}")),
        (
            format!(" event {}", &event[..14]),
            format!("/events/{event}"),
        ),
        (" function pay".to_owned(), "/functions/shop/pay".to_owned()),
        (" app shop".to_owned(), "/apps/shop".to_owned()),
        (" ops".to_owned(), "/operations".to_owned()),
        (" system".to_owned(), "/system".to_owned()),
    ] {
        let said = cli.run(&format!("open{place} --print")).await;
        assert_eq!(
            (said.code, said.out),
            (0, format!("{home}{path}\n")),
            "{place}"
        );
    }
    assert_eq!(cli.run("open function nobody --print").await.code, 3);
    assert_eq!(cli.run("open somewhere --print").await.code, 2);
    let json = cli.run("open runs --print --json").await.json();
    assert_eq!(json["url"], format!("{home}/runs"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_browser_is_given_the_address_if_there_is_one() {
    use std::os::unix::fs::PermissionsExt as _;

    let cli = Cli::start().await;
    let program = cli.home.path().join("xdg-open");
    let start = async |display: &str| {
        let mut command = cli.command(&["open", "runs"]);
        for name in ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"] {
            command.env_remove(name);
        }
        if !display.is_empty() {
            command.env("DISPLAY", display);
        }
        command.env("EVERSTEP_URL", cli.server.url("")).env(
            "PATH",
            format!("{}:/bin:/usr/bin", cli.home.path().display()),
        );
        Cli::end(command).await
    };
    let url = cli.server.url("/ui/env/default/runs");
    let write = |text: &str| {
        std::fs::write(&program, text).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    write("#!/bin/sh\nprintf %s \"$1\" > opened\n");
    let said = start(":0").await;
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{said:?}");
    assert_eq!(said.err, format!("opened {url}\n"));
    assert_eq!(
        std::fs::read_to_string(cli.home.path().join("opened")).unwrap(),
        url
    );
    let nobody_sees = start("").await;
    assert_eq!((nobody_sees.code, nobody_sees.out), (0, format!("{url}\n")));
    write("#!/bin/sh\nexit 3\n");
    let failed = start(":0").await;
    assert_eq!((failed.code, failed.out), (0, format!("{url}\n")));
}
