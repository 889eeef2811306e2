package functions

import (
	"context"
	"errors"
	"time"

	"github.com/inngest/inngestgo"
	"github.com/inngest/inngestgo/step"
)

// Functions that pause until something happens, while things are being killed.
func loadPausing(app *registry) {
	sameID := "event.data.id == async.data.id"
	waiting := func(ctx context.Context, call *Call, n int) (any, error) {
		return app.loadWaiting(ctx, call, n, step.WaitForEventOpts{Event: app.event("answer"), If: &sameID})
	}
	app.add("waiting", numbered(waiting), options{retries: &loadRetries})
	app.add("signalled", numbered(loadSignalled), options{retries: &loadRetries})
	app.add("parent", numbered(app.loadParent), options{retries: &loadRetries})
	app.add("child", numbered(loadChild), options{retries: &loadRetries})
	app.add("cancellable", numbered(loadCancellable), options{
		retries: &loadRetries,
		cancel:  []inngestgo.ConfigCancel{{Event: app.event("cancel"), If: &sameID}},
	})
	app.add("on-cancelled", loadOnCancelled, options{
		triggers: app.endOf("cancellable", "inngest/function.cancelled"),
		retries:  &loadRetries,
	})
	app.add("tick", loadTick, options{
		triggers: inngestgo.MultipleTriggers{inngestgo.CronTrigger("* * * * *")},
		retries:  &loadRetries,
	})
}

func (app *registry) loadWaiting(ctx context.Context, call *Call, n int, wait step.WaitForEventOpts) (any, error) {
	if _, err := work(ctx, call, "before", n); err != nil {
		return nil, err
	}
	wait.Timeout = patience(call)
	answer, err := step.WaitForEvent[Event](ctx, "wait", wait)
	if errors.Is(err, step.ErrEventNotReceived) {
		return work[any](ctx, call, "after", "timeout")
	}
	if err != nil {
		return nil, err
	}
	return work(ctx, call, "after", answer.Data["n"])
}

func loadSignalled(ctx context.Context, call *Call, n int) (any, error) {
	if _, err := work(ctx, call, "before", n); err != nil {
		return nil, err
	}
	answer, err := step.WaitForSignal[any](ctx, "wait", step.WaitForSignalOpts{
		Signal: call.Event.Data["id"].(string), Timeout: 10 * time.Minute,
	})
	if errors.Is(err, step.ErrSignalNotReceived) {
		return work[any](ctx, call, "after", "timeout")
	}
	if err != nil {
		return nil, err
	}
	return work(ctx, call, "after", answer.Data)
}

func (app *registry) loadParent(ctx context.Context, call *Call, n int) (any, error) {
	before, err := work(ctx, call, "before", n)
	if err != nil {
		return nil, err
	}
	result, err := step.Invoke[any](ctx, "call", step.InvokeOpts{
		FunctionId: app.slug("child"), Data: map[string]any{"n": before},
	})
	if err != nil {
		return nil, err
	}
	return work(ctx, call, "after", result)
}

func loadChild(ctx context.Context, call *Call, n int) (any, error) {
	call.note("child", n)
	one, err := work(ctx, call, "one", n+1)
	if err != nil {
		return nil, err
	}
	step.Sleep(ctx, "pause", time.Second)
	return work(ctx, call, "two", one*2)
}

func loadCancellable(ctx context.Context, call *Call, n int) (any, error) {
	if _, err := work(ctx, call, "before", n); err != nil {
		return nil, err
	}
	step.Sleep(ctx, "pause", 10*time.Minute)
	return work(ctx, call, "after", n)
}

func loadOnCancelled(_ context.Context, call *Call) (any, error) {
	call.note("cancelled", call.Event.Data["run_id"])
	return nil, nil
}

func loadTick(ctx context.Context, call *Call) (any, error) {
	return run(ctx, call, "work", func() (string, error) {
		call.note("tick", call.Event.Data["scheduledAt"])
		return "ticked", nil
	})
}
