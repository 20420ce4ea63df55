/** What is known of the selected step: its log, its details, and what the workflow was started with. */
import { type Position, type Step, spanOf, type WorkflowState } from "../../index.js";
import { Elapsed, StartTime } from "../freshness.js";
import { Glyph } from "../look/glyph.js";
import { lookOf } from "../look/status.js";
import { usePage } from "../page.js";
import { Fact } from "../parts/fact.js";
import { LinkedText } from "../parts/textLink.js";
import { parseTime } from "../time.js";
import { headline, isInHeadline } from "./failure.js";
import { JsonDetails } from "./jsonDetails.js";
import type { LogActions } from "./output/logActions.js";
import { StepLog } from "./output/stepLog.js";
import { stepName } from "./selection.js";

export type PaneTab = "log" | "details" | "inputs";

interface StepPaneProps {
  readonly state: WorkflowState;
  readonly position: Position | null;
  readonly step: Step;
  readonly tab: PaneTab;
  onActions(actions: LogActions | null): void;
}

export function StepPane({ state, position, step, tab, onActions }: StepPaneProps) {
  return (
    <div
      class={isFramed(tab, step) ? "pane-body is-framed" : "pane-body"}
      id={`pane-${tab}`}
      role="tabpanel"
      aria-labelledby={`tab-${tab}`}
    >
      {tab === "log" && <Log state={state} position={position} step={step} onActions={onActions} />}
      {tab === "details" && (
        <Details step={step} position={position} interruption={state.interruption} />
      )}
      {tab === "inputs" && <Inputs state={state} />}
    </div>
  );
}

/** The log has a frame of its own. */
const isFramed = (tab: PaneTab, step: Step): boolean => tab !== "log" || !hasOutput(step);

function Log({ state, position, step, onActions }: Omit<StepPaneProps, "tab">) {
  const { router } = usePage();
  const { workflow_id } = state;
  const epoch = position?.epoch;
  const name = stepName(state.steps, step.index);
  const route = router.route.value;
  const isNamed = route.name === "workflow" && route.step === name;
  if (!hasOutput(step)) {
    return (
      <>
        <StepFailure step={step} told={headline(state)} />
        <p class="pane-empty" data-testid="no-output">
          {WITHOUT_OUTPUT[step.status] ?? "It printed nothing."}
        </p>
      </>
    );
  }
  return (
    <>
      <StepFailure step={step} told={headline(state)} />
      <StepLog
        key={`${workflow_id} ${epoch} ${step.index}`}
        workflow_id={workflow_id}
        epoch={epoch}
        step={step}
        stepName={name}
        {...(isNamed && route.attempt !== undefined && { attempt: route.attempt })}
        {...(isNamed && route.lines && { lines: route.lines })}
        onPlace={({ attempt, lines }) =>
          router.go({
            name: "workflow",
            workflow_id,
            step: name,
            ...(attempt !== undefined && { attempt }),
            ...(lines && { lines }),
          })
        }
        onActions={onActions}
      />
    </>
  );
}

const hasOutput = ({ status, log_bytes = 0, attempts = [] }: Step): boolean =>
  log_bytes > 0 || status === "in_progress" || attempts.some(({ log_bytes = 0 }) => log_bytes > 0);

const WITHOUT_OUTPUT: Readonly<Partial<Record<Step["status"], string>>> = {
  pending: "It has not begun.",
  skipped: "It was left out.",
  blocked: "It waits for an answer and has printed nothing yet.",
};

/** First of all, where something went wrong that the head does not say: what, in one line. */
function StepFailure({ step, told }: { step: Step; told: string | null }) {
  if (isInHeadline(step, told)) return null;
  if (!step.error || (step.status !== "failed" && step.status !== "interrupted")) return null;
  return (
    <p class="pane-failure tone-failed">
      <Glyph status={step.status} />
      <span>
        <LinkedText text={step.error} />
      </span>
    </p>
  );
}

/** Whole, where the list shows two lines of it. */
function DetailText({ title, text }: { title: string; text: string | null | undefined }) {
  if (!text) return null;
  return (
    <section>
      <h3>{title}</h3>
      <p class="detail-text">
        <LinkedText text={text} />
      </p>
    </section>
  );
}

interface DetailsProps extends Pick<StepPaneProps, "step" | "position"> {
  readonly interruption: WorkflowState["interruption"];
}

function Details({ step, position, interruption }: DetailsProps) {
  const { word } = lookOf(step.status);
  const span = spanOf(step, interruption);
  const from = span?.from ?? parseTime(step.started_at);
  const data = step.data as { exit_code?: unknown; signal?: unknown } | null | undefined;
  return (
    <div class="details">
      <dl class="facts">
        <Fact name="Action">
          <code>{step.action}</code>
        </Fact>
        <Fact name="Status">{word}</Fact>
        <Fact name="Attempt">{step.attempt ?? 1}</Fact>
        {from !== null && (
          <Fact name="Started">
            <StartTime at={from} />
          </Fact>
        )}
        {span && (
          <Fact name="Duration">
            <Elapsed from={span.from} until={span.until} />
            {span.attempts > 1 && `, ${span.attempts} attempts`}
          </Fact>
        )}
        {typeof data?.exit_code === "number" && <Fact name="Exit code">{data.exit_code}</Fact>}
        {typeof data?.signal === "string" && <Fact name="Signal">{data.signal}</Fact>}
      </dl>
      <DetailText title="Why it failed" text={step.error} />
      <DetailText title="Message" text={step.message} />
      {step.attempts && step.attempts.length > 0 && <Attempts step={step} />}
      {step.answered && (
        <section>
          <h3>Answer</h3>
          {step.answered.prompt && (
            <p class="question-prompt">
              <LinkedText text={step.answered.prompt} />
            </p>
          )}
          <JsonDetails title="What was answered" value={step.answer} isOpen />
        </section>
      )}
      {step.notes && step.notes.length > 0 && (
        <section>
          <h3>Notes</h3>
          {step.notes.map((note, index) => (
            <p key={index}>
              <LinkedText text={note} />
            </p>
          ))}
        </section>
      )}
      <JsonDetails title="The step as it is kept" value={step} />
      {position && (
        <p class="position">
          Revision {position.revision} of epoch <code>{position.epoch}</code>
        </p>
      )}
    </div>
  );
}

function Attempts({ step }: { step: Step }) {
  const own = {
    attempt: step.attempt ?? 1,
    status: step.status,
    started_at: step.started_at,
    finished_at: step.finished_at,
    error: step.error,
    log_bytes: step.log_bytes,
  };
  return (
    <section>
      <h3>Attempts</h3>
      <div class="table-scroll">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Attempt</th>
              <th scope="col">Status</th>
              <th scope="col">Started</th>
              <th scope="col">Took</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {[...(step.attempts ?? []), own].map((one) => (
              <AttemptRow key={one.attempt} one={one} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function AttemptRow({ one }: { one: NonNullable<Step["attempts"]>[number] }) {
  const from = parseTime(one.started_at);
  const until = parseTime(one.finished_at);
  return (
    <tr>
      <td>{one.attempt}</td>
      <td>{lookOf(one.status).word}</td>
      <td>{from !== null && <StartTime at={from} />}</td>
      <td>
        <Elapsed
          from={until === null && one.status !== "in_progress" ? null : from}
          until={until}
        />
      </td>
      <td>
        <LinkedText text={one.error ?? ""} />
      </td>
    </tr>
  );
}

function Inputs({ state }: { state: WorkflowState }) {
  const inputs = Object.entries(state.inputs ?? {});
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
          Started from the definition <code>{state.definition}</code>.
        </p>
      )}
      <JsonDetails title="The whole state" value={state} />
    </div>
  );
}
