// Package retries is the article's chapter on errors: the ten-attempt retry
// policy with errors that must not be retried, and a program for every row of
// the table of error types.
package retries

import (
	"context"
	"errors"
	"time"

	"aevum.dev/examples/gateway"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Error types the policy does not retry.
const (
	InvalidCreditCard = "InvalidCreditCard"
	InsufficientFunds = "InsufficientFunds"
)

// ErrHang, planned in the gateway, lets an activity hang until it is told to
// stop.
var ErrHang = errors.New("no answer")

// TenAttempts is the article's policy. unit is the first wait, one second when
// zero; the cap is sixty units.
func TenAttempts(unit time.Duration) *temporal.RetryPolicy {
	if unit == 0 {
		unit = time.Second
	}
	return &temporal.RetryPolicy{
		InitialInterval:        unit,
		BackoffCoefficient:     2.0,
		MaximumInterval:        60 * unit,
		MaximumAttempts:        10,
		NonRetryableErrorTypes: []string{InvalidCreditCard, InsufficientFunds},
	}
}

// Charge is the input of ChargeCardWorkflow.
type Charge struct {
	Card string
	// Unit is the first wait between attempts; zero: one second.
	Unit time.Duration
}

// ChargeCardWorkflow charges a card under the ten-attempt policy.
func ChargeCardWorkflow(ctx workflow.Context, charge Charge) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 5 * time.Minute,
		RetryPolicy:         TenAttempts(charge.Unit),
	})
	var a *Activities
	return workflow.ExecuteActivity(ctx, a.ChargeCard, charge.Card).Get(ctx, nil)
}

// Limits is the input of CallServiceWorkflow: the time-outs of its activity.
type Limits struct {
	Queue           string // empty: the workflow's own
	StartToClose    time.Duration
	ScheduleToClose time.Duration
	ScheduleToStart time.Duration
	Heartbeat       time.Duration
	MaximumAttempts int32
}

func (l Limits) options() workflow.ActivityOptions {
	return workflow.ActivityOptions{
		TaskQueue:              l.Queue,
		StartToCloseTimeout:    l.StartToClose,
		ScheduleToCloseTimeout: l.ScheduleToClose,
		ScheduleToStartTimeout: l.ScheduleToStart,
		HeartbeatTimeout:       l.Heartbeat,
		WaitForCancellation:    true,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 10 * time.Millisecond, MaximumAttempts: l.MaximumAttempts},
	}
}

// CallServiceWorkflow calls a service that may hang and returns the attempt
// that got an answer.
func CallServiceWorkflow(ctx workflow.Context, limits Limits) (int32, error) {
	var a *Activities
	var attempt int32
	ctx = workflow.WithActivityOptions(ctx, limits.options())
	err := workflow.ExecuteActivity(ctx, a.CallService).Get(ctx, &attempt)
	return attempt, err
}

// GiveUp is the name of the signal that makes ImpatientWorkflow cancel its call.
const GiveUp = "give-up"

// ImpatientWorkflow cancels its activity, not itself, when it is told to give
// up, and returns the activity's error.
func ImpatientWorkflow(ctx workflow.Context, limits Limits) error {
	var a *Activities
	callCtx, cancel := workflow.WithCancel(workflow.WithActivityOptions(ctx, limits.options()))
	call := workflow.ExecuteActivity(callCtx, a.CallService)
	workflow.Go(ctx, func(ctx workflow.Context) {
		workflow.GetSignalChannel(ctx, GiveUp).Receive(ctx, nil)
		cancel()
	})
	return call.Get(ctx, nil)
}

// WaitWorkflow does nothing until it is terminated.
func WaitWorkflow(ctx workflow.Context) error {
	workflow.GetSignalChannel(ctx, "never").Receive(ctx, nil)
	return nil
}

// ParentWorkflow waits for a child with a retry policy and returns its error.
func ParentWorkflow(ctx workflow.Context, childID string) error {
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:  childID,
		RetryPolicy: TenAttempts(10 * time.Millisecond),
	})
	return workflow.ExecuteChildWorkflow(ctx, WaitWorkflow).Get(ctx, nil)
}

// SecondTimeLuckyWorkflow fails in its first run and succeeds in its second:
// a failed workflow with a retry policy is started again.
func SecondTimeLuckyWorkflow(ctx workflow.Context) (int32, error) {
	attempt := workflow.GetInfo(ctx).Attempt
	if attempt == 1 {
		return 0, temporal.NewApplicationError("not today", "Unlucky")
	}
	return attempt, nil
}

// Activities do the work on the outside world.
type Activities struct {
	Gateway *gateway.Gateway
}

// ChargeCard fails with whatever error the gateway gives.
func (a *Activities) ChargeCard(ctx context.Context, card string) error {
	return a.Gateway.Call(ctx, "ChargeCard", card)
}

// CallService returns its attempt. A service that hangs keeps it until the
// context ends; meanwhile it sends heartbeats when the gateway says so.
func (a *Activities) CallService(ctx context.Context) (int32, error) {
	err := a.Gateway.Call(ctx, "CallService", "")
	if !errors.Is(err, ErrHang) {
		return activity.GetInfo(ctx).Attempt, err
	}
	beat := time.NewTicker(50 * time.Millisecond)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-beat.C:
			if a.Gateway.Call(ctx, "Heartbeat", "") == nil {
				activity.RecordHeartbeat(ctx, activity.GetInfo(ctx).Attempt)
			}
		}
	}
}
