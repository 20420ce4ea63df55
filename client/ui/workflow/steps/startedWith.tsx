/** Shows how a workflow was started: its inputs, its recipe, and who was told of its end and its questions. */
import { type HookRun, hookRunsOf, type WorkflowState } from "../../../index.js";
import { Glyph } from "../../look/glyph.js";
import { lookOf } from "../../look/status.js";
import { LinkedText } from "../../parts/textLink.js";
import { JsonDetails } from "./jsonDetails.js";

export function StartedWith({ state }: { state: WorkflowState }) {
  const inputs = Object.entries(state.inputs ?? {});
  const told = hookRunsOf(state);
  return (
    <div class="details">
      {inputs.length > 0 ? (
        <dl class="inputs">
          {inputs.map(([name, value]) => (
            <div key={name}>
              <dt>
                <code>{name}</code>
              </dt>
              <dd>
                <LinkedText text={typeof value === "string" ? value : JSON.stringify(value)} />
              </dd>
            </div>
          ))}
        </dl>
      ) : (
        <p class="pane-empty">It was started without inputs.</p>
      )}
      {state.definition !== undefined && (
        <p>
          Started from the definition <code>{state.definition}</code>
          {recipeText(state)}.
        </p>
      )}
      {told.length > 0 && (
        <section data-testid="told">
          <h3>Commands that were told of it</h3>
          <ul class="tasks">
            {told.map((run) => (
              <Told key={`${run.kind} ${run.question}`} run={run} />
            ))}
          </ul>
        </section>
      )}
      <JsonDetails title="The whole state" value={state} />
    </div>
  );
}

/** Says which recipe a retry runs by, where there are two. */
function recipeText({ retried_from }: WorkflowState): string {
  const { from, changed } = (retried_from?.recipe ?? {}) as { from?: unknown; changed?: unknown };
  if (from === "now")
    return changed
      ? ", by the recipe as it was at this retry: it had changed since the run before"
      : "";
  return changed ? ", by the recipe of the run before: it had changed since" : "";
}

function Told({ run }: { run: HookRun }) {
  const { kind, status, error, last_lines = [] } = run;
  const look = status === "running" ? "in_progress" : status;
  return (
    <li class="task">
      <Glyph status={look} />
      <span class="task-name">{kind === "end" ? "on_end" : "on_blocked"}</span>
      <span>{lookOf(look).word}</span>
      <span class="task-note">
        <LinkedText text={error ?? last_lines.at(-1) ?? ""} />
      </span>
    </li>
  );
}
