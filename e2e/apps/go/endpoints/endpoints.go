// Package endpoints has durable endpoints: HTTP handlers that use steps while their clients wait.
package endpoints

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/inngest/inngestgo/step"
	"github.com/inngest/inngestgo/stephttp"
)

// Handler serves the endpoints below /endpoints/.
func Handler() http.Handler {
	provider := stephttp.Setup(stephttp.SetupOpts{})
	routes := http.NewServeMux()
	routes.HandleFunc("/endpoints/plain", provider.ServeHTTP(plain))
	routes.HandleFunc("/endpoints/sleepy", provider.ServeHTTP(sleepy))
	return routes
}

// A step, and an answer.
func plain(res http.ResponseWriter, req *http.Request) {
	stephttp.Configure(req.Context(), stephttp.FnOpts{ID: "plain"})
	value, err := step.Run(req.Context(), "one", func(context.Context) (int, error) { return 1, nil })
	if err != nil {
		http.Error(res, err.Error(), http.StatusInternalServerError)
		return
	}
	res.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(res, "one is %d", value)
}

// A sleep between steps; the body of the request is there afterwards too.
func sleepy(res http.ResponseWriter, req *http.Request) {
	ctx := req.Context()
	before, err := step.Run(ctx, "before", func(context.Context) (int, error) { return 1, nil })
	if err != nil {
		http.Error(res, err.Error(), http.StatusInternalServerError)
		return
	}
	step.Sleep(ctx, "nap", time.Second)
	// Not earlier: the SDK reports what of it is left.
	body, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(res, err.Error(), http.StatusInternalServerError)
		return
	}
	after, err := step.Run(ctx, "after", func(context.Context) (int, error) { return 2, nil })
	if err != nil {
		http.Error(res, err.Error(), http.StatusInternalServerError)
		return
	}
	res.Header().Set("content-type", "text/plain")
	_, _ = fmt.Fprintf(res, "%s: %d and %d", body, before, after)
}
