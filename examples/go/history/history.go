// Package history reads a workflow's event history back from the server and
// puts each event into one line.
//
// A line holds the event's type and the one detail that tells most: which
// activity, which attempt, why it ended. Ids and times are left out, so that
// two runs of one program give the same lines.
package history

import (
	"context"
	"strings"

	"go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
)

// Read returns all events the run has now. An empty runID means the newest run.
func Read(ctx context.Context, c client.Client, workflowID, runID string) ([]*historypb.HistoryEvent, error) {
	var events []*historypb.HistoryEvent
	err := each(ctx, c, workflowID, runID, false, func(e *historypb.HistoryEvent) bool {
		events = append(events, e)
		return true
	})
	return events, err
}

// Follow reads events as they happen until take returns false or the run
// closes. It tells take each event's line.
func Follow(ctx context.Context, c client.Client, workflowID, runID string, take func(line string) bool) error {
	lines := liner{}
	return each(ctx, c, workflowID, runID, true, func(e *historypb.HistoryEvent) bool { return take(lines.line(e)) })
}

func each(ctx context.Context, c client.Client, workflowID, runID string, wait bool, take func(*historypb.HistoryEvent) bool) error {
	iter := c.GetWorkflowHistory(ctx, workflowID, runID, wait, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for iter.HasNext() {
		event, err := iter.Next()
		if err != nil {
			return err
		}
		if !take(event) {
			return nil
		}
	}
	return nil
}

// Lines renders events, one line each.
func Lines(events []*historypb.HistoryEvent) []string {
	lines := liner{}
	var out []string
	for _, e := range events {
		out = append(out, lines.line(e))
	}
	return out
}

// task is what a workflow task that went well leaves behind.
var task = []string{"WorkflowTaskScheduled", "WorkflowTaskStarted", "WorkflowTaskCompleted"}

// Compact writes every workflow task that went well as the one line
// "WorkflowTask".
func Compact(lines []string) []string {
	var out []string
	for _, line := range lines {
		out = append(out, line)
		if n := len(out) - len(task); n >= 0 && strings.Join(out[n:], "\n") == strings.Join(task, "\n") {
			out = append(out[:n], "WorkflowTask")
		}
	}
	return out
}
