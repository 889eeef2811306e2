package functions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/inngest/inngestgo"
)

// Errors in steps and between them.
func failures(app *registry) {
	none, once := 0, 1
	app.add("step-retry", stepRetry, options{})
	app.add("step-fails", stepFails, options{retries: &once})
	app.add("step-caught", stepCaught, options{retries: &once})
	app.add("step-fatal", stepFatal, options{})
	app.add("body-fatal", bodyFatal, options{})
	app.add("step-retry-after", stepRetryAfter, options{})
	app.add("body-retry-after", bodyRetryAfter, options{})
	app.add("body-retry", bodyRetry, options{})
	app.add("no-retries", onlyBoom, options{retries: &none})
	app.add("no-retries-body", noRetriesBody, options{retries: &none})
}

type attempt struct {
	Attempt int `json:"attempt"`
}

// tooEarly fails so many times.
func tooEarly(call *Call, times int) (attempt, error) {
	if call.Attempt < times {
		return attempt{}, fmt.Errorf("attempt %d is too early", call.Attempt)
	}
	return attempt{call.Attempt}, nil
}

func boom() (any, error) {
	return nil, errors.New("boom for good")
}

func neverAgain() error {
	return inngestgo.NoRetryError(errors.New("never again"))
}

// later asks for a retry when the event says so. The SDK cuts the instant to whole seconds: up, so that none is lost.
func later(call *Call) error {
	delay := time.Duration(call.Event.Data["delayMs"].(float64)) * time.Millisecond
	at := time.Now().Add(delay + time.Second - time.Nanosecond)
	return inngestgo.RetryAtError(errors.New("later"), at)
}

func stepRetry(ctx context.Context, call *Call) (any, error) {
	if _, err := value[any](ctx, call, "before", nil); err != nil {
		return nil, err
	}
	result, err := run(ctx, call, "flaky", func() (attempt, error) { return tooEarly(call, 2) })
	if err != nil {
		return nil, err
	}
	return value(ctx, call, "after", result)
}

func stepFails(ctx context.Context, call *Call) (any, error) {
	if _, err := value[any](ctx, call, "before", nil); err != nil {
		return nil, err
	}
	return run(ctx, call, "boom", boom)
}

func stepCaught(ctx context.Context, call *Call) (any, error) {
	_, err := run(ctx, call, "boom", boom)
	var failed inngestgo.StepError
	if errors.As(err, &failed) {
		return value(ctx, call, "recover", map[string]any{"caught": failed.Message})
	}
	return "not reached", err
}

func stepFatal(ctx context.Context, call *Call) (any, error) {
	return run(ctx, call, "fatal", func() (any, error) { return nil, neverAgain() })
}

func bodyFatal(ctx context.Context, call *Call) (any, error) {
	if _, err := value[any](ctx, call, "before", nil); err != nil {
		return nil, err
	}
	call.note("body", call.Attempt)
	return nil, neverAgain()
}

func stepRetryAfter(ctx context.Context, call *Call) (any, error) {
	return run(ctx, call, "patient", func() (any, error) {
		if call.Attempt == 0 {
			return nil, later(call)
		}
		return "patient", nil
	})
}

func bodyRetryAfter(ctx context.Context, call *Call) (any, error) {
	call.note("body", call.Attempt)
	if call.Attempt == 0 {
		return nil, later(call)
	}
	return value(ctx, call, "patient", "patient")
}

func bodyRetry(ctx context.Context, call *Call) (any, error) {
	if _, err := value[any](ctx, call, "before", nil); err != nil {
		return nil, err
	}
	call.note("body", call.Attempt)
	return tooEarly(call, 2)
}

func onlyBoom(ctx context.Context, call *Call) (any, error) {
	return run(ctx, call, "boom", boom)
}

func noRetriesBody(_ context.Context, call *Call) (any, error) {
	call.note("body", call.Attempt)
	return boom()
}
