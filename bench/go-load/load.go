package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"
)

// Sequence runs n activities, one after the other, and returns the last one's answer.
func Sequence(ctx workflow.Context, n int) (string, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	answer := "none"
	for i := range n {
		if err := workflow.ExecuteActivity(ctx, Echo, fmt.Sprintf("item-%d", i)).Get(ctx, &answer); err != nil {
			return "", err
		}
	}
	return answer, nil
}

// Echo is the smallest activity: it does nothing but answer.
func Echo(_ context.Context, what string) (string, error) {
	return what, nil
}

// load starts workflows and waits for their results.
type load struct {
	client     client.Client
	queue      string
	activities int
}

// outcome of one drive; the samples are in no particular order.
type outcome struct {
	elapsed    time.Duration
	starts     []time.Duration
	endToEnd   []time.Duration
	failed     int
	firstError error
}

// drive runs up to n workflows, `concurrency` of them open at once, and starts none after `seconds` (0: no limit).
func (l *load) drive(ctx context.Context, name string, n, concurrency int, seconds float64) outcome {
	var (
		next  atomic.Int64
		mu    sync.Mutex
		total outcome
		wg    sync.WaitGroup
	)
	began := time.Now()
	for range min(concurrency, n) {
		wg.Go(func() {
			var own outcome
			for {
				i := next.Add(1)
				if i > int64(n) || (seconds > 0 && time.Since(began).Seconds() >= seconds) {
					break
				}
				start, whole, err := l.one(ctx, fmt.Sprintf("%s-%s-%d", l.queue, name, i))
				if err != nil {
					own.failed++
					if own.firstError == nil {
						own.firstError = err
					}
					continue
				}
				own.starts = append(own.starts, start)
				own.endToEnd = append(own.endToEnd, whole)
			}
			mu.Lock()
			defer mu.Unlock()
			total.starts = append(total.starts, own.starts...)
			total.endToEnd = append(total.endToEnd, own.endToEnd...)
			total.failed += own.failed
			if total.firstError == nil {
				total.firstError = own.firstError
			}
		})
	}
	wg.Wait()
	total.elapsed = time.Since(began)
	return total
}

// one workflow: how long its start took to be acknowledged, and how long until its result was in the client's hands.
func (l *load) one(ctx context.Context, id string) (start, whole time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	began := time.Now()
	run, err := l.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: l.queue}, Sequence, l.activities)
	if err != nil {
		return 0, 0, fmt.Errorf("start %s: %w", id, err)
	}
	start = time.Since(began)
	var answer string
	if err := run.Get(ctx, &answer); err != nil {
		return 0, 0, fmt.Errorf("result of %s: %w", id, err)
	}
	return start, time.Since(began), nil
}

func discard() *slog.Logger {
	return slog.New(slog.NewTextHandler(io.Discard, nil))
}
