//! The live feed of one topic. A connection that is lost is made again, and goes on with the cursor
//! of the last message. Where there is no feed, it is time to look every few seconds.

use std::time::Duration;

use everstep_engine::http::Streaming;
use http::StatusCode;
use serde_json::Value;

use super::sse::Sse;
use super::{Query, Session};
use crate::cli::Exit;

/// A connection of which nothing comes for so long is lost: the server gives a sign of life every
/// 15 s.
const SILENCE_MAX: Duration = Duration::from_secs(45);
/// Between two attempts to connect; they become rarer until it is [`PAUSE_MAX`].
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// Between two looks where there is no feed.
const LOOK: Duration = Duration::from_secs(2);
/// Bytes of a message; the server's have a hundred rows at most.
const MESSAGE_MAX: usize = 16 * 1024 * 1024;

/// What the feed tells.
#[derive(Debug, PartialEq)]
pub(in crate::cli) enum News {
    /// Rows that changed, as they are now.
    Rows(Vec<Value>),
    /// More may have changed than is told: look anew.
    Look,
}

/// A topic that is followed.
pub(in crate::cli) struct Feed<'s> {
    session: &'s Session,
    topic: String,
    cursor: Option<String>,
    source: Source,
}

enum Source {
    Connected(Streaming, Sse),
    /// To be connected after a pause.
    Lost(Duration),
    /// The server has no feed.
    Absent,
}

impl<'s> Feed<'s> {
    /// What happens to a topic, such as `runs`, from now on: who looks once it is open misses nothing.
    pub(in crate::cli) async fn open(session: &'s Session, topic: &str) -> Result<Self, Exit> {
        let mut feed = Self {
            session,
            topic: topic.to_owned(),
            cursor: None,
            source: Source::Absent,
        };
        feed.connect().await?;
        // It tells from where on; what there is now is no news.
        feed.message().await?;
        Ok(feed)
    }

    /// Whether the server tells what happens by itself.
    pub(in crate::cli) fn is_live(&self) -> bool {
        !matches!(self.source, Source::Absent)
    }

    /// Waits for news.
    pub(in crate::cli) async fn next(&mut self) -> Result<News, Exit> {
        loop {
            match self.source {
                Source::Connected(..) => {
                    if let Some(news) = self.message().await? {
                        return Ok(news);
                    }
                }
                Source::Lost(pause) => {
                    tokio::time::sleep(pause).await;
                    self.source = Source::Lost((pause * 2).min(PAUSE_MAX));
                    self.connect_again().await?;
                }
                Source::Absent => {
                    tokio::time::sleep(LOOK).await;
                    return Ok(News::Look);
                }
            }
        }
    }

    /// Asks the server, and asks again for as long as it can't be reached.
    pub(in crate::cli) async fn ask<T>(
        &self,
        ask: impl AsyncFn() -> Result<T, Exit>,
    ) -> Result<T, Exit> {
        let mut pause = PAUSE_MIN;
        loop {
            match ask().await {
                Err(exit) if exit.is_unreachable() => {
                    if pause == PAUSE_MIN {
                        self.session
                            .printer
                            .note("the server can't be reached; asking again");
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
                result => return result,
            }
        }
    }

    async fn connect_again(&mut self) -> Result<(), Exit> {
        match self.connect().await {
            Ok(()) => Ok(()),
            Err(exit) if exit.is_unreachable() => Ok(()),
            Err(exit) => Err(exit),
        }
    }

    async fn connect(&mut self) -> Result<(), Exit> {
        let query = Query::default()
            .set("topic", &self.topic)
            .maybe("cursor", self.cursor.clone());
        let api = &self.session.api;
        let stream = api.open(api.url(&["v2", "live", "sse"], &query)?).await?;
        let is_first = self.cursor.is_none();
        match stream.status {
            StatusCode::OK => {
                if !is_first {
                    self.session.printer.note("connected again");
                }
                self.source = Source::Connected(stream, Sse::default());
            }
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                return Err(Exit::not_allowed(format!(
                    "the live feed answered {status}"
                )));
            }
            // A server that is about to stop or to start, or what stands before it.
            status if status.is_server_error() && !is_first => {}
            status => {
                let note = format!(
                    "no live feed ({status}): looking every {} s",
                    LOOK.as_secs()
                );
                self.session.printer.note(&note);
                self.source = Source::Absent;
            }
        }
        Ok(())
    }

    /// The next message of the connection; `None` if there is none, or no longer.
    async fn message(&mut self) -> Result<Option<News>, Exit> {
        let Source::Connected(stream, sse) = &mut self.source else {
            return Ok(None);
        };
        loop {
            if let Some(data) = sse.next() {
                let (cursor, news) = read(&data)?;
                self.cursor = cursor;
                return Ok(Some(news));
            }
            if sse.waiting() > MESSAGE_MAX {
                let text = format!("the live feed has a message of more than {MESSAGE_MAX} bytes");
                return Err(Exit::failed(text));
            }
            match stream.chunk(SILENCE_MAX).await {
                Ok(Some(bytes)) => sse.push(&bytes),
                Ok(None) | Err(_) => {
                    let note = "the connection is lost; connecting again";
                    self.session.printer.note(note);
                    self.source = Source::Lost(PAUSE_MIN);
                    return Ok(None);
                }
            }
        }
    }
}

/// The cursor of a message, and what it tells.
fn read(data: &str) -> Result<(Option<String>, News), Exit> {
    let mut message: Value = serde_json::from_str(data)
        .map_err(|error| Exit::failed(format!("the live feed is not JSON: {error}")))?;
    let news = match message["data"].take() {
        Value::Array(rows) => News::Rows(rows),
        // A gap has none.
        _ => News::Look,
    };
    Ok((message["cursor"].as_str().map(str::to_owned), news))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_gap_is_a_reason_to_look() {
        let delta = r#"{"topic":"runs","kind":"delta","cursor":"1-2","data":[{"id":"a"}]}"#;
        let rows = News::Rows(vec![json!({ "id": "a" })]);
        assert_eq!(read(delta).unwrap(), (Some("1-2".to_owned()), rows));
        let gap = r#"{"topic":"runs","kind":"gap","cursor":"1-3"}"#;
        assert_eq!(read(gap).unwrap(), (Some("1-3".to_owned()), News::Look));
        assert_eq!(read("hello").unwrap_err().code(), 1);
    }
}
