// Package functions has the sets of functions that the app can serve; apps/ts/functions has the same ones under the
// same names.
package functions

import (
	"context"
	"fmt"

	"github.com/inngest/inngestgo"

	"everstep-e2e/journal"
)

var sets = map[string][]func(*registry){
	"scenarios":    {basics, parallels, values, failures, events},
	"load":         {load},
	"internal":     {internals},
	"changed":      {changed},
	"triggers":     {triggers},
	"cron":         {schedules},
	"waits":        {waits},
	"invoke":       {invocations},
	"cancellation": {cancellations},
	"gateway":      {gateways},
	"limits":       {limits},
	"flow":         {flow},
}

// Register makes the client serve the set of this name.
func Register(set string, client inngestgo.Client, to *journal.Journal) error {
	parts, ok := sets[set]
	if !ok {
		return fmt.Errorf("no set of functions is called %q", set)
	}
	app := &registry{client: client, journal: to}
	for _, part := range parts {
		part(app)
	}
	return app.err
}

type handler = func(context.Context, *Call) (any, error)

// options of a function; its zero value is what most of them have.
type options struct {
	// The app's event of the function's name, if empty.
	triggers    inngestgo.MultipleTriggers
	retries     *int
	cancel      []inngestgo.ConfigCancel
	timeouts    *inngestgo.ConfigTimeouts
	idempotency *string
	// Sets what only a few functions have.
	configure func(*inngestgo.FunctionOpts)
}

type registry struct {
	client  inngestgo.Client
	journal *journal.Journal
	// The first error of `add`: reported once, so that the sets read as lists.
	err error
}

// event is the app's own event of this name, so that apps on one server do not trigger each other.
func (app *registry) event(name string) string {
	return app.client.AppID() + "/" + name
}

// on is the trigger of the app's own event.
func (app *registry) on(name string) inngestgo.Trigger {
	return inngestgo.EventTrigger(app.event(name), nil)
}

func (app *registry) add(id string, handle handler, more options) {
	triggers := more.triggers
	if triggers == nil {
		triggers = inngestgo.MultipleTriggers{app.on(id)}
	}
	opts := inngestgo.FunctionOpts{
		ID: id, Retries: more.retries, Cancel: more.cancel, Timeouts: more.timeouts, Idempotency: more.idempotency,
	}
	if more.configure != nil {
		more.configure(&opts)
	}
	_, err := inngestgo.CreateFunction(
		app.client,
		opts,
		triggers,
		func(ctx context.Context, input inngestgo.Input[map[string]any]) (any, error) {
			return handle(ctx, newCall(input, app.journal))
		},
	)
	if app.err == nil {
		app.err = err
	}
}
