//! Texts that must not be committed: hosts of package registries and paths of somebody's machine.
//!
//! The repository works behind any mirror and from any folder, so it names neither.

use super::SourceFile;

/// Written in two halves, so that this file does not find itself.
const HOSTS: &[(&str, &str)] = &[
    ("registry.npm", "js.org"),
    ("registry.yarn", "pkg.com"),
    ("pypi", ".org"),
    ("python", "hosted.org"),
    ("crates", ".io"),
    ("proxy.golang", ".org"),
    ("sum.golang", ".org"),
    ("repo1.maven", ".org"),
    ("repo.maven", ".apache.org"),
    ("deb.debian", ".org"),
];

/// Folders that hold somebody's files. `/tmp` and the like are the same everywhere, and fine.
const MACHINE_FOLDERS: &[(&str, &str)] = &[
    ("/root", "/"),
    ("/home", "/"),
    ("/Users", "/"),
    ("/work", "/"),
];

/// Files that a tool writes, in a form that we do not choose.
const GENERATED: &[&str] = &["Cargo.lock"];

pub(super) fn problems(files: &[SourceFile]) -> Vec<String> {
    files
        .iter()
        .filter(|file| !GENERATED.contains(&file.path.as_str()))
        .flat_map(|file| {
            let lines = (1..).zip(file.text.lines());
            lines.filter_map(|(number, line)| {
                let found = forbidden(line)?;
                Some(format!("{}:{number} mentions {found}", file.path))
            })
        })
        .collect()
}

fn forbidden(line: &str) -> Option<String> {
    let host = HOSTS
        .iter()
        .map(|(a, b)| format!("{a}{b}"))
        .find(|host| line.contains(host.as_str()));
    let folder = || {
        MACHINE_FOLDERS
            .iter()
            .map(|(a, b)| format!("{a}{b}"))
            .find(|folder| has_path(line, folder))
    };
    host.or_else(folder)
}

/// Whether an absolute path below `folder` stands in the line: at the start of a path, not within a URL.
fn has_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + folder.len()..].chars().next();
        let is_start = before.is_none_or(|c| !c.is_alphanumeric() && !"_-./}$*".contains(c));
        is_start && after.is_some_and(|c| c.is_alphanumeric() || c == '.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_machine_paths_are_found() {
        for line in [
            concat!("\"resolved\": \"https://registry.npm", "js.org/zod\""),
            concat!("see https://pypi", ".org/project/x"),
            concat!("path = \"/home", "/ada/everstep\""),
            concat!("/root", "/.cargo"),
            concat!("cd /work", "/main"),
        ] {
            assert!(forbidden(line).is_some(), "{line}");
        }
    }

    #[test]
    fn harmless_lines_pass() {
        for line in [
            concat!("https://example.com/home", "/ada"),
            "cargo add serde",
            concat!("the folder /home", "/"),
            "/tmp/everstep",
            concat!("\"./work", "/x\""),
        ] {
            assert_eq!(forbidden(line), None, "{line}");
        }
    }

    #[test]
    fn generated_files_are_left_alone() {
        let text = concat!("registry = \"https://crates", ".io\"").to_owned();
        let file = |path: &str| SourceFile {
            path: path.to_owned(),
            text: text.clone(),
        };
        assert_eq!(problems(&[file("Cargo.lock")]), Vec::<String>::new());
        assert_eq!(problems(&[file("README.md")]).len(), 1);
    }
}
