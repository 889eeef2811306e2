package functions

import (
	"context"
	"fmt"
	"time"

	"github.com/inngest/inngestgo/step"
)

// One step after the other, with pauses or without.
func basics(app *registry) {
	app.add("sequence", sequence, options{})
	app.add("no-steps", noSteps, options{})
	app.add("nothing", nothing, options{})
	app.add("loop", loop, options{})
	app.add("same-id", sameID, options{})
	app.add("sleep", sleeping(time.Second), options{})
	app.add("short-sleep", sleeping(300*time.Millisecond), options{})
	app.add("sleep-until", sleepUntil, options{})
	app.add("slow", slow, options{})
}

func sequence(ctx context.Context, call *Call) (any, error) {
	one, err := value(ctx, call, "one", call.Event.Data["n"].(float64)+1)
	if err != nil {
		return nil, err
	}
	two, err := value(ctx, call, "two", one*2)
	if err != nil {
		return nil, err
	}
	three, err := value(ctx, call, "three", map[string]any{"sum": one + two})
	return map[string]any{"one": one, "two": two, "three": three}, err
}

func noSteps(_ context.Context, call *Call) (any, error) {
	return map[string]any{"hello": call.Event.Data["name"]}, nil
}

func nothing(ctx context.Context, call *Call) (any, error) {
	_, err := value(ctx, call, "only", "ignored")
	return nil, err
}

func loop(ctx context.Context, call *Call) (any, error) {
	sum := 0
	for i := range 100 {
		got, err := value(ctx, call, fmt.Sprintf("step-%d", i), i)
		if err != nil {
			return nil, err
		}
		sum += got
	}
	return map[string]any{"sum": sum}, nil
}

func sameID(ctx context.Context, call *Call) (any, error) {
	seen := []int{}
	for i := range 3 {
		got, err := value(ctx, call, "again", i)
		if err != nil {
			return nil, err
		}
		seen = append(seen, got)
	}
	return map[string]any{"seen": seen}, nil
}

func sleeping(duration time.Duration) handler {
	return resting(func(ctx context.Context, _ *Call) error {
		step.Sleep(ctx, "pause", duration)
		return nil
	})
}

var sleepUntil = resting(func(ctx context.Context, call *Call) error {
	until, err := time.Parse(time.RFC3339, call.Event.Data["until"].(string))
	if err != nil {
		return err
	}
	step.SleepUntil(ctx, "pause", until)
	return nil
})

// resting is a function with a step before the pause and one after it.
func resting(pause func(context.Context, *Call) error) handler {
	return func(ctx context.Context, call *Call) (any, error) {
		if _, err := value[any](ctx, call, "before", nil); err != nil {
			return nil, err
		}
		if err := pause(ctx, call); err != nil {
			return nil, err
		}
		_, err := value[any](ctx, call, "after", nil)
		return "rested", err
	}
}

func slow(ctx context.Context, call *Call) (any, error) {
	slow, err := run(ctx, call, "slow", func() (string, error) {
		time.Sleep(2 * time.Second)
		return "slow", nil
	})
	if err != nil {
		return nil, err
	}
	after, err := value(ctx, call, "after", "after")
	return []string{slow, after}, err
}
