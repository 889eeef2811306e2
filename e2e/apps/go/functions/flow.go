package functions

import (
	"context"
	"time"

	"github.com/inngest/inngest/pkg/enums"
	"github.com/inngest/inngestgo"
	"github.com/inngest/inngestgo/step"
)

type functionOpts = inngestgo.FunctionOpts

// Functions that may not run as often, or as many at once, as they are triggered.
func flow(app *registry) {
	key := "event.data.key"
	limit := func(limit int, key *string, scope enums.ConcurrencyScope) func(*functionOpts) {
		return func(opts *functionOpts) {
			opts.Concurrency = []inngestgo.ConfigStepConcurrency{{Limit: limit, Key: key, Scope: scope}}
		}
	}
	app.add("plain", working, options{})
	app.add("one-asleep", napping, options{configure: limit(1, nil, enums.ConcurrencyScopeFn)})
	app.add("one-per-key", working, options{configure: limit(1, &key, enums.ConcurrencyScopeFn)})
	for _, id := range []string{"shared-one", "shared-two"} {
		app.add(id, working, options{
			triggers:  inngestgo.MultipleTriggers{app.on("shared")},
			configure: limit(1, &key, enums.ConcurrencyScopeEnv),
		})
	}
	app.add("pair", working, options{configure: limit(2, &key, enums.ConcurrencyScopeFn)})
	app.add("throttled", working, options{configure: func(opts *functionOpts) {
		opts.Throttle = &inngestgo.ConfigThrottle{Limit: 1, Period: 5 * time.Second, Burst: 2}
	}})
	app.add("limited", working, options{configure: func(opts *functionOpts) {
		opts.RateLimit = &inngestgo.ConfigRateLimit{Limit: 10, Period: time.Minute}
	}})
	app.add("debounced", working, options{configure: func(opts *functionOpts) {
		opts.Debounce = &inngestgo.ConfigDebounce{Key: key, Period: 2 * time.Second}
	}})
	app.add("debounced-at-most", working, options{configure: func(opts *functionOpts) {
		timeout := 3 * time.Second
		opts.Debounce = &inngestgo.ConfigDebounce{Key: key, Period: 2 * time.Second, Timeout: &timeout}
	}})
	app.add("prioritised", working, options{configure: func(opts *functionOpts) {
		limit(1, nil, enums.ConcurrencyScopeFn)(opts)
		opts.Priority = &inngestgo.ConfigPriority{Run: inngestgo.StrPtr("event.data.priority")}
	}})
	app.add("batched", batched, options{configure: func(opts *functionOpts) {
		opts.BatchEvents = &inngestgo.ConfigBatchEvents{
			MaxSize: 3, Timeout: 3 * time.Second, Key: &key, If: inngestgo.StrPtr("event.data.collect"),
		}
	}})
	app.add("first-only", napping, options{configure: func(opts *functionOpts) {
		opts.Singleton = &inngestgo.ConfigSingleton{Key: &key, Mode: enums.SingletonModeSkip}
	}})
	app.add("last-only", napping, options{configure: func(opts *functionOpts) {
		opts.Singleton = &inngestgo.ConfigSingleton{Key: &key, Mode: enums.SingletonModeCancel}
	}})
	app.add("frail", napping, options{retries: inngestgo.IntPtr(0)})
}

// working works as long as its event says, and returns the event's number.
func working(ctx context.Context, call *Call) (any, error) {
	return run(ctx, call, "work", func() (any, error) {
		ms, _ := call.Event.Data["ms"].(float64)
		time.Sleep(time.Duration(ms) * time.Millisecond)
		return call.Event.Data["n"], nil
	})
}

func napping(ctx context.Context, call *Call) (any, error) {
	if _, err := value[any](ctx, call, "before", nil); err != nil {
		return nil, err
	}
	step.Sleep(ctx, "pause", 4*time.Second)
	return value(ctx, call, "after", "rested")
}

func batched(ctx context.Context, call *Call) (any, error) {
	numbers := make([]any, len(call.Events))
	for i, event := range call.Events {
		numbers[i] = event.Data["n"]
	}
	return value(ctx, call, "numbers", numbers)
}
