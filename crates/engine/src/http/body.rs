//! Reading a body within its limit.

use std::io::{self, Write};

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, HeaderMap};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::HttpError;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    Gzip,
    Brotli,
}

impl Encoding {
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, HttpError> {
        let mut found = Self::Identity;
        for value in headers.get_all(CONTENT_ENCODING) {
            let text = String::from_utf8_lossy(value.as_bytes());
            for coding in text
                .split(',')
                .map(str::trim)
                .filter(|coding| !coding.is_empty())
            {
                let next = match coding.to_ascii_lowercase().as_str() {
                    "identity" => continue,
                    "gzip" | "x-gzip" => Self::Gzip,
                    "br" => Self::Brotli,
                    _ => {
                        return Err(HttpError::Encoding {
                            detail: format!("content-encoding {coding:?} was not asked for"),
                        });
                    }
                };
                if found != Self::Identity {
                    return Err(HttpError::Encoding {
                        detail: "more than one content-encoding".to_owned(),
                    });
                }
                found = next;
            }
        }
        Ok(found)
    }
}

/// Reads a body to its end. `limit` bounds what is kept of it, after decompression, at any time.
pub(super) async fn read(
    mut body: Incoming,
    encoding: Encoding,
    limit: usize,
) -> Result<Bytes, HttpError> {
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if expected > limit && encoding == Encoding::Identity {
        return Err(HttpError::TooLarge { limit });
    }
    let mut sink = Sink::new(encoding, limit, expected);
    while let Some(frame) = body.frame().await {
        if let Ok(chunk) = frame.map_err(HttpError::of_body)?.into_data() {
            sink.push(chunk)?;
        }
    }
    sink.finish()
}

enum Sink {
    /// A body that came as one chunk is handed on without a copy.
    Plain {
        first: Bytes,
        all: BytesMut,
        expected: usize,
        limit: usize,
    },
    Gzip(Box<flate2::write::MultiGzDecoder<Bounded>>, Progress),
    Brotli(Box<brotli::DecompressorWriter<Bounded>>, Progress),
}

/// Whether a compressed body had any bytes: one without is empty, and not a damaged stream.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Empty,
    Some,
}

impl Sink {
    fn new(encoding: Encoding, limit: usize, expected: usize) -> Self {
        let bounded = || Bounded {
            bytes: Vec::new(),
            limit,
            exceeded: false,
        };
        match encoding {
            Encoding::Identity => Self::Plain {
                first: Bytes::new(),
                all: BytesMut::new(),
                expected,
                limit,
            },
            Encoding::Gzip => Self::Gzip(
                Box::new(flate2::write::MultiGzDecoder::new(bounded())),
                Progress::Empty,
            ),
            Encoding::Brotli => Self::Brotli(
                Box::new(brotli::DecompressorWriter::new(bounded(), 4096)),
                Progress::Empty,
            ),
        }
    }

    fn push(&mut self, chunk: Bytes) -> Result<(), HttpError> {
        if chunk.is_empty() {
            return Ok(());
        }
        match self {
            Self::Plain {
                first,
                all,
                expected,
                limit,
            } => {
                if first.len().max(all.len()) + chunk.len() > *limit {
                    return Err(HttpError::TooLarge { limit: *limit });
                }
                if first.is_empty() && all.is_empty() {
                    *first = chunk;
                    return Ok(());
                }
                if all.is_empty() {
                    all.reserve((*expected).max(first.len() + chunk.len()));
                    all.extend_from_slice(&std::mem::take(first));
                }
                all.extend_from_slice(&chunk);
                Ok(())
            }
            Self::Gzip(decoder, progress) => {
                *progress = Progress::Some;
                decoder
                    .write_all(&chunk)
                    .map_err(|error| decoder.get_ref().explain(&error))
            }
            Self::Brotli(decoder, progress) => {
                *progress = Progress::Some;
                decoder
                    .write_all(&chunk)
                    .map_err(|error| decoder.get_ref().explain(&error))
            }
        }
    }

    fn finish(self) -> Result<Bytes, HttpError> {
        match self {
            Self::Plain { first, all, .. } if all.is_empty() => Ok(first),
            Self::Plain { all, .. } => Ok(all.freeze()),
            Self::Gzip(_, Progress::Empty) | Self::Brotli(_, Progress::Empty) => Ok(Bytes::new()),
            Self::Gzip(mut decoder, Progress::Some) => {
                decoder
                    .try_finish()
                    .map_err(|error| decoder.get_ref().explain(&error))?;
                Ok(std::mem::take(&mut decoder.get_mut().bytes).into())
            }
            Self::Brotli(mut decoder, Progress::Some) => {
                decoder
                    .close()
                    .map_err(|error| decoder.get_ref().explain(&error))?;
                Ok(std::mem::take(&mut decoder.get_mut().bytes).into())
            }
        }
    }
}

/// A buffer that refuses to grow beyond its limit.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    exceeded: bool,
}

impl Bounded {
    fn explain(&self, error: &io::Error) -> HttpError {
        if self.exceeded {
            HttpError::TooLarge { limit: self.limit }
        } else {
            HttpError::Encoding {
                detail: error.to_string(),
            }
        }
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            self.exceeded = true;
            return Err(io::Error::other("the limit is exceeded"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
