// One app process. Everything about it comes from its environment; the chosen port goes to stdout.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/inngest/inngestgo"
	"github.com/inngest/inngestgo/pkg/checkpoint"

	"everstep-e2e/endpoints"
	"everstep-e2e/functions"
	"everstep-e2e/journal"
	"everstep-e2e/record"
)

func main() {
	if err := serve(); err != nil {
		log.Fatal(err)
	}
}

func serve() error {
	to, err := journal.Open(os.Getenv("E2E_JOURNAL"))
	if err != nil {
		return err
	}
	// The SDK's checkpoints can only be seen here: its client for them takes no options.
	http.DefaultTransport = record.Checkpoints(http.DefaultTransport, to)

	options := inngestgo.ClientOpts{AppID: os.Getenv("E2E_APP_ID")}
	if os.Getenv("E2E_CHECKPOINTING") == "true" {
		options.Checkpoint = checkpoint.ConfigSafe
	}
	client, err := inngestgo.NewClient(options)
	if err != nil {
		return err
	}
	if err := functions.Register(os.Getenv("E2E_FUNCTIONS"), client, to); err != nil {
		return err
	}

	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("E2E_PORT"))
	if err != nil {
		return err
	}
	fmt.Printf("{\"port\": %d}\n", listener.Addr().(*net.TCPAddr).Port)
	routes := http.NewServeMux()
	routes.Handle("/api/inngest", record.Calls(client.Serve(), to))
	routes.Handle("/endpoints/", endpoints.Handler())
	return http.Serve(listener, routes)
}
