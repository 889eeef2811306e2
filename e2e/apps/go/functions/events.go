package functions

import (
	"context"

	"github.com/inngest/inngestgo"
	"github.com/inngest/inngestgo/step"
)

// Functions that send events, or share one.
func events(app *registry) {
	app.add("sender", sender(app.event("receiver")), options{})
	app.add("receiver", receiver, options{})
	app.add("shared-one", returning("one"), options{triggers: inngestgo.MultipleTriggers{app.on("shared")}})
	app.add("shared-two", returning("two"), options{
		triggers: inngestgo.MultipleTriggers{app.on("shared"), app.on("other")},
	})
}

func sender(name string) handler {
	return func(ctx context.Context, call *Call) (any, error) {
		event := Event{Name: name, Data: map[string]any{"from": call.Event.Data["tag"]}}
		if _, err := step.Send(ctx, "send", event); err != nil {
			return nil, err
		}
		return value(ctx, call, "after", "sent")
	}
}

func receiver(ctx context.Context, call *Call) (any, error) {
	return value(ctx, call, "receive", call.Event.Data["from"])
}

func returning(what string) handler {
	return func(ctx context.Context, call *Call) (any, error) {
		return value(ctx, call, "work", what)
	}
}
