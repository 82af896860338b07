package dev.aevum.examples;

import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.time.Duration;

/** The workflows of the seven proofs. Deterministic: time, timers and activities come from the SDK alone. */
public final class Workflows {
  private Workflows() {}

  static final Class<?>[] ALL = {
    RetriesImpl.class, ApprovalImpl.class, TimerImpl.class, ChildImpl.class,
    ParentImpl.class, CountdownImpl.class, CancellableImpl.class
  };

  private static ActivityOptions.Builder attempt() {
    return ActivityOptions.newBuilder()
        .setStartToCloseTimeout(Duration.ofSeconds(30))
        .setRetryOptions(RetryOptions.newBuilder().setInitialInterval(Duration.ofMillis(10)).build());
  }

  /** Runs an activity that fails twice. */
  @WorkflowInterface
  public interface Retries {
    @WorkflowMethod
    int run();
  }

  public static final class RetriesImpl implements Retries {
    private final Activities activities = Workflow.newActivityStub(Activities.class, attempt().build());

    @Override
    public int run() {
      return activities.failTwice();
    }
  }

  /** Waits for a signal, and tells by query how far it is. */
  @WorkflowInterface
  public interface Approval {
    @WorkflowMethod
    String run();

    @SignalMethod
    void approve(String approver);

    @QueryMethod
    String state();
  }

  public static final class ApprovalImpl implements Approval {
    private String approver;

    @Override
    public String run() {
      Workflow.await(() -> approver != null);
      return "approved by " + approver;
    }

    @Override
    public void approve(String name) {
      approver = name;
    }

    @Override
    public String state() {
      return approver == null ? "waiting" : "approved";
    }
  }

  /** Sleeps on a durable timer and says how many milliseconds passed. */
  @WorkflowInterface
  public interface Timer {
    @WorkflowMethod
    long run(long milliseconds);
  }

  public static final class TimerImpl implements Timer {
    @Override
    public long run(long milliseconds) {
      long began = Workflow.currentTimeMillis();
      Workflow.sleep(Duration.ofMillis(milliseconds));
      return Workflow.currentTimeMillis() - began;
    }
  }

  /** Doubles a number. */
  @WorkflowInterface
  public interface Child {
    @WorkflowMethod
    int run(int number);
  }

  public static final class ChildImpl implements Child {
    @Override
    public int run(int number) {
      return 2 * number;
    }
  }

  /** Has a child double a number. */
  @WorkflowInterface
  public interface Parent {
    @WorkflowMethod
    int run(int number);
  }

  public static final class ParentImpl implements Parent {
    @Override
    public int run(int number) {
      String id = Workflow.getInfo().getWorkflowId() + "-child";
      ChildWorkflowOptions options = ChildWorkflowOptions.newBuilder().setWorkflowId(id).build();
      return Workflow.newChildWorkflowStub(Child.class, options).run(number);
    }
  }

  /** Continues as new until it has counted to zero; returns how many runs it took. */
  @WorkflowInterface
  public interface Countdown {
    @WorkflowMethod
    int run(int left, int runs);
  }

  public static final class CountdownImpl implements Countdown {
    @Override
    public int run(int left, int runs) {
      if (left > 0) {
        Workflow.newContinueAsNewStub(Countdown.class).run(left - 1, runs + 1);
      }
      return runs + 1;
    }
  }

  /** Waits in an activity; when it is cancelled, it compensates and stays cancelled. */
  @WorkflowInterface
  public interface Cancellable {
    @WorkflowMethod
    void run();
  }

  public static final class CancellableImpl implements Cancellable {
    private final Activities activities = Workflow.newActivityStub(Activities.class, attempt().build());
    private final Activities waiting =
        Workflow.newActivityStub(
            Activities.class,
            attempt()
                .setHeartbeatTimeout(Duration.ofMillis(500))
                .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
                .build());

    @Override
    public void run() {
      try {
        waiting.waitToBeCancelled();
      } catch (ActivityFailure cancelled) {
        Workflow.newDetachedCancellationScope(activities::compensate).run();
        throw cancelled;
      }
    }
  }
}
