package functions

import (
	"context"
	"net/http"

	"github.com/inngest/inngestgo/step"
)

const key = "secret-of-the-app"

// Requests that the server makes for a function. Where to is in the event.
func gateways(app *registry) {
	once := 1
	app.add("fetch", fetch, options{})
	app.add("fetch-caught", fetchCaught, options{retries: &once})
	app.add("infer-openai", replying(inferOpenAI), options{})
	app.add("infer-anthropic", replying(inferAnthropic), options{})
	app.add("infer-caught", inferCaught, options{retries: &once})
}

func fetch(ctx context.Context, call *Call) (any, error) {
	response, err := step.Fetch[string](ctx, "fetch", step.FetchOpts{
		URL:     call.Event.Data["url"].(string),
		Method:  http.MethodPut,
		Headers: map[string]string{"x-question": "why"},
		Body:    "hello",
	})
	if err != nil {
		return nil, err
	}
	headers := http.Header{}
	for name, value := range response.Headers {
		headers.Set(name, value)
	}
	return value(ctx, call, "after", map[string]any{
		"status": response.StatusCode, "header": headers.Get("x-answer"), "body": response.Body,
	})
}

func fetchCaught(ctx context.Context, call *Call) (any, error) {
	options := step.FetchOpts{URL: call.Event.Data["url"].(string), Method: http.MethodGet}
	_, err := step.Fetch[string](ctx, "fetch", options)
	return recovered(ctx, call, err)
}

func inferOpenAI(ctx context.Context, call *Call) (map[string]any, error) {
	return infer(ctx, call, "/v1/chat/completions", step.InferFormatOpenAIChat, map[string]any{"model": "some-gpt"})
}

func inferAnthropic(ctx context.Context, call *Call) (map[string]any, error) {
	body := map[string]any{"model": "some-claude", "max_tokens": 7}
	return infer(ctx, call, "/v1/messages", step.InferFormatAnthropic, body)
}

func infer(ctx context.Context, call *Call, path string, format step.InferFormat, body map[string]any) (map[string]any, error) {
	body["messages"] = []any{map[string]any{"role": "user", "content": call.Event.Data["content"]}}
	return step.Infer[map[string]any, map[string]any](ctx, "infer", step.InferOpts[map[string]any]{
		Opts: step.InferRequestOpts{URL: call.Event.Data["origin"].(string) + path, AuthKey: key, Format: format},
		Body: body,
	})
}

func replying(infer func(context.Context, *Call) (map[string]any, error)) handler {
	return func(ctx context.Context, call *Call) (any, error) {
		reply, err := infer(ctx, call)
		if err != nil {
			return nil, err
		}
		return value(ctx, call, "after", reply)
	}
}

func inferCaught(ctx context.Context, call *Call) (any, error) {
	_, err := inferOpenAI(ctx, call)
	return recovered(ctx, call, err)
}

// recovered tells what became of a request, if it went wrong as it should.
func recovered(ctx context.Context, call *Call, err error) (any, error) {
	if err == nil {
		return "not reached", nil
	}
	return value(ctx, call, "recover", failure(err))
}
