package functions

import (
	"context"

	"github.com/inngest/inngestgo"
)

// A function that is due every minute, which is as often as a schedule can be.
func schedules(app *registry) {
	// The event only shows that the app is there.
	app.add("tick", tick, options{
		triggers: inngestgo.MultipleTriggers{inngestgo.CronTrigger("* * * * *"), app.on("tick")},
	})
}

func tick(ctx context.Context, call *Call) (any, error) {
	call.note("tick", call.Event)
	return value(ctx, call, "work", "ticked")
}
