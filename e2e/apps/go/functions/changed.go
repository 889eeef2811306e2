package functions

import (
	"context"

	"github.com/inngest/inngestgo"
)

// What the app serves after a deploy: `sequence` is as before, `parallel` listens to another event, the rest is gone.
func changed(app *registry) {
	app.add("sequence", sequence, options{})
	app.add("parallel", moved, options{triggers: inngestgo.MultipleTriggers{app.on("moved")}})
	app.add("brand-new", brandNew, options{})
}

func moved(ctx context.Context, call *Call) (any, error) {
	return value(ctx, call, "moved", "moved")
}

func brandNew(context.Context, *Call) (any, error) {
	return "new", nil
}
