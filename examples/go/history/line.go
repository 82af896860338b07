package history

import (
	"fmt"
	"slices"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
)

// liner remembers which event scheduled which activity.
type liner map[int64]string

func (l liner) line(e *historypb.HistoryEvent) string {
	return strings.TrimSpace(e.GetEventType().String() + " " + l.detail(e))
}

// Details returns each event's telling detail alone.
func Details(events []*historypb.HistoryEvent) []string {
	l := liner{}
	var out []string
	for _, e := range events {
		out = append(out, l.detail(e))
	}
	return out
}

func (l liner) detail(e *historypb.HistoryEvent) string {
	if text, ok := l.activity(e); ok {
		return text
	}
	if text, ok := l.execution(e); ok {
		return text
	}
	return related(e)
}

func (l liner) activity(e *historypb.HistoryEvent) (string, bool) {
	switch a := e.GetAttributes().(type) {
	case *historypb.HistoryEvent_ActivityTaskScheduledEventAttributes:
		name := a.ActivityTaskScheduledEventAttributes.GetActivityType().GetName()
		l[e.GetEventId()] = name
		return name, true
	case *historypb.HistoryEvent_ActivityTaskStartedEventAttributes:
		at := a.ActivityTaskStartedEventAttributes
		return fmt.Sprintf("%s attempt %d", l[at.GetScheduledEventId()], at.GetAttempt()), true
	case *historypb.HistoryEvent_ActivityTaskCompletedEventAttributes:
		return l[a.ActivityTaskCompletedEventAttributes.GetScheduledEventId()], true
	case *historypb.HistoryEvent_ActivityTaskFailedEventAttributes:
		at := a.ActivityTaskFailedEventAttributes
		return fmt.Sprintf("%s %s", l[at.GetScheduledEventId()], at.GetRetryState()), true
	case *historypb.HistoryEvent_ActivityTaskTimedOutEventAttributes:
		at := a.ActivityTaskTimedOutEventAttributes
		return fmt.Sprintf("%s %s %s", l[at.GetScheduledEventId()], timeoutType(at.GetFailure()), at.GetRetryState()), true
	case *historypb.HistoryEvent_ActivityTaskCancelRequestedEventAttributes:
		return l[a.ActivityTaskCancelRequestedEventAttributes.GetScheduledEventId()], true
	case *historypb.HistoryEvent_ActivityTaskCanceledEventAttributes:
		return l[a.ActivityTaskCanceledEventAttributes.GetScheduledEventId()], true
	}
	return "", false
}

func (l liner) execution(e *historypb.HistoryEvent) (string, bool) {
	switch a := e.GetAttributes().(type) {
	case *historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes:
		return a.WorkflowExecutionStartedEventAttributes.GetWorkflowType().GetName(), true
	case *historypb.HistoryEvent_WorkflowExecutionFailedEventAttributes:
		return a.WorkflowExecutionFailedEventAttributes.GetRetryState().String(), true
	case *historypb.HistoryEvent_WorkflowExecutionTimedOutEventAttributes:
		return a.WorkflowExecutionTimedOutEventAttributes.GetRetryState().String(), true
	case *historypb.HistoryEvent_WorkflowExecutionTerminatedEventAttributes:
		return a.WorkflowExecutionTerminatedEventAttributes.GetReason(), true
	case *historypb.HistoryEvent_WorkflowExecutionSignaledEventAttributes:
		return a.WorkflowExecutionSignaledEventAttributes.GetSignalName(), true
	case *historypb.HistoryEvent_WorkflowTaskTimedOutEventAttributes:
		return a.WorkflowTaskTimedOutEventAttributes.GetTimeoutType().String(), true
	case *historypb.HistoryEvent_WorkflowTaskFailedEventAttributes:
		return a.WorkflowTaskFailedEventAttributes.GetCause().String(), true
	case *historypb.HistoryEvent_UpsertWorkflowSearchAttributesEventAttributes:
		return assignments(a.UpsertWorkflowSearchAttributesEventAttributes.GetSearchAttributes().GetIndexedFields()), true
	}
	return "", false
}

// related tells of timers, markers and children.
func related(e *historypb.HistoryEvent) string {
	switch a := e.GetAttributes().(type) {
	case *historypb.HistoryEvent_TimerStartedEventAttributes:
		return a.TimerStartedEventAttributes.GetStartToFireTimeout().AsDuration().String()
	case *historypb.HistoryEvent_MarkerRecordedEventAttributes:
		return a.MarkerRecordedEventAttributes.GetMarkerName()
	case *historypb.HistoryEvent_StartChildWorkflowExecutionInitiatedEventAttributes:
		return a.StartChildWorkflowExecutionInitiatedEventAttributes.GetWorkflowType().GetName()
	case *historypb.HistoryEvent_ChildWorkflowExecutionStartedEventAttributes:
		return a.ChildWorkflowExecutionStartedEventAttributes.GetWorkflowType().GetName()
	case *historypb.HistoryEvent_ChildWorkflowExecutionCompletedEventAttributes:
		return a.ChildWorkflowExecutionCompletedEventAttributes.GetWorkflowType().GetName()
	case *historypb.HistoryEvent_ChildWorkflowExecutionFailedEventAttributes:
		return a.ChildWorkflowExecutionFailedEventAttributes.GetWorkflowType().GetName()
	case *historypb.HistoryEvent_ChildWorkflowExecutionTerminatedEventAttributes:
		return a.ChildWorkflowExecutionTerminatedEventAttributes.GetWorkflowType().GetName()
	}
	return ""
}

func timeoutType(f *failurepb.Failure) enums.TimeoutType {
	return f.GetTimeoutFailureInfo().GetTimeoutType()
}

func assignments(fields map[string]*commonpb.Payload) string {
	var out []string
	for name, value := range fields {
		out = append(out, name+"="+string(value.GetData()))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}
