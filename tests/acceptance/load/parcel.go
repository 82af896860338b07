package main

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Plan says what one workflow does.
type Plan struct {
	Number int
	// Signals to wait for, by name "note".
	Signals int
	// Whether activity 2 fails at its first attempt.
	Fails bool
	// Whether a child workflow runs after activity 3.
	Child bool
	// Whether the workflow continues as new after activity 2.
	Continues bool
	// Pause between two activities.
	Pause time.Duration

	// What earlier runs did.
	Done  []string
	Notes []string
}

// Outcome is what a workflow returns.
type Outcome struct {
	Activities []string
	Notes      []string
}

const activities = 5

// Parcel runs five activities with timers between them, and collects its signals.
func Parcel(ctx workflow.Context, plan Plan) (Outcome, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 4 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 200 * time.Millisecond, MaximumInterval: time.Second},
	})
	notes := workflow.GetSignalChannel(ctx, "note")
	for len(plan.Done) < activities {
		step := len(plan.Done) + 1
		var result string
		err := workflow.ExecuteActivity(ctx, "Step", step, plan.Fails && step == 2).Get(ctx, &result)
		if err != nil {
			return Outcome{}, err
		}
		plan.Done = append(plan.Done, result)
		if err := workflow.Sleep(ctx, plan.Pause); err != nil {
			return Outcome{}, err
		}
		if step == 2 && plan.Continues {
			plan.Continues = false
			plan.Notes = drain(notes, plan.Notes)
			return Outcome{}, workflow.NewContinueAsNewError(ctx, Parcel, plan)
		}
		if step == 3 && plan.Child {
			var stamped string
			options := workflow.ChildWorkflowOptions{WorkflowID: fmt.Sprintf("%s-stamp", workflow.GetInfo(ctx).WorkflowExecution.ID)}
			if err := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, options), Stamp).Get(ctx, &stamped); err != nil {
				return Outcome{}, err
			}
		}
	}
	for distinct(plan.Notes) < plan.Signals {
		var note string
		notes.Receive(ctx, &note)
		plan.Notes = append(plan.Notes, note)
	}
	plan.Notes = drain(notes, plan.Notes)
	return Outcome{Activities: plan.Done, Notes: plan.Notes}, nil
}

// drain takes what has arrived: a run that ends without it would lose it.
func drain(notes workflow.ReceiveChannel, taken []string) []string {
	var note string
	for notes.ReceiveAsync(&note) {
		taken = append(taken, note)
	}
	return taken
}

// distinct counts notes: one that was sent again because nobody knew whether it had arrived may have arrived twice, in
// two runs.
func distinct(notes []string) int {
	seen := map[string]bool{}
	for _, note := range notes {
		seen[note] = true
	}
	return len(seen)
}

// Stamp is the child: one activity.
func Stamp(ctx workflow.Context) (string, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 4 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 200 * time.Millisecond, MaximumInterval: time.Second},
	})
	var result string
	err := workflow.ExecuteActivity(ctx, "Step", 1, false).Get(ctx, &result)
	return result, err
}
