//! Calls to apps.

use async_trait::async_trait;
use everstep_core::effect::Call;
use everstep_protocol::reply::Reply;

/// Makes one call and says how it was answered. It never fails: the lack of an answer is a reply
/// too (sdk-protocol §5.1, rule 1).
#[async_trait]
pub trait Caller: Send + Sync + 'static {
    async fn call(&self, call: Call) -> Reply;
}

/// Calls over HTTP.
pub struct HttpCaller;
