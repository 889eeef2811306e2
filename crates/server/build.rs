//! Puts the dashboard into the binary: a table of the files in `ui/dist`, which `cargo xtask ui` builds.
//!
//! Without them a page that says so takes their place, so that nobody needs Node to build or to test the
//! server. `UI_REQUIRED=1` makes that an error: what is released has the dashboard.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What the server writes into the page must have its place there.
const MARKS: [&str; 2] = [r#"<base href="/ui/" />"#, r#"id="boot">"#];

fn main() {
    let dist = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"))
        .join("../../ui/dist")
        .canonicalize()
        .expect("ui/dist is there: it has a file in the repository");
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-env-changed=UI_REQUIRED");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("dashboard.rs");
    let index = dist.join("index.html");
    let table = match fs::read_to_string(&index) {
        Ok(page) => {
            for mark in MARKS {
                assert!(page.contains(mark), "{} has no {mark}", index.display());
            }
            table(&dist)
        }
        Err(_) if env::var("UI_REQUIRED").is_ok_and(|value| value == "1") => {
            panic!("UI_REQUIRED=1, and there is no ui/dist/index.html: run `cargo xtask ui` first")
        }
        Err(_) => "pub(super) const PAGE: Option<&str> = None;\n\
                   pub(super) const FILES: &[File] = &[];\n"
            .to_owned(),
    };
    fs::write(out, table).expect("cargo's folder can be written");
}

fn table(dist: &Path) -> String {
    let mut names = Vec::new();
    find(dist, "", &mut names);
    names.sort();
    let mut table = format!(
        "pub(super) const PAGE: Option<&str> = Some(include_str!({:?}));\n\
         pub(super) const FILES: &[File] = &[\n",
        dist.join("index.html")
    );
    let is_form = |name: &str| name.ends_with(".br") || name.ends_with(".gz");
    for name in names
        .iter()
        .filter(|name| !is_form(name) && *name != "index.html")
    {
        let form = |suffix: &str| {
            let path = dist.join(format!("{name}{suffix}"));
            match path.exists() {
                true => format!("Some(include_bytes!({path:?}))"),
                false => "None".to_owned(),
            }
        };
        let (br, gzip) = (form(".br"), form(".gz"));
        // What is there compressed is not needed otherwise: whoever wants it so unpacks it.
        let plain = match gzip.as_str() {
            "None" => form(""),
            _ => "None".to_owned(),
        };
        let _ = writeln!(
            table,
            "File {{ name: {name:?}, plain: {plain}, br: {br}, gzip: {gzip} }},"
        );
    }
    table + "];\n"
}

fn find(folder: &Path, prefix: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let name = entry.file_name().into_string().expect("names are UTF-8");
        if name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{name}");
        match entry.path().is_dir() {
            true => find(&entry.path(), &format!("{name}/"), names),
            false => names.push(name),
        }
    }
}
