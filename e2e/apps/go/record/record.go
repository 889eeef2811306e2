// Package record taps the two places where an app meets the server: calls that come in and checkpoints that go out.
package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"

	"everstep-e2e/journal"
)

// Calls writes every call of the server down before the SDK sees it.
func Calls(sdk http.Handler, to *journal.Journal) http.Handler {
	return http.HandlerFunc(func(res http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodPost {
			body, err := io.ReadAll(req.Body)
			if err != nil {
				// The caller has gone in the middle of its request; there is nobody to answer.
				return
			}
			if err := recordCall(to, req.URL.Query(), body); err != nil {
				http.Error(res, err.Error(), http.StatusInternalServerError)
				return
			}
			req.Body = io.NopCloser(bytes.NewReader(body))
		}
		sdk.ServeHTTP(res, req)
	})
}

// The part of a call's body that the journal needs.
type callBody struct {
	Ctx struct {
		RunID   string `json:"run_id"`
		Attempt int    `json:"attempt"`
		UseAPI  bool   `json:"use_api"`
		Stack   struct {
			Stack []string `json:"stack"`
		} `json:"stack"`
	} `json:"ctx"`
	Event struct {
		ID string `json:"id"`
	} `json:"event"`
	Steps map[string]json.RawMessage `json:"steps"`
}

func recordCall(to *journal.Journal, query url.Values, bytes []byte) error {
	if !query.Has("fnId") {
		return nil
	}
	var body callBody
	if err := json.Unmarshal(bytes, &body); err != nil {
		return fmt.Errorf("the body of a call is not understood: %w", err)
	}
	to.Write("call", journal.Fields{
		"run":      body.Ctx.RunID,
		"fn":       query.Get("fnId"),
		"target":   query.Get("stepId"),
		"attempt":  body.Ctx.Attempt,
		"event":    body.Event.ID,
		"useApi":   body.Ctx.UseAPI,
		"memoized": slices.AppendSeq([]string{}, maps.Keys(body.Steps)),
		"stack":    append([]string{}, body.Ctx.Stack.Stack...),
	})
	return nil
}

var checkpointPath = regexp.MustCompile(`/v1/checkpoint/([^/]+)/async$`)

type checkpoints struct {
	next http.RoundTripper
	to   *journal.Journal
}

// Checkpoints makes a transport that writes down which checkpoints were acknowledged, before the SDK learns of it.
func Checkpoints(next http.RoundTripper, to *journal.Journal) http.RoundTripper {
	return &checkpoints{next, to}
}

func (it *checkpoints) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := it.next.RoundTrip(req)
	found := checkpointPath.FindStringSubmatch(req.URL.Path)
	if err == nil && res.StatusCode == http.StatusOK && found != nil {
		it.to.Write("checkpoint", journal.Fields{"run": found[1], "steps": stepsOf(req)})
	}
	return res, err
}

func stepsOf(checkpoint *http.Request) []string {
	var body struct {
		Steps []struct {
			ID string `json:"id"`
			Op string `json:"op"`
		} `json:"steps"`
	}
	reader, err := checkpoint.GetBody()
	if err == nil {
		err = json.NewDecoder(reader).Decode(&body)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "cannot read a checkpoint of the SDK: %v\n", err)
		os.Exit(1)
	}
	ids := []string{}
	for _, step := range body.Steps {
		if step.Op == "StepRun" {
			ids = append(ids, step.ID)
		}
	}
	return ids
}
