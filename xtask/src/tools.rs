//! What has to be on the machine: found, or said clearly, or (as root on Debian) installed.

use anyhow::{Context, bail};

use crate::process::{self, Run};

/// A program that the project needs, and how to see that it works.
struct Tool {
    name: &'static str,
    check: &'static [&'static str],
    /// The oldest version that will do: major, minor.
    oldest: (u32, u32),
    /// Debian's packages that bring it.
    packages: &'static [&'static str],
    /// For people whose system we do not install on.
    hint: &'static str,
}

const RUSTUP: &str = "rustup component add rustfmt clippy";

const TOOLS: &[Tool] = &[
    Tool {
        name: "cargo",
        check: &["cargo", "--version"],
        oldest: (1, 89),
        packages: &[],
        hint: "install Rust 1.89 or newer",
    },
    Tool {
        name: "rustfmt",
        check: &["rustfmt", "--version"],
        oldest: (1, 8),
        packages: &[],
        hint: RUSTUP,
    },
    Tool {
        name: "clippy",
        check: &["cargo-clippy", "--version"],
        oldest: (0, 1),
        packages: &[],
        hint: RUSTUP,
    },
    Tool {
        name: "cc",
        check: &["cc", "-dumpfullversion"],
        oldest: (0, 0),
        packages: &["gcc", "libc6-dev"],
        hint: "install a C compiler",
    },
    NODE,
    NPM,
    Tool {
        name: "python3",
        check: &["python3", "--version"],
        oldest: (3, 10),
        packages: &["python3"],
        hint: "install Python 3.10 or newer",
    },
    Tool {
        name: "python3 venv",
        check: &[
            "python3",
            "-c",
            "import ensurepip, venv; print(ensurepip.version())",
        ],
        oldest: (0, 0),
        packages: &["python3-venv"],
        hint: "install Python's venv and ensurepip (Debian: python3-venv)",
    },
    Tool {
        name: "chromium",
        check: &["chromium", "--version"],
        oldest: (120, 0),
        packages: &["chromium"],
        hint: "install Chromium (Debian: chromium)",
    },
    Tool {
        name: "go",
        check: &["go", "env", "GOVERSION"],
        oldest: (1, 24),
        packages: &["golang-go"],
        hint: "install Go 1.24 or newer",
    },
];

const NODE: Tool = Tool {
    name: "node",
    check: &["node", "--version"],
    oldest: (20, 19),
    packages: &["nodejs"],
    hint: "install Node.js 20.19 or newer",
};

const NPM: Tool = Tool {
    name: "npm",
    check: &["npm", "--version"],
    oldest: (9, 0),
    packages: &["npm"],
    hint: "install npm 9 or newer",
};

/// Everything that the gate uses.
pub(crate) fn for_ci() -> anyhow::Result<()> {
    ensure(TOOLS, true)
}

/// What the demo uses besides cargo. A demo installs nothing on anybody's machine.
pub(crate) fn for_demo() -> anyhow::Result<()> {
    ensure(&[NODE, NPM], false)
}

fn ensure(tools: &[Tool], may_install: bool) -> anyhow::Result<()> {
    let missing: Vec<&Tool> = tools.iter().filter(|tool| !report(tool)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing
        .iter()
        .flat_map(|tool| tool.packages)
        .copied()
        .collect();
    if may_install && !packages.is_empty() && rustix::process::geteuid().is_root() && has_apt() {
        println!("Installing Debian packages: {}", packages.join(" "));
        apt_install(&packages)?;
    }
    let still_missing: Vec<String> = missing
        .into_iter()
        .filter(|tool| !report(tool))
        .map(|tool| format!("{} ({})", tool.name, tool.hint))
        .collect();
    if !still_missing.is_empty() {
        bail!("missing or too old: {}", still_missing.join("; "));
    }
    Ok(())
}

/// Print what was found, and say whether it will do.
fn report(tool: &Tool) -> bool {
    let found = version(tool);
    match &found {
        Ok(text) => println!("  {:<13} {text}", tool.name),
        Err(error) => println!("  {:<13} MISSING: {error:#}", tool.name),
    }
    found.is_ok_and(|text| parse_version(&text).is_some_and(|found| found >= tool.oldest))
}

fn version(tool: &Tool) -> anyhow::Result<String> {
    let (program, arguments) = tool
        .check
        .split_first()
        .context("a check names a program")?;
    let output = process::capture(Run::new(program).arguments(arguments.iter().copied()))?;
    Ok(output.trim().to_owned())
}

/// The first `major.minor` in the text: `v20.20.2`, `cargo 1.95.0 (…)`, `go1.24.4`, `12`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let number = text
        .split_whitespace()
        .map(|word| word.trim_start_matches("go").trim_start_matches('v'))
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let mut numbers = number.split(|c: char| !c.is_ascii_digit());
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers
        .next()
        .and_then(|minor| minor.parse().ok())
        .unwrap_or(0);
    Some((major, minor))
}

fn has_apt() -> bool {
    process::capture(Run::new("apt-get").arguments(["--version"])).is_ok()
}

fn apt_install(packages: &[&str]) -> anyhow::Result<()> {
    let apt = || {
        Run::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .argument("-q")
    };
    process::run(apt().argument("update"))?;
    process::run(
        apt()
            .arguments(["install", "--yes", "--no-install-recommends"])
            .arguments(packages.iter().copied()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_tools_print() {
        let cases = [
            ("v20.20.2", Some((20, 20))),
            ("cargo 1.95.0 (f2d3ce0bd 2026-03-21)", Some((1, 95))),
            ("rustfmt 1.8.0-stable (59807616e1 2026-04-14)", Some((1, 8))),
            ("Python 3.11.7", Some((3, 11))),
            ("go1.26.8", Some((1, 26))),
            ("12", Some((12, 0))),
            ("no digits here", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_version(text), expected, "{text}");
        }
    }
}
