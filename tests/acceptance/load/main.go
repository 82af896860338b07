// The worker of the kill suite: a process of its own on the official, unmodified Go SDK, made to be killed.
//
//	load -address HOST:PORT -queue Q -bodies FOLDER -ledger FILE
//
// Every activity body appends its attempt to a file of its own in FOLDER. Every activity result that a server
// acknowledged is appended to FILE.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"google.golang.org/grpc"
)

func main() {
	address := flag.String("address", "", "the server's gRPC address")
	queue := flag.String("queue", "kill", "task queue to serve")
	bodies := flag.String("bodies", "", "folder with a file per activity")
	ledger := flag.String("ledger", "", "file of acknowledged results")
	flag.Parse()
	if err := run(*address, *queue, *bodies, *ledger); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(address, queue, bodies, ledger string) error {
	acknowledged, err := os.OpenFile(ledger, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	// The client dials when it is first used, so a worker may be started while the server is away.
	c, err := client.NewLazyClient(client.Options{
		HostPort:          address,
		Logger:            log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil))),
		ConnectionOptions: client.ConnectionOptions{DialOptions: []grpc.DialOption{grpc.WithChainUnaryInterceptor(note(acknowledged))}},
	})
	if err != nil {
		return err
	}
	for {
		w := worker.New(c, queue, worker.Options{})
		w.RegisterWorkflow(Parcel)
		w.RegisterWorkflow(Stamp)
		w.RegisterActivity(&Bodies{Folder: bodies})
		if err := w.Start(); err == nil {
			select {}
		}
		// The server is away just now; a killed one comes back.
		time.Sleep(200 * time.Millisecond)
	}
}

// note appends each result to the ledger once the server has acknowledged it.
func note(ledger *os.File) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		err := invoker(ctx, method, req, reply, cc, opts...)
		if done, ok := req.(*workflowservice.RespondActivityTaskCompletedRequest); ok && err == nil {
			for _, payload := range done.GetResult().GetPayloads() {
				if _, err := fmt.Fprintf(ledger, "%s\n", payload.GetData()); err != nil {
					panic(err)
				}
			}
		}
		return err
	}
}
