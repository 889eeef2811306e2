//! Which errors are the same to a person.

/// See [`UserError::fingerprint`](crate::UserError::fingerprint).
pub(crate) fn of(name: &str, message: &str, stack: Option<&str>) -> u64 {
    let mut hash = Fnv::new();
    hash.part(name);
    hash.part(&normalize(message));
    hash.part(&stack.and_then(first_frame).unwrap_or_default());
    hash.0
}

/// Replaces what differs between two occurrences of one fault: each word that is an id (UUID,
/// ULID, hash) and each number becomes `#`.
fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word_end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word_end);
        if is_id(word) {
            out.push('#');
        } else {
            push_without_digits(word, &mut out);
        }
        let next = after.find(is_word).unwrap_or(after.len());
        out.push_str(&after[..next]);
        rest = &after[next..];
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

/// Long words that mix letters and digits, or are hexadecimal, are no words.
fn is_id(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let hex = word
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    (word.len() >= 8 && hex && digits > 0) || (word.len() >= 20 && digits >= 4)
}

fn push_without_digits(word: &str, out: &mut String) {
    let mut in_number = false;
    for c in word.chars() {
        let digit = c.is_ascii_digit();
        if digit && !in_number {
            out.push('#');
        } else if !digit {
            out.push(c);
        }
        in_number = digit;
    }
}

/// The innermost frame of a JavaScript or Python stack, without line and column.
fn first_frame(stack: &str) -> Option<String> {
    let script = stack
        .lines()
        .map(str::trim)
        .find_map(|line| line.strip_prefix("at "));
    if let Some(frame) = script {
        return Some(frame.split(':').filter(|part| !is_position(part)).collect());
    }
    // Python prints the innermost frame last: File "app.py", line 3, in handler
    let python = stack
        .lines()
        .map(str::trim)
        .rfind(|line| line.starts_with("File \""))?;
    let mut parts = python.split(", ");
    let file = parts.next()?;
    let function = parts
        .find(|part| part.starts_with("in "))
        .unwrap_or_default();
    Some(format!("{file} {function}"))
}

fn is_position(part: &str) -> bool {
    let part = part.trim_end_matches(')');
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// FNV-1a, 64 bits: tiny and fixed for ever.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn part(&mut self, text: &str) {
        for byte in text.bytes().chain([0xFF]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
