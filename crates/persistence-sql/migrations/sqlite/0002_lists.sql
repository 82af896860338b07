-- Every list is of one kind, so the kind leads both indexes: a list of few schedules does not read past all workflows.
DROP INDEX visibility_order;
DROP INDEX visibility_workflow;
CREATE INDEX visibility_order ON visibility (namespace, kind, closed DESC, start_time DESC, run);
CREATE INDEX visibility_workflow ON visibility (namespace, kind, workflow_id);
