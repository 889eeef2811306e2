//! What a trace keeps of a conversation with an AI provider (server-semantics §9.4, AI-1).
//!
//! The shapes of providers do not contradict each other, so one table of paths reads them all, and
//! those who imitate them. Names of providers and operations are the ones of OpenTelemetry
//! (`gen_ai.provider.name`, `gen_ai.operation.name`), which the spans of AI libraries carry too.

use std::collections::BTreeMap;

use url::Url;

use super::{AiFormat, AiRequest, OutboundResponse};
use crate::Json;
use crate::json::tree::{Node, Tree};

#[derive(Clone, Copy)]
enum Kind {
    Number,
    Text,
    /// An array of all texts that are found.
    Texts,
}

/// A field, and where it is: paths of member names, of which the first that leads somewhere counts.
/// `*` stands for all elements of an array.
struct Field {
    name: &'static str,
    kind: Kind,
    paths: &'static [&'static str],
}

const fn number(name: &'static str, paths: &'static [&'static str]) -> Field {
    let kind = Kind::Number;
    Field { name, kind, paths }
}

const fn text(name: &'static str, paths: &'static [&'static str]) -> Field {
    let kind = Kind::Text;
    Field { name, kind, paths }
}

const fn texts(name: &'static str, paths: &'static [&'static str]) -> Field {
    let kind = Kind::Texts;
    Field { name, kind, paths }
}

/// OpenAI and Anthropic; Gemini; Bedrock.
const OF_REQUEST: &[Field] = &[
    text("request_model", &["model"]),
    number(
        "temperature",
        &[
            "temperature",
            "generationConfig.temperature",
            "inferenceConfig.temperature",
        ],
    ),
    number(
        "top_p",
        &["top_p", "generationConfig.topP", "inferenceConfig.topP"],
    ),
    number(
        "max_tokens",
        &[
            "max_completion_tokens",
            "max_tokens",
            "max_output_tokens",
            "generationConfig.maxOutputTokens",
            "inferenceConfig.maxTokens",
        ],
    ),
    number(
        "frequency_penalty",
        &["frequency_penalty", "generationConfig.frequencyPenalty"],
    ),
    number(
        "presence_penalty",
        &["presence_penalty", "generationConfig.presencePenalty"],
    ),
    number("seed", &["seed", "generationConfig.seed"]),
];

/// OpenAI chat; OpenAI responses and Anthropic; Gemini; Bedrock Converse; Bedrock Llama; Bedrock
/// Titan.
const OF_RESPONSE: &[Field] = &[
    text("response_model", &["model", "modelVersion"]),
    text("response_id", &["id", "responseId"]),
    texts(
        "finish_reasons",
        &[
            "choices.*.finish_reason",
            "stop_reason",
            "incomplete_details.reason",
            "candidates.*.finishReason",
            "stopReason",
            "results.*.completionReason",
            // OpenAI responses that did not stop early.
            "status",
        ],
    ),
    number(
        "input_tokens",
        &[
            "usage.prompt_tokens",
            "usage.input_tokens",
            "usageMetadata.promptTokenCount",
            "usage.inputTokens",
            "prompt_token_count",
            "inputTextTokenCount",
        ],
    ),
    number(
        "output_tokens",
        &[
            "usage.completion_tokens",
            "usage.output_tokens",
            "usageMetadata.candidatesTokenCount",
            "usage.outputTokens",
            "generation_token_count",
            "results.*.tokenCount",
        ],
    ),
    number(
        "total_tokens",
        &[
            "usage.total_tokens",
            "usageMetadata.totalTokenCount",
            "usage.totalTokens",
        ],
    ),
    number(
        "cache_read_tokens",
        &[
            "usage.prompt_tokens_details.cached_tokens",
            "usage.input_tokens_details.cached_tokens",
            "usage.cache_read_input_tokens",
            "usageMetadata.cachedContentTokenCount",
            "usage.cacheReadInputTokens",
        ],
    ),
    number(
        "cache_creation_tokens",
        &[
            "usage.cache_creation_input_tokens",
            "usage.cacheWriteInputTokens",
        ],
    ),
    number(
        "reasoning_tokens",
        &[
            "usage.completion_tokens_details.reasoning_tokens",
            "usage.output_tokens_details.reasoning_tokens",
            "usageMetadata.thoughtsTokenCount",
        ],
    ),
];

/// Where events of a stream keep what a response without streaming has at the top.
const WRAPPERS: &[&str] = &["message", "response", "delta"];

/// What a total consists of, where a provider reports none. Those who don't (Anthropic) count
/// cached tokens apart.
const PARTS_OF_TOTAL: &[&str] = &[
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
];

/// Providers by the end of their host names. Several offer the API of another one.
const HOSTS: &[(&str, &str)] = &[
    ("api.openai.com", "openai"),
    ("openai.azure.com", "azure.ai.openai"),
    ("anthropic.com", "anthropic"),
    ("aiplatform.googleapis.com", "gcp.vertex_ai"),
    ("generativelanguage.googleapis.com", "gcp.gemini"),
    ("x.ai", "x_ai"),
    ("deepseek.com", "deepseek"),
    ("groq.com", "groq"),
    ("mistral.ai", "mistral_ai"),
    ("perplexity.ai", "perplexity"),
    ("cohere.com", "cohere"),
];

/// Operations by the end of the URL's path; anything else is a chat.
const OPERATIONS: &[(&str, &str)] = &[
    ("/chat/completions", "chat"),
    ("/completions", "text_completion"),
    ("/embeddings", "embeddings"),
    (":embedContent", "embeddings"),
    (":batchEmbedContents", "embeddings"),
    (":generateContent", "generate_content"),
    (":streamGenerateContent", "generate_content"),
];
const OPERATION_DEFAULT: &str = "chat";

type Values = BTreeMap<&'static str, Json>;

/// The fields that are known. A text that is not JSON, nor a stream of it, says nothing.
pub(super) fn of(request: &AiRequest, response: &OutboundResponse) -> Json {
    let mut values = Values::new();
    let url = &request.outbound.url;
    if let Some(model) = model_in(url) {
        values.insert("request_model", Json::string(&model));
    }
    if let Ok(tree) = Tree::parse(request.outbound.body.as_bytes()) {
        read(OF_REQUEST, &[tree.root()], &mut values);
    }
    for_each_document(&response.body, |document| {
        let wrapped = WRAPPERS.iter().filter_map(|name| document.member(name));
        let places: Vec<_> = std::iter::once(document).chain(wrapped).collect();
        read(OF_RESPONSE, &places, &mut values);
    });
    if !values.contains_key("total_tokens")
        && let Some(total) = total(&values)
    {
        values.insert("total_tokens", Json::integer(total));
    }
    if let Some(provider) = provider(&request.format, url) {
        values.insert("provider", Json::string(provider));
    }
    values.insert("operation_name", Json::string(operation(url)));
    let latency_ms = i64::try_from(response.duration.as_millis()).unwrap_or(i64::MAX);
    values.insert("latency_ms", Json::integer(latency_ms));
    Json::object(values)
}

/// The documents of a response: one; the elements of an array, which is how Gemini streams; or the
/// events of a stream, one line each.
fn for_each_document(body: &str, mut found: impl FnMut(Node<'_, '_>)) {
    if let Ok(tree) = Tree::parse(body.as_bytes()) {
        match tree.root() {
            root if root.is_array() => root.items().for_each(found),
            root => found(root),
        }
        return;
    }
    for line in body.lines() {
        let data = line.strip_prefix("data:").unwrap_or_default().trim();
        if let Ok(tree) = Tree::parse(data.as_bytes()) {
            found(tree.root());
        }
    }
}

/// Takes what the fields find at one of the places. Later documents win over earlier ones, as
/// counts of a stream grow.
fn read(fields: &[Field], places: &[Node<'_, '_>], values: &mut Values) {
    for field in fields {
        let found = places
            .iter()
            .flat_map(|place| field.paths.iter().map(|path| nodes_at(*place, path)))
            .find_map(|nodes| field.kind.value(&nodes));
        if let Some(value) = found {
            values.insert(field.name, value);
        }
    }
}

impl Kind {
    fn value(self, nodes: &[Node<'_, '_>]) -> Option<Json> {
        match self {
            Self::Number => {
                let number = nodes.iter().find(|node| node.as_f64().is_some());
                number.map(|node| node.to_json())
            }
            Self::Text => {
                let text = nodes.iter().find(|node| node.is_text());
                text.map(|node| node.to_json())
            }
            Self::Texts => {
                let texts: Vec<_> = nodes
                    .iter()
                    .filter(|node| node.is_text())
                    .map(|node| node.to_json())
                    .collect();
                (!texts.is_empty()).then(|| Json::array(&texts))
            }
        }
    }
}

fn nodes_at<'t, 'a>(from: Node<'t, 'a>, path: &str) -> Vec<Node<'t, 'a>> {
    path.split('.').fold(vec![from], |nodes, step| {
        let next = nodes.into_iter().flat_map(|node| -> Vec<_> {
            match step {
                "*" => node.items().collect(),
                name => node.member(name).into_iter().collect(),
            }
        });
        next.collect()
    })
}

fn total(values: &Values) -> Option<i64> {
    values.get("output_tokens").or(values.get("input_tokens"))?;
    let counts = PARTS_OF_TOTAL
        .iter()
        .filter_map(|name| values.get(name)?.as_str().parse::<i64>().ok());
    Some(counts.fold(0, i64::saturating_add))
}

/// The model that a URL names: `…/models/<model>:generateContent`, `…/model/<model>/converse`,
/// `…/deployments/<model>/…`.
fn model_in(url: &Url) -> Option<String> {
    let mut segments = url.path_segments()?;
    let kind = segments.find(|segment| matches!(*segment, "models" | "model" | "deployments"))?;
    let segment = segments.next().filter(|segment| !segment.is_empty())?;
    let model = match kind {
        "models" => segment.split(':').next().unwrap_or(segment),
        _ => segment,
    };
    // Ids of Bedrock have colons, which some clients encode.
    Some(model.replace("%3A", ":"))
}

fn provider(format: &AiFormat, url: &Url) -> Option<&'static str> {
    let host = url.host_str().unwrap_or_default();
    let by_host = HOSTS.iter().find(|(end, _)| {
        host.strip_suffix(end)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    match (by_host, format) {
        (Some((_, provider)), _) => Some(provider),
        (None, AiFormat::OpenAiChat | AiFormat::OpenAiResponses) => Some("openai"),
        (None, AiFormat::Grok) => Some("x_ai"),
        (None, AiFormat::AzureOpenAi) => Some("azure.ai.openai"),
        (None, AiFormat::Anthropic) => Some("anthropic"),
        (None, AiFormat::Gemini) => Some("gcp.gemini"),
        (None, AiFormat::Bedrock) => Some("aws.bedrock"),
        (None, AiFormat::Other(_)) => None,
    }
}

fn operation(url: &Url) -> &'static str {
    OPERATIONS
        .iter()
        .find(|(end, _)| url.path().ends_with(end))
        .map_or(OPERATION_DEFAULT, |(_, operation)| operation)
}
