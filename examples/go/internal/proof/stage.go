// Package proof is what the examples' tests stand on: a connection to the
// server under test, a worker on a task queue of the test's own, and
// expectations about results, statuses and histories.
//
// Every expectation ends the test with a sentence. Nothing here sleeps: a test
// waits for the event it needs.
package proof

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"aevum.dev/examples/gateway"
	"aevum.dev/examples/history"
)

// patience is the longest a test may take. A healthy server needs a fraction.
const patience = 45 * time.Second

// Stage is one test's connection, queue, worker and outside world.
type Stage struct {
	Client  client.Client
	Queue   string
	Gateway *gateway.Gateway
	Ctx     context.Context
	t       *testing.T
}

// Open connects to the server and starts a worker with what register adds. Both
// end with the test.
func Open(t *testing.T, register func(worker.Registry, *gateway.Gateway)) *Stage {
	t.Helper()
	s := Connect(t)
	w := worker.New(s.Client, s.Queue, worker.Options{WorkerStopTimeout: time.Second})
	register(w, s.Gateway)
	if err := w.Start(); err != nil {
		t.Fatalf("the worker did not start: %v", err)
	}
	t.Cleanup(w.Stop)
	return s
}

// Connect is Open without a worker.
func Connect(t *testing.T) *Stage {
	t.Helper()
	address := os.Getenv("TEMPORAL_ADDRESS")
	if address == "" {
		t.Fatal("TEMPORAL_ADDRESS is not set: these tests need a running server, for example TEMPORAL_ADDRESS=127.0.0.1:7233")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	c, err := client.DialContext(ctx, client.Options{HostPort: address, Namespace: os.Getenv("TEMPORAL_NAMESPACE"), Logger: silence{}})
	if err != nil {
		t.Fatalf("no server answers at %s: %v", address, err)
	}
	t.Cleanup(c.Close)
	return &Stage{Client: c, Queue: Unique("queue"), Gateway: gateway.New(), Ctx: ctx, t: t}
}

// Unique makes an id that no other test and no other run has.
func Unique(prefix string) string {
	return fmt.Sprintf("%s-%d-%d", prefix, os.Getpid(), time.Now().UnixNano())
}

// Start starts a workflow under a new id.
func (s *Stage) Start(workflow any, args ...any) client.WorkflowRun {
	s.t.Helper()
	return s.StartWith(client.StartWorkflowOptions{}, workflow, args...)
}

// StartWith is Start with options; what they leave out is filled in.
func (s *Stage) StartWith(options client.StartWorkflowOptions, workflow any, args ...any) client.WorkflowRun {
	s.t.Helper()
	if options.ID == "" {
		options.ID = Unique("example")
	}
	options.TaskQueue = s.Queue
	run, err := s.Client.ExecuteWorkflow(s.Ctx, options, workflow, args...)
	if err != nil {
		s.t.Fatalf("the workflow did not start: %v", err)
	}
	return run
}

// Result waits for the workflow's result. into may be nil.
func (s *Stage) Result(run client.WorkflowRun, into any) {
	s.t.Helper()
	if err := run.Get(s.Ctx, into); err != nil {
		s.t.Fatalf("the workflow should complete, but: %v\n%s", err, s.text(run))
	}
	s.ExpectStatus(run, enums.WORKFLOW_EXECUTION_STATUS_COMPLETED)
}

// Failure waits for the workflow's end, which must not be a good one.
func (s *Stage) Failure(run client.WorkflowRun) error {
	s.t.Helper()
	err := run.GetWithOptions(s.Ctx, nil, client.WorkflowRunGetOptions{DisableFollowingRuns: true})
	if err == nil {
		s.t.Fatalf("the workflow should not complete, but it did:\n%s", s.text(run))
	}
	if s.Ctx.Err() != nil {
		s.t.Fatalf("the workflow did not end in time:\n%s", s.text(run))
	}
	return err
}

// ExpectStatus compares the status of this very run.
func (s *Stage) ExpectStatus(run client.WorkflowRun, want enums.WorkflowExecutionStatus) {
	s.t.Helper()
	got, err := s.Client.DescribeWorkflowExecution(s.Ctx, run.GetID(), run.GetRunID())
	if err != nil {
		s.t.Fatalf("the workflow cannot be described: %v", err)
	}
	if status := got.GetWorkflowExecutionInfo().GetStatus(); status != want {
		s.t.Errorf("status: got %s, want %s", status, want)
	}
}

// Await returns once the history has this line.
func (s *Stage) Await(run client.WorkflowRun, line string) {
	s.t.Helper()
	found := false
	err := history.Follow(s.Ctx, s.Client, run.GetID(), run.GetRunID(), func(got string) bool {
		found = strings.TrimSpace(got) == line
		return !found
	})
	if err != nil || !found {
		s.t.Fatalf("the history never had %q (error: %v):\n%s", line, err, s.text(run))
	}
}

func (s *Stage) text(run client.WorkflowRun) string {
	events, err := history.Read(context.Background(), s.Client, run.GetID(), run.GetRunID())
	if err != nil {
		return fmt.Sprintf("(its history cannot be read: %v)", err)
	}
	return strings.Join(history.Compact(history.Lines(events)), "\n")
}

// silence keeps the SDK's log out of the tests' output.
type silence struct{}

var _ log.Logger = silence{}

func (silence) Debug(string, ...any) {}
func (silence) Info(string, ...any)  {}
func (silence) Warn(string, ...any)  {}
func (silence) Error(string, ...any) {}
