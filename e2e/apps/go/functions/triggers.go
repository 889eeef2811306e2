package functions

import (
	"context"

	"github.com/inngest/inngestgo"
)

// What makes a function start, and what does not.
func triggers(app *registry) {
	candidates := map[string]string{
		"above":  "event.data.x > 5",
		"below":  "event.data.x < 5",
		"absent": "event.data.x == null",
		"tagged": "event.data.kind == 'a' && event.data.tags.exists(tag, tag == 'b')",
	}
	for id, expression := range candidates {
		app.add(id, named(id), options{triggers: app.onlyIf("candidate", expression)})
	}
	app.add("twice", named("twice"), options{
		triggers: append(app.onlyIf("twice", "event.data.n == 1"), app.onlyIf("twice", "event.data.n < 10")...),
	})
	app.add("idempotent", named("idempotent"), options{idempotency: inngestgo.StrPtr("event.data.key")})
	app.add("plain", named("plain"), options{})
}

// onlyIf triggers on those of the app's own events for which the expression is true.
func (app *registry) onlyIf(event, expression string) inngestgo.MultipleTriggers {
	return inngestgo.MultipleTriggers{inngestgo.EventTrigger(app.event(event), &expression)}
}

// named returns its own id, so that the outputs of an event's runs tell which functions it started.
func named(id string) handler {
	return func(ctx context.Context, call *Call) (any, error) {
		return value(ctx, call, "name", id)
	}
}
