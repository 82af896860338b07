// Load through the official, unmodified Go SDK: worker and client in one process, as a small user's would be.
//
// It is the realistic side of the benchmark. The SDK itself costs several CPU milliseconds a workflow, so on a small
// machine it is the limit long before our server is: bench/raw-load is for that.
//
//	go-load -address 127.0.0.1:7233 -workflows 1000 -concurrency 50 -activities 1
//
// Prints one JSON object (see report.go).
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
)

type options struct {
	address     string
	namespace   string
	workflows   int
	concurrency int
	activities  int
	warmup      int
	seconds     float64
	serverPID   int
	settle      time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.address, "address", "127.0.0.1:7233", "the server's gRPC address")
	flag.StringVar(&o.namespace, "namespace", "default", "namespace to run in")
	flag.IntVar(&o.workflows, "workflows", 1000, "workflows to run")
	flag.IntVar(&o.concurrency, "concurrency", 50, "workflows open at once; 1 runs them alone, one after the other")
	flag.IntVar(&o.activities, "activities", 1, "activities per workflow, one after the other")
	flag.IntVar(&o.warmup, "warmup", 20, "workflows run before the measurement")
	flag.Float64Var(&o.seconds, "seconds", 0, "start no more workflows after this many seconds (0: no limit)")
	flag.IntVar(&o.serverPID, "server-pid", 0, "process whose CPU time to account to the load (0: none)")
	flag.DurationVar(&o.settle, "settle", time.Second, "how long to wait for the server's deferred work before its CPU time is read")
	flag.Parse()
	if o.workflows < 1 || o.concurrency < 1 || o.activities < 0 {
		fail(fmt.Errorf("-workflows and -concurrency are at least 1, -activities at least 0"))
	}
	result, err := run(context.Background(), o)
	if err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fail(err)
	}
	if result.Errors > 0 {
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "go-load:", err)
	os.Exit(1)
}

func run(ctx context.Context, o options) (*report, error) {
	// The SDK's warnings would be noise between runs; every failed workflow is counted and its first error printed.
	quiet := log.NewStructuredLogger(discard())
	c, err := client.Dial(client.Options{HostPort: o.address, Namespace: o.namespace, Logger: quiet})
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", o.address, err)
	}
	defer c.Close()

	queue := fmt.Sprintf("go-load-%d-%d", os.Getpid(), time.Now().UnixNano())
	w := worker.New(c, queue, worker.Options{})
	w.RegisterWorkflow(Sequence)
	w.RegisterActivity(Echo)
	if err := w.Start(); err != nil {
		return nil, fmt.Errorf("start the worker: %w", err)
	}
	defer w.Stop()

	load := &load{client: c, queue: queue, activities: o.activities}
	if o.warmup > 0 {
		warm := load.drive(ctx, "warm", o.warmup, o.concurrency, 0)
		if warm.failed > 0 {
			return nil, fmt.Errorf("warm-up: %w", warm.firstError)
		}
	}
	before, err := cpuSeconds(o.serverPID)
	if err != nil {
		return nil, err
	}
	own := ownCPUSeconds()
	outcome := load.drive(ctx, "run", o.workflows, o.concurrency, o.seconds)
	own = ownCPUSeconds() - own
	time.Sleep(o.settle)
	after, err := cpuSeconds(o.serverPID)
	if err != nil {
		return nil, err
	}
	if outcome.firstError != nil {
		fmt.Fprintln(os.Stderr, "go-load: first error:", outcome.firstError)
	}
	return newReport(o, outcome, after-before, own), nil
}
