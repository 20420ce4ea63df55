/** Shows everything about a step but its output. */
import { nodeOf, type Position, type Step, spanOf, type WorkflowState } from "../../../index.js";
import { lookOf } from "../../look/status.js";
import { parseTime } from "../../look/time.js";
import { Elapsed, StartTime } from "../../page/freshness.js";
import { usePage } from "../../page/page.js";
import { Fact } from "../../parts/fact.js";
import { LinkedText } from "../../parts/textLink.js";
import { CommandDetails } from "./commandDetails.js";
import { JsonDetails } from "./jsonDetails.js";

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

interface StepDetailsProps {
  readonly step: Step;
  readonly position: Position | null;
  readonly interruption: WorkflowState["interruption"];
}

export function StepDetails({ step, position, interruption }: StepDetailsProps) {
  const page = usePage();
  const isClustered = page.isClustered.value;
  const { node: server } = page.connection.value;
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
        {isClustered && nodeOf(step) !== null && (
          <Fact name="Node" kind="node">
            {nodeOf(step)}
          </Fact>
        )}
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
      <CommandDetails step={step} />
      {step.attempts && step.attempts.length > 0 && (
        <Attempts step={step} isClustered={isClustered} />
      )}
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
          {server !== null && (
            <>
              , served by <code data-testid="served-by">{server}</code>
            </>
          )}
        </p>
      )}
    </div>
  );
}

interface AttemptsProps {
  readonly step: Step;
  readonly isClustered: boolean;
}

function Attempts({ step, isClustered }: AttemptsProps) {
  const own = {
    ...(nodeOf(step) !== null && { node: nodeOf(step) }),
    attempt: step.attempt ?? 1,
    status: step.status,
    started_at: step.started_at,
    finished_at: step.finished_at,
    error: step.error,
    log_bytes: step.log_bytes,
  };
  const all = [...(step.attempts ?? []), own];
  const hasNodes = isClustered && new Set(all.map(nodeOf)).size > 1;
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
              {hasNodes && <th scope="col">Node</th>}
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {all.map((one) => (
              <AttemptRow key={one.attempt} one={one} hasNode={hasNodes} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface AttemptRowProps {
  readonly one: NonNullable<Step["attempts"]>[number];
  /** Where the attempts were not all made by the same server. */
  readonly hasNode: boolean;
}

function AttemptRow({ one, hasNode }: AttemptRowProps) {
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
      {hasNode && <td>{nodeOf(one)}</td>}
      <td>
        <LinkedText text={one.error ?? ""} />
      </td>
    </tr>
  );
}
