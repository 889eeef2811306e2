//! What a trace keeps of a conversation with a provider (server-semantics §9.4, AI-1).

use std::time::Duration;

use serde_json::{Value, json};

use super::{op, response};

/// The metadata of a conversation, without what is the same in all of these.
fn metadata(format: &str, url: &str, request: &Value, body: &str) -> Value {
    let opts = json!({"url": url, "format": format, "body": request});
    let request = op("AIGateway", &opts).ai_request().unwrap();
    let mut values = request.metadata(&response(200, &[], body)).to_value();
    let latency = values.as_object_mut().unwrap().remove("latency_ms");
    assert_eq!(latency, Some(json!(1250)));
    values
}

fn of(format: &str, url: &str, request: &Value, response: &Value) -> Value {
    metadata(format, url, request, &response.to_string())
}

#[test]
fn ai_1_openai_chat() {
    let request = json!({"model": "gpt-4o-mini", "messages": [], "temperature": 0.2, "top_p": 0.9,
        "max_tokens": 1, "max_completion_tokens": 64, "frequency_penalty": 0.5, "presence_penalty": -1, "seed": 7});
    let response = json!({"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hi"}},
            {"index": 1, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30,
            "prompt_tokens_details": {"cached_tokens": 4}, "completion_tokens_details": {"reasoning_tokens": 5}}});
    assert_eq!(
        of(
            "openai-chat",
            "https://api.openai.com/v1/chat/completions",
            &request,
            &response
        ),
        json!({"request_model": "gpt-4o-mini", "response_model": "gpt-4o-mini-2024-07-18", "response_id": "chatcmpl-1",
            "provider": "openai", "operation_name": "chat", "finish_reasons": ["stop", "length"],
            "input_tokens": 10, "output_tokens": 20, "total_tokens": 30, "cache_read_tokens": 4, "reasoning_tokens": 5,
            "temperature": 0.2, "top_p": 0.9, "max_tokens": 64, "frequency_penalty": 0.5, "presence_penalty": -1,
            "seed": 7})
    );
}

#[test]
fn ai_1_openai_responses() {
    let request = json!({"model": "gpt-5", "input": "hi", "max_output_tokens": 99});
    let usage = json!({"input_tokens": 1, "output_tokens": 2, "total_tokens": 3,
        "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 1}});
    let mut response =
        json!({"id": "resp_1", "model": "gpt-5-x", "status": "completed", "usage": usage});
    let url = "https://api.openai.com/v1/responses";
    let mut expected = json!({"request_model": "gpt-5", "response_model": "gpt-5-x", "response_id": "resp_1",
        "provider": "openai", "operation_name": "chat", "finish_reasons": ["completed"], "max_tokens": 99,
        "input_tokens": 1, "output_tokens": 2, "total_tokens": 3, "cache_read_tokens": 0, "reasoning_tokens": 1});
    assert_eq!(of("openai-responses", url, &request, &response), expected);

    response["status"] = json!("incomplete");
    response["incomplete_details"] = json!({"reason": "max_output_tokens"});
    expected["finish_reasons"] = json!(["max_output_tokens"]);
    assert_eq!(of("openai-responses", url, &request, &response), expected);
}

#[test]
fn ai_1_anthropic() {
    let request = json!({"model": "claude-3-5-haiku-latest", "max_tokens": 64, "messages": []});
    let response = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-3-5-haiku-20241022",
        "content": [{"type": "text", "text": "hi"}], "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 10, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 1000, "output_tokens": 5}});
    assert_eq!(
        of(
            "anthropic",
            "https://api.anthropic.com/v1/messages",
            &request,
            &response
        ),
        json!({"request_model": "claude-3-5-haiku-latest", "response_model": "claude-3-5-haiku-20241022",
            "response_id": "msg_1", "provider": "anthropic", "operation_name": "chat", "finish_reasons": ["end_turn"],
            "max_tokens": 64, "input_tokens": 10, "output_tokens": 5, "total_tokens": 1115,
            "cache_read_tokens": 1000, "cache_creation_tokens": 100})
    );
}

#[test]
fn ai_1_gemini() {
    let request = json!({"contents": [], "generationConfig": {"temperature": 1, "topP": 0.5, "maxOutputTokens": 8,
        "frequencyPenalty": 0.1, "presencePenalty": 0.2, "seed": 3}});
    let response = json!({"candidates": [{"content": {"parts": [{"text": "hi"}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 5, "totalTokenCount": 12,
            "cachedContentTokenCount": 2, "thoughtsTokenCount": 3},
        "modelVersion": "gemini-2.5-flash-001", "responseId": "abc"});
    let url =
        "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent";
    let expected = json!({"request_model": "gemini-2.5-flash", "response_model": "gemini-2.5-flash-001",
        "response_id": "abc", "provider": "gcp.gemini", "operation_name": "generate_content",
        "finish_reasons": ["STOP"], "input_tokens": 4, "output_tokens": 5, "total_tokens": 12, "cache_read_tokens": 2,
        "reasoning_tokens": 3, "temperature": 1, "top_p": 0.5, "max_tokens": 8, "frequency_penalty": 0.1,
        "presence_penalty": 0.2, "seed": 3});
    assert_eq!(of("gemini", url, &request, &response), expected);
    // A stream is an array of such documents, and the counts grow.
    let mut first = response.clone();
    first["usageMetadata"]["totalTokenCount"] = json!(1);
    first["candidates"][0]["finishReason"] = json!(null);
    let url = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent";
    assert_eq!(
        of("gemini", url, &request, &json!([first, response])),
        expected
    );
}

#[test]
fn ai_1_bedrock() {
    let url =
        "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-v2%3A1/converse";
    let request =
        json!({"messages": [], "inferenceConfig": {"maxTokens": 9, "temperature": 0, "topP": 1}});
    let response = json!({"output": {"message": {"role": "assistant"}}, "stopReason": "end_turn",
        "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3, "cacheReadInputTokens": 4,
            "cacheWriteInputTokens": 5}, "metrics": {"latencyMs": 7}});
    assert_eq!(
        of("bedrock", url, &request, &response),
        json!({"request_model": "anthropic.claude-v2:1", "provider": "aws.bedrock", "operation_name": "chat",
            "finish_reasons": ["end_turn"], "input_tokens": 1, "output_tokens": 2, "total_tokens": 3,
            "cache_read_tokens": 4, "cache_creation_tokens": 5, "max_tokens": 9, "temperature": 0, "top_p": 1})
    );
    let invoke = |response: Value| {
        let url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/invoke";
        let mut values = of("bedrock", url, &json!({}), &response);
        let values = values.as_object_mut().unwrap();
        values.retain(|name, _| name.contains("tokens") || name.starts_with("finish"));
        Value::Object(values.clone())
    };
    assert_eq!(
        invoke(
            json!({"prompt_token_count": 3, "generation_token_count": 4, "stop_reason": "length"})
        ),
        json!({"input_tokens": 3, "output_tokens": 4, "total_tokens": 7, "finish_reasons": ["length"]})
    );
    assert_eq!(
        invoke(
            json!({"inputTextTokenCount": 3, "results": [{"tokenCount": 4, "completionReason": "FINISH"}]})
        ),
        json!({"input_tokens": 3, "output_tokens": 4, "total_tokens": 7, "finish_reasons": ["FINISH"]})
    );
}

#[test]
fn ai_1_streams_of_events() {
    let body = |events: &[Value]| {
        let lines = events
            .iter()
            .map(|event| format!("event: x\r\ndata: {event}\r\n\r\n"));
        lines.collect::<String>() + ": ping\n\ndata: [DONE]\n\n"
    };
    let openai = body(&[
        json!({"id": "c1", "model": "m1", "choices": [{"delta": {"content": "h"}, "finish_reason": null}], "usage": null}),
        json!({"id": "c1", "model": "m1", "choices": [{"delta": {}, "finish_reason": "stop"}], "usage": null}),
        json!({"id": "c1", "model": "m1", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}),
    ]);
    let expected = |id: &str, reason: &str, provider: &str| {
        json!({"request_model": "m", "response_model": "m1", "response_id": id, "provider": provider,
            "operation_name": "chat", "finish_reasons": [reason], "input_tokens": 1, "output_tokens": 2, "total_tokens": 3})
    };
    let (url, request) = (
        "https://a.test/v1/chat/completions",
        json!({"model": "m", "stream": true}),
    );
    assert_eq!(
        metadata("openai-chat", url, &request, &openai),
        expected("c1", "stop", "openai")
    );

    let anthropic = body(&[
        json!({"type": "message_start", "message": {"id": "msg_1", "model": "m1", "stop_reason": null,
            "usage": {"input_tokens": 1, "output_tokens": 1}}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "h"}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}}),
        json!({"type": "message_stop"}),
    ]);
    let url = "https://a.test/v1/messages";
    assert_eq!(
        metadata("anthropic", url, &request, &anthropic),
        expected("msg_1", "end_turn", "anthropic")
    );

    let responses = body(&[
        json!({"type": "response.created", "response": {"id": "r1", "model": "m1", "status": "in_progress", "usage": null}}),
        json!({"type": "response.output_text.delta", "delta": "h"}),
        json!({"type": "response.completed", "response": {"id": "r1", "model": "m1", "status": "completed",
            "usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}}}),
    ]);
    let url = "https://a.test/v1/responses";
    assert_eq!(
        metadata("openai-responses", url, &request, &responses),
        expected("r1", "completed", "openai")
    );
}

#[test]
fn providers_and_operations() {
    let names = |format: &str, url: &str| {
        let values = of(format, url, &json!({}), &json!({}));
        let name = |name: &str| values[name].as_str().unwrap_or("-").to_owned();
        format!(
            "{} {} {}",
            name("provider"),
            name("operation_name"),
            name("request_model")
        )
    };
    let cases = [
        (
            "openai-chat",
            "https://api.x.ai/v1/chat/completions",
            "x_ai chat -",
        ),
        (
            "openai-chat",
            "https://api.deepseek.com/chat/completions",
            "deepseek chat -",
        ),
        (
            "openai-chat",
            "https://notx.ai/v1/completions",
            "openai text_completion -",
        ),
        (
            "openai-chat",
            "http://localhost:11434/v1/embeddings",
            "openai embeddings -",
        ),
        (
            "grok",
            "http://localhost/v1/chat/completions",
            "x_ai chat -",
        ),
        (
            "gemini",
            "http://localhost/v1/models/g:embedContent",
            "gcp.gemini embeddings g",
        ),
        (
            "azure-openai",
            "https://me.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=1",
            "azure.ai.openai chat gpt",
        ),
        (
            "azure-openai",
            "http://localhost/models",
            "azure.ai.openai chat -",
        ),
        ("teleport", "http://localhost/", "- chat -"),
    ];
    for (format, url, expected) in cases {
        assert_eq!(names(format, url), expected, "{format} {url}");
    }
}

#[test]
fn odd_responses_say_nothing() {
    let url = "https://a.test/v1/messages";
    let nothing = json!({"provider": "anthropic", "operation_name": "chat"});
    for body in [
        "",
        "<html>",
        "null",
        "[]",
        "7",
        "data:",
        "data: 7\ndata: {",
        r#"{"id":5,"model":null,"choices":{"finish_reason":"x"},"usage":[1],"stop_reason":{}}"#,
        r#"{"usage":{"input_tokens":"5"},"message":"m","response":[{}]}"#,
    ] {
        assert_eq!(
            metadata("anthropic", url, &json!({"model": 5}), body),
            nothing,
            "{body}"
        );
    }
}

#[test]
fn latency_is_in_whole_milliseconds() {
    let opts = json!({"url": "https://a.test", "body": {}});
    let request = op("AIGateway", &opts).ai_request().unwrap();
    let mut answer = response(200, &[], "{}");
    answer.duration = Duration::from_micros(1_999);
    let latency = request.metadata(&answer).member("latency_ms").unwrap();
    assert_eq!(latency.as_str(), "1");
}
