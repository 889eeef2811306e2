//! Reading server-sent events as their bytes come: of each its data, which is all that is needed.

/// Bytes that have come and are no whole event yet.
#[derive(Debug, Default)]
pub(super) struct Sse {
    buffer: Vec<u8>,
}

impl Sse {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Bytes that wait for the rest of their event.
    pub(super) fn waiting(&self) -> usize {
        self.buffer.len()
    }

    /// The data of the next whole event that has any; comments have none.
    pub(super) fn next(&mut self) -> Option<String> {
        loop {
            let end = self.buffer.windows(2).position(|two| two == b"\n\n")?;
            let event: Vec<u8> = self.buffer.drain(..end + 2).collect();
            let event = String::from_utf8_lossy(&event);
            let lines = event.lines().filter_map(|line| line.strip_prefix("data:"));
            let data: Vec<_> = lines
                .map(|line| line.strip_prefix(' ').unwrap_or(line))
                .collect();
            if !data.is_empty() {
                return Some(data.join("\n"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_however_their_bytes_come() {
        let text =
            ":\n\nid: 1-2\nevent: delta\ndata: {\"é\":1}\n\n: beat\n\ndata:a\ndata: b\n\ndata: no";
        for size in [1, 2, 7, text.len()] {
            let mut sse = Sse::default();
            let mut seen = Vec::new();
            for bytes in text.as_bytes().chunks(size) {
                sse.push(bytes);
                seen.extend(std::iter::from_fn(|| sse.next()));
            }
            assert_eq!(seen, ["{\"é\":1}", "a\nb"], "{size} bytes at a time");
            assert_eq!(sse.waiting(), "data: no".len());
        }
    }
}
