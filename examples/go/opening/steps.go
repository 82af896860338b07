package opening

import (
	"context"
	"fmt"
	"os"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// TenSteps is the number of steps of TenStepsWorkflow.
const TenSteps = 10

// Steps holds a ten-step workflow and its one activity.
type Steps struct {
	// Ledger is a file to which every execution of a step adds a line, so that
	// a test can count them across processes.
	Ledger string
	// After, when set, is called each time a step's result has reached the
	// workflow for the first time. It is how a worker arranges to die between
	// two steps; a real workflow has nothing of the kind.
	After func(step int)
}

// TenStepsWorkflow runs the steps one after the other and returns their number.
func (s *Steps) TenStepsWorkflow(ctx workflow.Context) (int, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 10 * time.Millisecond},
	})
	done := 0
	for step := 1; step <= TenSteps; step++ {
		if err := workflow.ExecuteActivity(ctx, s.Step, step).Get(ctx, nil); err != nil {
			return done, err
		}
		done++
		if s.After != nil && !workflow.IsReplaying(ctx) {
			s.After(step)
		}
	}
	return done, nil
}

// Step writes "step attempt process" to the ledger.
func (s *Steps) Step(ctx context.Context, step int) error {
	ledger, err := os.OpenFile(s.Ledger, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(ledger, "%d %d %d\n", step, activity.GetInfo(ctx).Attempt, os.Getpid())
	if closed := ledger.Close(); err == nil {
		err = closed
	}
	return err
}
