package dev.aevum.examples;

import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs the seven proofs against the server at TEMPORAL_ADDRESS and prints a line for each.
 *
 * <p>Ends with status 1 when one fails or the server does not answer.
 */
public final class Main {
  private static final Duration PATIENCE = Duration.ofSeconds(30); // for one proof

  private Main() {}

  public static void main(String[] args) {
    System.exit(run());
  }

  private static int run() {
    String address = System.getenv("TEMPORAL_ADDRESS");
    if (address == null || address.isEmpty()) {
      System.err.println("TEMPORAL_ADDRESS is not set: say where the server is, for example 127.0.0.1:7233");
      return 1;
    }
    String namespace = System.getenv().getOrDefault("TEMPORAL_NAMESPACE", "default");
    WorkflowServiceStubs service;
    try {
      service =
          WorkflowServiceStubs.newConnectedServiceStubs(
              WorkflowServiceStubsOptions.newBuilder().setTarget(address).build(), Duration.ofSeconds(10));
    } catch (RuntimeException why) {
      System.err.println("no server answers at " + address + ": " + why.getMessage());
      return 1;
    }
    WorkflowClient client =
        WorkflowClient.newInstance(service, WorkflowClientOptions.newBuilder().setNamespace(namespace).build());
    WorkerFactory factory = WorkerFactory.newInstance(client);
    try {
      Stage stage = new Stage(client, "java-" + UUID.randomUUID(), new Activities.Counted());
      Worker worker = factory.newWorker(stage.queue());
      worker.registerWorkflowImplementationTypes(Workflows.ALL);
      worker.registerActivitiesImplementations(stage.activities());
      factory.start();
      return proveAll(stage);
    } finally {
      factory.shutdownNow();
      factory.awaitTermination(5, TimeUnit.SECONDS);
      service.shutdownNow();
    }
  }

  private static int proveAll(Stage stage) {
    ExecutorService thread = Executors.newCachedThreadPool();
    int failed = 0;
    Map<String, Proofs.Proof> all = Proofs.all();
    for (Map.Entry<String, Proofs.Proof> proof : all.entrySet()) {
      String why = prove(thread, proof.getValue(), stage);
      System.out.println(why == null ? "ok " + proof.getKey() : "failed " + proof.getKey() + ": " + why);
      failed += why == null ? 0 : 1;
    }
    thread.shutdownNow();
    System.out.println((all.size() - failed) + " passed, " + failed + " failed");
    return failed == 0 ? 0 : 1;
  }

  /** Returns why the proof failed, or null. */
  private static String prove(ExecutorService thread, Proofs.Proof proof, Stage stage) {
    Future<?> run =
        thread.submit(
            () -> {
              proof.prove(stage);
              return null;
            });
    try {
      run.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return null;
    } catch (ExecutionException why) {
      return String.valueOf(why.getCause());
    } catch (TimeoutException why) {
      run.cancel(true);
      return "no end within " + PATIENCE.toSeconds() + " s";
    } catch (InterruptedException why) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }
}
