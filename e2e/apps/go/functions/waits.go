package functions

import (
	"context"
	"errors"
	"time"

	"github.com/inngest/inngestgo/group"
	"github.com/inngest/inngestgo/step"
)

// Waiting for events and signals. What is waited for, and how long, is in the event.
func waits(app *registry) {
	sameID, invalid := "event.data.id == async.data.id", "event.data.id =="
	app.add("wait", app.waiting(nil), options{})
	app.add("wait-self", app.waiting(nil), options{})
	app.add("wait-if", app.waiting(&sameID), options{})
	app.add("wait-invalid", app.waiting(&invalid), options{})
	app.add("wait-beside-send", app.waitBesideSend, options{})
	app.add("signal", signal, options{})
}

func (app *registry) waiting(condition *string) handler {
	return func(ctx context.Context, call *Call) (any, error) {
		if _, err := value[any](ctx, call, "before", nil); err != nil {
			return nil, err
		}
		told, err := app.wait(ctx, call, condition)
		if err != nil {
			return nil, err
		}
		return value(ctx, call, "after", told)
	}
}

// wait tells of the event that came, or that none did.
func (app *registry) wait(ctx context.Context, call *Call, condition *string) (any, error) {
	event, err := step.WaitForEvent[Event](ctx, "wait", step.WaitForEventOpts{
		Event: app.awaited(call), Timeout: patience(call), If: condition,
	})
	if errors.Is(err, step.ErrEventNotReceived) {
		return "timeout", nil
	}
	return map[string]any{"name": event.Name, "n": event.Data["n"]}, err
}

func (app *registry) awaited(call *Call) string {
	return app.event(call.Event.Data["for"].(string))
}

func patience(call *Call) time.Duration {
	return time.Duration(call.Event.Data["seconds"].(float64)) * time.Second
}

func (app *registry) waitBesideSend(ctx context.Context, call *Call) (any, error) {
	results := group.Parallel(ctx,
		func(ctx context.Context) (any, error) { return app.wait(ctx, call, nil) },
		func(ctx context.Context) (any, error) {
			event := Event{Name: app.awaited(call), Data: map[string]any{"n": call.Event.Data["n"]}}
			return step.Send(ctx, "send", event)
		},
	)
	if err := results.AnyError(); err != nil {
		return nil, err
	}
	return value(ctx, call, "after", results[0].Value)
}

func signal(ctx context.Context, call *Call) (any, error) {
	if _, err := value[any](ctx, call, "before", nil); err != nil {
		return nil, err
	}
	conflict := step.SignalConflictFail
	if call.Event.Data["replace"] == true {
		conflict = step.SignalConflictReplace
	}
	received, err := step.WaitForSignal[any](ctx, "wait", step.WaitForSignalOpts{
		Signal: call.Event.Data["signal"].(string), Timeout: patience(call), OnConflict: conflict,
	})
	if errors.Is(err, step.ErrSignalNotReceived) {
		return value(ctx, call, "after", "timeout")
	}
	if err != nil {
		return nil, err
	}
	return value(ctx, call, "after", received)
}
