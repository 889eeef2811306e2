package functions

import (
	"context"
	"fmt"
)

const manySteps = 1_001

// Functions that never come to an end by themselves.
func limits(app *registry) {
	app.add("too-many-steps", tooManySteps, options{})
	app.add("too-many-parallel-steps", tooManyParallelSteps, options{})
}

func tooManySteps(ctx context.Context, call *Call) (any, error) {
	for i := range manySteps {
		if _, err := value[any](ctx, call, fmt.Sprintf("step-%d", i), nil); err != nil {
			return nil, err
		}
	}
	return "not reached", nil
}

func tooManyParallelSteps(ctx context.Context, call *Call) (any, error) {
	steps := make([]func(context.Context) (any, error), manySteps)
	for i := range steps {
		steps[i] = steady[any](call, fmt.Sprintf("step-%d", i), nil)
	}
	_, err := parallel(ctx, steps...)
	return "not reached", err
}
