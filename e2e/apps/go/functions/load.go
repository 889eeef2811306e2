package functions

import (
	"context"
	"errors"
	"time"

	"github.com/inngest/inngestgo/step"
)

// More failures than any of the tests can cause.
var loadRetries = 20

// What runs while things are being killed. Steps take a moment, so that a kill can hit one in the middle.
func load(app *registry) {
	shapes := map[string]func(context.Context, *Call, int) (any, error){
		"seq": loadSequence, "par": loadParallel, "branches": loadBranches, "sleepy": loadSleepy, "flaky": loadFlaky,
	}
	for id, shape := range shapes {
		app.add(id, numbered(shape), options{retries: &loadRetries})
	}
	// One event for the functions of all apps.
	app.add("fanout", numbered(loadFanout), options{
		triggers: listening("load/fanout"),
		retries:  &loadRetries,
	})
	loadPausing(app)
}

func numbered(shape func(context.Context, *Call, int) (any, error)) handler {
	return func(ctx context.Context, call *Call) (any, error) {
		return shape(ctx, call, call.number())
	}
}

func (call *Call) number() int {
	return int(call.Event.Data["n"].(float64))
}

// pause takes 5 to 60 ms, different from run to run.
func pause(call *Call) {
	time.Sleep(time.Duration(5+call.number()*17%56) * time.Millisecond)
}

func work[T any](ctx context.Context, call *Call, id string, value T) (T, error) {
	return run(ctx, call, id, func() (T, error) {
		pause(call)
		return value, nil
	})
}

func loadSequence(ctx context.Context, call *Call, n int) (any, error) {
	one, err := work(ctx, call, "one", n+1)
	if err != nil {
		return nil, err
	}
	two, err := work(ctx, call, "two", one*2)
	if err != nil {
		return nil, err
	}
	three, err := work(ctx, call, "three", two+one)
	if err != nil {
		return nil, err
	}
	return work(ctx, call, "four", map[string]int{"one": one, "two": two, "three": three})
}

func loadParallel(ctx context.Context, call *Call, n int) (any, error) {
	parts, err := parallel(ctx,
		func(ctx context.Context) (int, error) { return work(ctx, call, "a", n) },
		func(ctx context.Context) (int, error) { return work(ctx, call, "b", n*2) },
		func(ctx context.Context) (int, error) { return work(ctx, call, "c", n*3) },
	)
	if err != nil {
		return nil, err
	}
	return work(ctx, call, "sum", sum(parts))
}

func loadBranches(ctx context.Context, call *Call, n int) (any, error) {
	branch := func(name string) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			one, err := work(ctx, call, name+"1", n+1)
			if err != nil {
				return 0, err
			}
			return work(ctx, call, name+"2", one*2)
		}
	}
	parts, err := parallel(ctx, branch("left"), branch("right"))
	if err != nil {
		return nil, err
	}
	return work(ctx, call, "join", sum(parts))
}

func loadSleepy(ctx context.Context, call *Call, n int) (any, error) {
	before, err := work(ctx, call, "before", n+1)
	if err != nil {
		return nil, err
	}
	step.Sleep(ctx, "pause", time.Second)
	return work(ctx, call, "after", before*2)
}

func loadFlaky(ctx context.Context, call *Call, n int) (any, error) {
	before, err := work(ctx, call, "before", n+1)
	if err != nil {
		return nil, err
	}
	flaky, err := run(ctx, call, "flaky", func() (int, error) {
		pause(call)
		if call.Attempt == 0 {
			return 0, errors.New("not yet")
		}
		return before * 2, nil
	})
	if err != nil {
		return nil, err
	}
	return work(ctx, call, "after", flaky+1)
}

func loadFanout(ctx context.Context, call *Call, n int) (any, error) {
	one, err := work(ctx, call, "one", n+1)
	if err != nil {
		return nil, err
	}
	return work(ctx, call, "two", one*2)
}
