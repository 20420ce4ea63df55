/** One workflow with its steps, and what the step at work prints. An old state says as of when it is. */
import type { Step, View } from "instep/client";
import { useLog, useWorkflow } from "instep/react";

export function Run({ workflow_id }: { workflow_id: string }) {
  const view = useWorkflow(workflow_id);
  const { state } = view;
  if (!state) return <p>{emptyWords(view)}</p>;
  return (
    <section aria-label="Workflow" className={view.phase === "live" ? "" : "old"}>
      <h2>{state.title || state.workflow_id}</h2>
      <p data-testid="run-status">
        {state.status} <small>{freshness(view)}</small>
      </p>
      <ol>
        {state.steps.map((step) => (
          <Line key={step.index} step={step} />
        ))}
      </ol>
      <Log key={state.current_step} workflow_id={state.workflow_id} step={state.current_step} />
    </section>
  );
}

function Line({ step: { action, status, message } }: { step: Step }) {
  return (
    <li data-status={status}>
      {action} <em>{status}</em> {message}
    </li>
  );
}

function Log({ workflow_id, step }: { workflow_id: string; step: number }) {
  const { text, isWhole } = useLog(workflow_id, step, { tail: 4_096 });
  return <pre>{isWhole ? text : `…\n${text}`}</pre>;
}

function emptyWords({ phase, problem, closed }: View): string {
  if (problem) return problem;
  if (phase === "closed")
    return closed === "unknown" ? "There is no such run." : `It is ${closed}.`;
  return phase === "live" ? "Nothing runs." : "Loading…";
}

function freshness({ phase, asOf, closed }: View): string {
  if (phase === "live") return "";
  if (phase === "closed") return `(${closed})`;
  return asOf === null ? "(not confirmed)" : `(as of ${new Date(asOf).toLocaleTimeString()})`;
}
