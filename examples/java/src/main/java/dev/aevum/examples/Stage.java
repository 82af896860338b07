package dev.aevum.examples;

import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** A connection, the task queue of this run's worker, and expectations about what happened there. */
record Stage(WorkflowClient client, String queue, Activities.Counted activities) {

  WorkflowStub start(String type, Object... args) {
    WorkflowOptions options =
        WorkflowOptions.newBuilder().setWorkflowId("java-" + UUID.randomUUID()).setTaskQueue(queue).build();
    WorkflowStub stub = client.newUntypedWorkflowStub(type, options);
    stub.start(args);
    return stub;
  }

  static void expect(String what, Object got, Object want) {
    if (!Objects.equals(got, want)) {
      throw new AssertionError(what + ": got " + got + ", want " + want);
    }
  }

  void expectStatus(WorkflowExecution run, WorkflowExecutionStatus want) {
    WorkflowStub stub =
        client.newUntypedWorkflowStub(run.getWorkflowId(), Optional.of(run.getRunId()), Optional.empty());
    expect("status", stub.describe().getStatus(), want);
  }

  /** Compares the run's events by name, without the workflow tasks. */
  void expectEvents(WorkflowExecution run, String... want) {
    List<HistoryEvent> events = client.fetchHistory(run.getWorkflowId(), run.getRunId()).getEvents();
    for (int i = 0; i < events.size(); i++) {
      expect("event id", events.get(i).getEventId(), i + 1L);
    }
    List<String> got =
        events.stream()
            .map(e -> e.getEventType().name().replace("EVENT_TYPE_", ""))
            .filter(name -> !name.startsWith("WORKFLOW_TASK_"))
            .toList();
    expect("events", got, List.of(want));
  }
}
