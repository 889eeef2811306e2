package functions

import (
	"context"
	"errors"
	"fmt"

	"github.com/inngest/inngestgo"
)

// Functions that listen to what the server itself sends when runs end, and some that end.
func internals(app *registry) {
	none := 0
	app.add("succeeds", succeeds, options{})
	app.add("fails", fails, options{retries: &none})
	app.add("with-handler", fails, options{retries: &none})
	app.add("with-handler-failure", onFailure, options{triggers: app.failureOf("with-handler")})
	app.add("on-failed", noting("failed"), options{triggers: listening("inngest/function.failed")})
	app.add("on-finished", noting("finished"), options{triggers: listening("inngest/function.finished")})
}

// failureOf makes what other SDKs make of an onFailure option, which this one does not have.
func (app *registry) failureOf(id string) inngestgo.MultipleTriggers {
	return app.endOf(id, "inngest/function.failed")
}

// endOf triggers on the events of this name that tell of the end of a run of the function.
func (app *registry) endOf(id, event string) inngestgo.MultipleTriggers {
	expression := fmt.Sprintf("event.data.function_id == '%s-%s'", app.client.AppID(), id)
	return inngestgo.MultipleTriggers{inngestgo.EventTrigger(event, &expression)}
}

func listening(event string) inngestgo.MultipleTriggers {
	return inngestgo.MultipleTriggers{inngestgo.EventTrigger(event, nil)}
}

func succeeds(context.Context, *Call) (any, error) {
	return map[string]any{"fine": true}, nil
}

func fails(context.Context, *Call) (any, error) {
	return nil, errors.New("out of range")
}

func onFailure(_ context.Context, call *Call) (any, error) {
	data := call.Event.Data
	message := data["error"].(map[string]any)["message"]
	call.note("on-failure", map[string]any{"message": message, "data": data})
	return nil, nil
}

func noting(name string) handler {
	return func(_ context.Context, call *Call) (any, error) {
		call.note(name, call.Event)
		return nil, nil
	}
}
