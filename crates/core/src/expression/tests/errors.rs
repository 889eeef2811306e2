//! Where errors point.

use super::{NOW, event};
use crate::expression::{Expression, Place, Scope};

fn place(offset: usize, line: usize, column: usize, excerpt: &str) -> Place {
    Place {
        offset,
        line,
        column,
        excerpt: excerpt.to_owned(),
    }
}

#[test]
fn compile_errors_show_the_place() {
    let error = Expression::compile("event.data.a == 1 &&\n  é.b == 2").unwrap_err();
    assert_eq!(error.place, place(23, 2, 3, "  é.b == 2\n  ^"));
    assert_eq!(
        error.to_string(),
        "unexpected character 'é' at line 2 column 3"
    );

    let error = Expression::compile("'é' ==").unwrap_err();
    assert_eq!(error.place, place(7, 1, 7, "'é' ==\n      ^"));

    let error = Expression::compile("\tfoo\r\n").unwrap_err();
    assert_eq!(error.place, place(1, 1, 2, " foo\n ^"));
}

#[test]
fn evaluation_errors_show_the_place() {
    let expression = Expression::compile("1 == 2 ||\n event.data.s * 2 > 1").unwrap();
    let error = expression.evaluate(&Scope::new(&event(r#"{"s":"x"}"#), NOW));
    let error = error.unwrap_err();
    assert_eq!(
        error.to_string(),
        "* can't be applied to string and int at line 2 column 15"
    );
    assert_eq!(
        error.place.excerpt,
        " event.data.s * 2 > 1\n              ^"
    );
}

#[test]
fn long_lines_are_cut() {
    let text = format!("{} + {}", "1 + ".repeat(20), "é + ".repeat(30));
    let error = Expression::compile(&text).unwrap_err();
    let lines: Vec<&str> = error.place.excerpt.lines().collect();
    let [line, caret] = lines[..] else {
        panic!("{lines:?}");
    };
    assert_eq!(line.chars().count(), 80);
    assert_eq!(caret, format!("{}^", " ".repeat(40)));
    assert_eq!(line.chars().nth(40), Some('+'));
}

#[test]
fn long_names_are_cut_in_messages() {
    let error = Expression::compile(&"x".repeat(60_000)).unwrap_err();
    assert!(error.to_string().len() < 250, "{error}");
    assert!(error.place.excerpt.len() < 250);
}
