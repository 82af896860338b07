package dev.aevum.examples;

import io.temporal.activity.Activity;
import io.temporal.activity.ActivityInterface;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The activities of the seven proofs: one that fails before it succeeds, one that waits to be cancelled, one that undoes. */
@ActivityInterface
public interface Activities {
  /** Fails in its first two attempts, then says which attempt succeeded. */
  int failTwice();

  /** Sends heartbeats until the answer to one says that it is cancelled. */
  void waitToBeCancelled();

  /** Undoes what the cancelled activity may have done. */
  void compensate();

  /** The activities, and a count of how often each body ran. */
  final class Counted implements Activities {
    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    int ran(String activity, String workflowId) {
      return counts.getOrDefault(activity + " " + workflowId, 0);
    }

    private void note(String activity) {
      String workflowId = Activity.getExecutionContext().getInfo().getWorkflowId();
      counts.merge(activity + " " + workflowId, 1, Integer::sum);
    }

    @Override
    public int failTwice() {
      note("failTwice");
      int attempt = Activity.getExecutionContext().getInfo().getAttempt();
      if (attempt < 3) {
        throw new IllegalStateException("attempt " + attempt + " fails");
      }
      return attempt;
    }

    @Override
    public void waitToBeCancelled() {
      note("waitToBeCancelled");
      while (true) {
        Activity.getExecutionContext().heartbeat(null);
        try {
          Thread.sleep(50);
        } catch (InterruptedException e) {
          throw Activity.wrap(e);
        }
      }
    }

    @Override
    public void compensate() {
      note("compensate");
    }
  }
}
