package functions

import (
	"context"
	"errors"
	"time"

	"github.com/inngest/inngestgo"
	"github.com/inngest/inngestgo/step"
)

// Functions that are cancelled while they sleep, wait or execute.
func cancellations(app *registry) {
	sameID, seconds := "event.data.id == async.data.id", 2*time.Second
	cancel := []inngestgo.ConfigCancel{{Event: app.event("cancel"), If: &sameID}}
	app.addPaused("asleep", asleep, options{cancel: cancel})
	app.addPaused("waiting", app.waitingForNothing, options{cancel: cancel})
	app.addPaused("executing", executing, options{cancel: cancel})
	app.addPaused("plain", asleep, options{})
	app.addPaused("never-starts", asleep, options{timeouts: &inngestgo.ConfigTimeouts{Start: &seconds}})
	app.addPaused("never-finishes", asleep, options{timeouts: &inngestgo.ConfigTimeouts{Finish: &seconds}})
	app.add("on-cancelled", noting("cancelled"), options{triggers: listening("inngest/function.cancelled")})
	app.add("passer-by", passerBy, options{})
}

// addPaused adds a function with a step before and after the pause, and its failure handler.
func (app *registry) addPaused(id string, pause func(context.Context, *Call) error, more options) {
	app.add(id, func(ctx context.Context, call *Call) (any, error) {
		if _, err := value[any](ctx, call, "before", nil); err != nil {
			return nil, err
		}
		if err := pause(ctx, call); err != nil {
			return nil, err
		}
		return value(ctx, call, "after", "not cancelled")
	}, more)
	app.add(id+"-failure", func(_ context.Context, call *Call) (any, error) {
		call.note("on-failure", call.Event.Data["run_id"])
		return nil, nil
	}, options{triggers: app.failureOf(id)})
}

func asleep(ctx context.Context, _ *Call) error {
	step.Sleep(ctx, "pause", time.Minute)
	return nil
}

func (app *registry) waitingForNothing(ctx context.Context, _ *Call) error {
	options := step.WaitForEventOpts{Event: app.event("never"), Timeout: time.Minute}
	_, err := step.WaitForEvent[Event](ctx, "pause", options)
	if errors.Is(err, step.ErrEventNotReceived) {
		return nil
	}
	return err
}

func executing(ctx context.Context, call *Call) error {
	_, err := run(ctx, call, "long", func() (string, error) {
		time.Sleep(2 * time.Second)
		return "done", nil
	})
	return err
}

func passerBy(ctx context.Context, call *Call) (any, error) {
	return value(ctx, call, "work", "passed")
}
