package functions

import (
	"context"
	"fmt"

	"github.com/inngest/inngestgo"
	"github.com/inngest/inngestgo/step"

	"everstep-e2e/journal"
)

// Event is what functions are called with.
type Event = inngestgo.GenericEvent[map[string]any]

// Call is what a function gets besides the SDK's context: its event, and a journal of the steps that it executes.
type Call struct {
	Event Event
	// One, unless they were collected in a batch.
	Events  []Event
	Attempt int

	run     string
	journal *journal.Journal
	uses    map[string]int
}

func newCall(input inngestgo.Input[map[string]any], to *journal.Journal) *Call {
	return &Call{
		Event:   input.Event,
		Events:  input.Events,
		Attempt: input.InputCtx.Attempt,
		run:     input.InputCtx.RunID,
		journal: to,
		uses:    map[string]int{},
	}
}

// run is `step.Run` with a journal.
func run[T any](ctx context.Context, call *Call, id string, work func() (T, error)) (T, error) {
	key := call.key(id)
	return step.Run(ctx, id, func(context.Context) (T, error) {
		call.write("step", key, journal.Fields{})
		value, err := work()
		if err != nil {
			call.write("step-failed", key, journal.Fields{"error": err.Error()})
		} else {
			call.write("step-done", key, journal.Fields{})
		}
		return value, err
	})
}

// value is a step that returns what is known already.
func value[T any](ctx context.Context, call *Call, id string, value T) (T, error) {
	return run(ctx, call, id, func() (T, error) { return value, nil })
}

func (call *Call) note(name string, value any) {
	call.journal.Write("note", journal.Fields{"run": call.run, "name": name, "value": value})
}

func (call *Call) write(kind, key string, fields journal.Fields) {
	fields["run"], fields["step"], fields["attempt"] = call.run, key, call.Attempt
	call.journal.Write(kind, fields)
}

// key tells repeated ids apart by a counter, as the SDK does. Parallel branches need no lock: the SDK runs one at a time.
func (call *Call) key(id string) string {
	uses := call.uses[id]
	call.uses[id]++
	if uses == 0 {
		return id
	}
	return fmt.Sprintf("%s:%d", id, uses)
}
