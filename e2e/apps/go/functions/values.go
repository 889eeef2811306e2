package functions

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/inngest/inngestgo/step"
)

const megabyte = 1_000_000

// What steps return, from nothing to too much.
func values(app *registry) {
	once := 1
	app.add("empty-values", emptyValues, options{})
	app.add("unicode", unicode, options{})
	app.add("numbers", numbers, options{})
	app.add("large", large, options{})
	app.add("too-large", tooLarge, options{retries: &once})
}

func emptyValues(ctx context.Context, call *Call) (any, error) {
	nothing, err := value[*int](ctx, call, "nothing", nil)
	if err != nil {
		return nil, err
	}
	none, err := value[any](ctx, call, "none", nil)
	if err != nil {
		return nil, err
	}
	step.Sleep(ctx, "pause", 0)
	empty, err := value(ctx, call, "empty", []any{"", map[string]any{}, []any{}, 0, false})
	return map[string]any{"nothing": nothing, "none": none, "empty": empty}, err
}

func unicode(ctx context.Context, call *Call) (any, error) {
	text := call.Event.Data["text"].(string)
	times := int(call.Event.Data["times"].(float64))
	big, err := value(ctx, call, "big", strings.Repeat(text, times))
	if err != nil {
		return nil, err
	}
	step.Sleep(ctx, "pause", 0)
	return value(ctx, call, text, big)
}

func numbers(ctx context.Context, call *Call) (any, error) {
	memoized, err := value(ctx, call, "numbers", []any{
		1<<53 - 1, 1<<53 + 2, math.MinInt64, uint64(12345678901234567890), 1e21, math.Nextafter(0.3, 1), 1.5e-7, 5e-324,
		1.7976931348623157e308, -0.5, 1.0, 0,
	})
	if err != nil {
		return nil, err
	}
	step.Sleep(ctx, "pause", 0)
	return value(ctx, call, "copy", memoized)
}

func large(ctx context.Context, call *Call) (any, error) {
	lengths := []int{}
	for i := range 5 {
		text, err := value(ctx, call, fmt.Sprintf("large-%d", i), strings.Repeat(fmt.Sprint(i), 12*megabyte/10))
		if err != nil {
			return nil, err
		}
		lengths = append(lengths, len(text))
	}
	// With checkpointing all of the above happens in one call; only the next one has to carry it.
	step.Sleep(ctx, "pause", 0)
	return value(ctx, call, "last", lengths)
}

func tooLarge(ctx context.Context, call *Call) (any, error) {
	return value(ctx, call, "too-large", strings.Repeat("x", 5*megabyte))
}
