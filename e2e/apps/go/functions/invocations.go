package functions

import (
	"context"
	"errors"
	"time"

	"github.com/inngest/inngestgo"
	"github.com/inngest/inngestgo/step"
)

// Functions that run other functions, and those that are run.
func invocations(app *registry) {
	once := 1
	app.add("child", child, options{})
	app.add("child-fails", childFails, options{retries: &once})
	app.add("child-slow", childSlow, options{})
	app.add("by-id", invoker(func(*Call) string { return app.slug("child") }), options{})
	app.add("other-app", invoker(func(call *Call) string { return call.Event.Data["app"].(string) + "-child" }), options{})
	app.add("uncaught", invoker(func(*Call) string { return app.slug("child-fails") }), options{})
	app.add("caught", app.caught, options{})
}

func (app *registry) slug(id string) string {
	return app.client.AppID() + "-" + id
}

func child(ctx context.Context, call *Call) (any, error) {
	double, err := value(ctx, call, "double", call.Event.Data["n"].(float64)*2)
	return map[string]any{"double": double, "event": call.Event.Name}, err
}

func childFails(context.Context, *Call) (any, error) {
	return nil, errors.New("the child says no")
}

func childSlow(ctx context.Context, call *Call) (any, error) {
	step.Sleep(ctx, "pause", 4*time.Second)
	call.note("slow", call.Event.Data["id"])
	return "late", nil
}

func invoker(target func(*Call) string) handler {
	return func(ctx context.Context, call *Call) (any, error) {
		if _, err := value[any](ctx, call, "before", nil); err != nil {
			return nil, err
		}
		result, err := step.Invoke[any](ctx, "call", step.InvokeOpts{
			FunctionId: target(call), Data: map[string]any{"n": call.Event.Data["n"]},
		})
		if err != nil {
			return nil, err
		}
		return value(ctx, call, "after", result)
	}
}

func (app *registry) caught(ctx context.Context, call *Call) (any, error) {
	_, err := step.Invoke[any](ctx, "call", step.InvokeOpts{
		FunctionId: app.slug(call.Event.Data["target"].(string)),
		Data:       map[string]any{"id": call.Event.Data["id"]},
		Timeout:    patience(call),
	})
	if err == nil {
		return "not reached", nil
	}
	return value(ctx, call, "recover", failure(err))
}

// failure tells of an error what its test wants to know. The SDK keeps the names of most, but not of `step.Invoke`'s.
func failure(err error) map[string]any {
	told := map[string]any{"message": err.Error()}
	var failed inngestgo.StepError
	if errors.As(err, &failed) {
		told["name"] = failed.Name
	}
	return told
}
