package dev.aevum.examples;

import static dev.aevum.examples.Stage.expect;

import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.CanceledFailure;
import java.util.LinkedHashMap;
import java.util.Map;

/** The seven proofs: each runs a workflow and checks its result, its status and its history. */
final class Proofs {
  private Proofs() {}

  /** One proof; it throws when something is not as it should be. */
  @FunctionalInterface
  interface Proof {
    void prove(Stage stage) throws Exception;
  }

  static Map<String, Proof> all() {
    Map<String, Proof> all = new LinkedHashMap<>();
    all.put("activity-retries", Proofs::activityRetries);
    all.put("signal", Proofs::signal);
    all.put("query", Proofs::query);
    all.put("timer", Proofs::timer);
    all.put("child", Proofs::child);
    all.put("continue-as-new", Proofs::continueAsNew);
    all.put("cancellation", Proofs::cancellation);
    return all;
  }

  private static void activityRetries(Stage stage) {
    WorkflowStub run = stage.start("Retries");
    expect("attempt", run.getResult(Integer.class), 3);
    expect("runs of the body", stage.activities().ran("failTwice", run.getExecution().getWorkflowId()), 3);
    stage.expectEvents(
        run.getExecution(),
        "WORKFLOW_EXECUTION_STARTED",
        "ACTIVITY_TASK_SCHEDULED",
        "ACTIVITY_TASK_STARTED",
        "ACTIVITY_TASK_COMPLETED",
        "WORKFLOW_EXECUTION_COMPLETED");
  }

  private static void signal(Stage stage) {
    WorkflowStub run = stage.start("Approval");
    run.signal("approve", "Ada");
    expect("result", run.getResult(String.class), "approved by Ada");
    stage.expectEvents(
        run.getExecution(), "WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_SIGNALED", "WORKFLOW_EXECUTION_COMPLETED");
  }

  private static void query(Stage stage) {
    WorkflowStub run = stage.start("Approval");
    expect("state before", run.query("state", String.class), "waiting");
    run.signal("approve", "Ada");
    run.getResult(String.class);
    expect("state after the end", run.query("state", String.class), "approved");
  }

  private static void timer(Stage stage) {
    WorkflowStub run = stage.start("Timer", 200L);
    long slept = run.getResult(Long.class);
    if (slept < 200) {
      throw new AssertionError("the timer fired after " + slept + " ms, before its 200 ms");
    }
    stage.expectEvents(
        run.getExecution(), "WORKFLOW_EXECUTION_STARTED", "TIMER_STARTED", "TIMER_FIRED", "WORKFLOW_EXECUTION_COMPLETED");
  }

  private static void child(Stage stage) {
    WorkflowStub run = stage.start("Parent", 21);
    expect("result", run.getResult(Integer.class), 42);
    stage.expectEvents(
        run.getExecution(),
        "WORKFLOW_EXECUTION_STARTED",
        "START_CHILD_WORKFLOW_EXECUTION_INITIATED",
        "CHILD_WORKFLOW_EXECUTION_STARTED",
        "CHILD_WORKFLOW_EXECUTION_COMPLETED",
        "WORKFLOW_EXECUTION_COMPLETED");
  }

  private static void continueAsNew(Stage stage) {
    WorkflowStub run = stage.start("Countdown", 3, 0);
    WorkflowExecution first = run.getExecution();
    expect("runs", run.getResult(Integer.class), 4);
    stage.expectStatus(first, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW);
    stage.expectEvents(first, "WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW");
    WorkflowExecution newest = stage.client().newUntypedWorkflowStub(first.getWorkflowId()).describe().getExecution();
    stage.expectStatus(newest, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
  }

  private static void cancellation(Stage stage) throws InterruptedException {
    WorkflowStub run = stage.start("Cancellable");
    String id = run.getExecution().getWorkflowId();
    while (stage.activities().ran("waitToBeCancelled", id) == 0) {
      Thread.sleep(20);
    }
    run.cancel();
    try {
      run.getResult(Void.class);
      throw new AssertionError("the workflow completed although it was cancelled");
    } catch (WorkflowFailedException failed) {
      expect("kind of end", failed.getCause().getClass(), CanceledFailure.class);
    }
    stage.expectStatus(run.getExecution(), WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED);
    expect("compensations", stage.activities().ran("compensate", id), 1);
    stage.expectEvents(
        run.getExecution(),
        "WORKFLOW_EXECUTION_STARTED",
        "ACTIVITY_TASK_SCHEDULED",
        "WORKFLOW_EXECUTION_CANCEL_REQUESTED",
        "ACTIVITY_TASK_CANCEL_REQUESTED",
        "ACTIVITY_TASK_STARTED",
        "ACTIVITY_TASK_CANCELED",
        "ACTIVITY_TASK_SCHEDULED",
        "ACTIVITY_TASK_STARTED",
        "ACTIVITY_TASK_COMPLETED",
        "WORKFLOW_EXECUTION_CANCELED");
  }
}
