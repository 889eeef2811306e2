package functions

import (
	"context"
	"errors"
	"time"

	"github.com/inngest/inngestgo/group"
	"github.com/inngest/inngestgo/step"
)

// Steps side by side.
func parallels(app *registry) {
	app.add("parallel", threeParallel, options{})
	app.add("branches", branches, options{})
	app.add("nested", nested, options{})
	app.add("parallel-retry", parallelRetry, options{})
	app.add("parallel-sleep", parallelSleep, options{})
}

// parallel is `group.Parallel` for branches that return the same type.
func parallel[T any](ctx context.Context, branches ...func(context.Context) (T, error)) ([]T, error) {
	untyped := make([]func(context.Context) (any, error), len(branches))
	for i, branch := range branches {
		untyped[i] = func(ctx context.Context) (any, error) { return branch(ctx) }
	}
	results := group.Parallel(ctx, untyped...)
	if err := results.AnyError(); err != nil {
		return nil, err
	}
	values := make([]T, len(results))
	for i, result := range results {
		// An untyped nil stays the zero value.
		values[i], _ = result.Value.(T)
	}
	return values, nil
}

// steady is a branch of one step.
func steady[T any](call *Call, id string, what T) func(context.Context) (T, error) {
	return func(ctx context.Context) (T, error) { return value(ctx, call, id, what) }
}

func sum(parts []int) int {
	sum := 0
	for _, part := range parts {
		sum += part
	}
	return sum
}

func threeParallel(ctx context.Context, call *Call) (any, error) {
	parts, err := parallel(ctx, steady(call, "a", 1), steady(call, "b", 2), steady(call, "c", 3))
	if err != nil {
		return nil, err
	}
	return value(ctx, call, "after", sum(parts))
}

func branches(ctx context.Context, call *Call) (any, error) {
	branch := func(name string) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) {
			one, err := value(ctx, call, name+"1", name)
			if err != nil {
				return "", err
			}
			two, err := value(ctx, call, name+"2", one+"-2")
			if err != nil {
				return "", err
			}
			return value(ctx, call, name+"3", two+"-3")
		}
	}
	parts, err := parallel(ctx, branch("left"), branch("right"))
	if err != nil {
		return nil, err
	}
	return value(ctx, call, "join", map[string]any{"left": parts[0], "right": parts[1]})
}

func nested(ctx context.Context, call *Call) (any, error) {
	inner := func(ctx context.Context) (int, error) {
		first, err := value(ctx, call, "first", 1)
		if err != nil {
			return 0, err
		}
		parts, err := parallel(ctx, steady(call, "x", first+1), steady(call, "y", first+2))
		if err != nil {
			return 0, err
		}
		return value(ctx, call, "inner", sum(parts))
	}
	outer := func(ctx context.Context) (int, error) {
		one, err := value(ctx, call, "outer1", 10)
		if err != nil {
			return 0, err
		}
		return value(ctx, call, "outer2", one*10)
	}
	parts, err := parallel(ctx, inner, outer)
	if err != nil {
		return nil, err
	}
	return value(ctx, call, "end", sum(parts))
}

func parallelRetry(ctx context.Context, call *Call) (any, error) {
	flaky := func(ctx context.Context) (string, error) {
		return run(ctx, call, "flaky", func() (string, error) {
			if call.Attempt == 0 {
				return "", errors.New("not yet")
			}
			return "flaky", nil
		})
	}
	both, err := parallel(ctx, steady(call, "steady", "steady"), flaky)
	if err != nil {
		return nil, err
	}
	return value(ctx, call, "after", both)
}

func parallelSleep(ctx context.Context, call *Call) (any, error) {
	sleep := func(ctx context.Context) (any, error) {
		step.Sleep(ctx, "pause", time.Second)
		return nil, nil
	}
	if _, err := parallel(ctx, steady[any](call, "beside", nil), sleep); err != nil {
		return nil, err
	}
	return value(ctx, call, "after", "rested")
}
