//! The largest source files, so that growth is seen. A question to the reader, not a verdict.

use std::fmt::Write as _;

use super::SourceFile;

const SHOWN: usize = 8;
const EXTENSIONS: &[&str] = &[".rs", ".ts", ".tsx", ".py", ".mjs"];

/// A table of the largest source files, by lines.
pub(super) fn largest(files: &[SourceFile]) -> String {
    let mut sizes: Vec<(usize, &str)> = files
        .iter()
        .filter(|file| {
            EXTENSIONS
                .iter()
                .any(|extension| file.path.ends_with(extension))
        })
        .map(|file| (file.text.lines().count(), file.path.as_str()))
        .collect();
    sizes.sort_by(|a, b| b.cmp(a));
    let mut table = String::from("The largest source files, in lines:");
    for (lines, path) in sizes.into_iter().take(SHOWN) {
        let _ = write!(table, "\n  {lines:>5}  {path}");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_sources_come_first() {
        let file = |path: &str, lines: usize| SourceFile {
            path: path.to_owned(),
            text: "x\n".repeat(lines),
        };
        let table = largest(&[file("a.rs", 2), file("b.json", 99), file("c.ts", 30)]);
        assert_eq!(
            table,
            "The largest source files, in lines:\n     30  c.ts\n      2  a.rs"
        );
    }
}
