/** A workflow on paper: all its facts, every step, and what was printed, as far as it is here. */
import {
  formatDuration,
  placeNumber,
  type Step,
  type View,
  type WorkflowState,
} from "../../index.js";
import { interruptionText } from "../look/interruption.js";
import { nameOf } from "../look/name.js";
import { lookOf, shownStatus } from "../look/status.js";
import { looksLike } from "../look/stepLook.js";
import { parseTime } from "../look/time.js";
import { rawAddress } from "../workflow/output/tools/wholeOutput.js";
import { allSteps } from "../workflow/reading/branches.js";
import { headline } from "../workflow/reading/failure.js";
import type { PrintedLog } from "./printedLogs.js";

interface PrintSheetProps {
  readonly view: View;
  readonly state: WorkflowState;
  readonly mount: URL;
  readonly logs: readonly PrintedLog[];
  /** Server time (ms). */
  readonly now: number;
}

export function PrintSheet({ view, state, mount, logs, now }: PrintSheetProps) {
  const { workflow_id } = state;
  const steps = allSteps(state.steps);
  const why = headline(state);
  return (
    <article class="print-sheet">
      <h1>{nameOf(state)}</h1>
      <dl>
        {factsOf(state, view, now).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {why !== null && <p class="print-why">{why}</p>}
      {state.status === "interrupted" && <p class="print-why">{interruptionText(state)}</p>}
      <table>
        <thead>
          <tr>
            {["", "Step", "Status", "Attempt", "Began", "Took", "Said"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <StepLine key={step.index} step={step} why={why} now={now} />
          ))}
        </tbody>
      </table>
      {steps.map((step) => (
        <StepOutput
          key={step.index}
          step={step}
          log={logs.find((one) => one.step === step.index)}
          address={rawAddress(mount, {
            workflow_id,
            epoch: view.position?.epoch,
            step: step.index,
            attempt: step.attempt ?? 1,
          })}
        />
      ))}
    </article>
  );
}

function factsOf(state: WorkflowState, view: View, now: number): [string, string][] {
  const from = parseTime(state.start_time);
  const end = parseTime(state.end_time);
  const facts: [string, string | null][] = [
    ["Id", state.workflow_id],
    ["Status", lookOf(shownStatus(state)).word],
    ["Started", wholeTime(from)],
    ["Ended", wholeTime(end)],
    ["Took", from === null || end === null ? null : formatDuration(end - from)],
    ["Definition", state.definition ?? null],
    ["Driver", state.driver?.name ?? null],
    ["As of", wholeTime(view.phase === "stale" ? view.asOf : now)],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== null);
}

function StepLine({ step, why, now }: { step: Step; why: string | null; now: number }) {
  const { index, title, action, attempt = 1, status, error, message } = step;
  const from = parseTime(step.started_at);
  const until = parseTime(step.finished_at) ?? (status === "in_progress" ? now : null);
  const words = [
    error && !why?.includes(error) ? error : null,
    status === "in_progress" ? message : null,
    step.completion_note,
    ...(step.notes ?? []),
  ];
  return (
    <tr data-printed-step={index}>
      <td>{placeNumber(index)}</td>
      <td>{title ?? action}</td>
      <td>{lookOf(looksLike(step)).word}</td>
      <td>{attempt}</td>
      <td>{wholeTime(from)}</td>
      <td>{from !== null && until !== null && formatDuration(until - from)}</td>
      <td>{words.filter(Boolean).join(" · ")}</td>
    </tr>
  );
}

interface StepOutputProps {
  readonly step: Step;
  readonly log: PrintedLog | undefined;
  readonly address: string;
}

function StepOutput({ step, log, address }: StepOutputProps) {
  if ((step.log_bytes ?? 0) === 0 && !log) return null;
  return (
    <section>
      <h2>
        Output of step {placeNumber(step.index)}, {step.title ?? step.action}
      </h2>
      {!log?.isWhole && (
        <p class="print-note">
          {log
            ? `Not all of it: the ${log.lines.length.toLocaleString("en")} lines that were here. `
            : "Not here. "}
          Ctrl+P on the page prints more; the whole output is at {address}
        </p>
      )}
      {log && <pre>{log.lines.join("\n")}</pre>}
    </section>
  );
}

/** With its day and its zone: paper is read elsewhere, and later. */
const wholeTime = (at: number | null): string | null =>
  at === null
    ? null
    : new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "long" });
