// worker is a stand-alone worker for the order and for the ten steps: a process
// of its own that can be killed.
//
//	worker -queue order-queue -ledger FILE [-pause-after-step N]
//
// With -pause-after-step it prints "paused after step N" and stands still once
// the workflow has that step's result, until somebody kills it.
package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"aevum.dev/examples/gateway"
	"aevum.dev/examples/opening"
	"aevum.dev/examples/order"
)

func main() {
	queue := flag.String("queue", "order-queue", "task queue to serve")
	ledger := flag.String("ledger", os.DevNull, "file that gets a line per executed step")
	pause := flag.Int("pause-after-step", 0, "stand still after this step of ten")
	flag.Parse()
	if err := run(*queue, *ledger, *pause); err != nil {
		log.Fatalln(err)
	}
}

func run(queue, ledger string, pause int) error {
	c, err := client.Dial(client.Options{HostPort: os.Getenv("TEMPORAL_ADDRESS"), Namespace: os.Getenv("TEMPORAL_NAMESPACE")})
	if err != nil {
		return fmt.Errorf("no server answers at TEMPORAL_ADDRESS=%q: %w", os.Getenv("TEMPORAL_ADDRESS"), err)
	}
	defer c.Close()

	steps := &opening.Steps{Ledger: ledger}
	options := worker.Options{}
	if pause > 0 {
		steps.After = standStillAfter(pause)
		options.DeadlockDetectionTimeout = time.Duration(math.MaxInt64)
	}
	w := worker.New(c, queue, options)
	w.RegisterWorkflow(order.OrderWorkflow)
	w.RegisterActivity(&order.Activities{Gateway: gateway.New()})
	w.RegisterWorkflow(steps.TenStepsWorkflow)
	w.RegisterActivity(steps.Step)
	if err := w.Run(worker.InterruptCh()); err != nil {
		return fmt.Errorf("the worker stopped: %w", err)
	}
	return nil
}

func standStillAfter(pause int) func(step int) {
	return func(step int) {
		if step == pause {
			fmt.Printf("paused after step %d\n", step)
			select {}
		}
	}
}
