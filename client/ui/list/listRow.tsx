/** One workflow in one line; the whole line is the link. */
import { endOf, formatDuration, isEnded, type Summary } from "../../index.js";
import { StatusBadge } from "../look/glyph.js";
import { nameOf } from "../look/name.js";
import { stepCount } from "../look/progress.js";
import { lookOf } from "../look/status.js";
import { parseTime } from "../look/time.js";
import { Elapsed, StartTime } from "../page/freshness.js";
import { LostLink } from "../page/lostLink.js";
import { usePage } from "../page/page.js";
import { Link } from "../parts/link.js";
import { LinkedText } from "../parts/textLink.js";

export interface ListRowProps {
  readonly summary: Summary;
  /** The inputs that tell it from the others of its definition. */
  readonly inputs: string;
  readonly isGone: boolean;
  /** Null where nothing can be selected. */
  readonly isSelected: boolean | null;
}

export function ListRow({ summary, inputs, isGone, isSelected }: ListRowProps) {
  const { workflow_id, epoch } = summary;
  const status = summary.queued ? "queued" : summary.status;
  const from = parseTime(summary.start_time);
  const share = summary.done;
  const name = nameOf(summary);
  return (
    <li
      class={`row${isGone ? " is-gone" : ""}${isSelected ? " is-selected" : ""}`}
      data-workflow-id={workflow_id}
      data-epoch={epoch}
      data-status={summary.status}
    >
      {isSelected !== null && (
        <label class="row-check">
          <input
            type="checkbox"
            data-testid="select"
            aria-label={`Select ${name}, ${workflow_id}`}
            title={
              isEnded(summary.status) ? undefined : "It has not ended, so it is not cleared here"
            }
            checked={isSelected}
            disabled={isGone || !isEnded(summary.status)}
          />
        </label>
      )}
      <span class="row-status">
        <StatusBadge status={status} progress={share} />
        {status === "running" && summary.total_steps > 0 && (
          <span class="row-percent">{Math.floor(share * 100)} %</span>
        )}
      </span>
      <span class="row-name">
        <Link to={{ name: "workflow", workflow_id }} class="row-link">
          {name}
        </Link>
        {name !== workflow_id && (
          <span class="row-id" title={workflow_id}>
            {shortId(workflow_id)}
          </span>
        )}
      </span>
      <Origin summary={summary} inputs={inputs} />
      {isGone ? <span class="row-step">Cleared meanwhile</span> : <StepCell summary={summary} />}
      <span class="row-start">{from !== null && <StartTime at={from} />}</span>
      <span class="row-duration">
        <Elapsed from={from} until={endOf(summary)} />
        {summary.usual_ms !== null && (
          <span class="row-usual" title="It usually takes that long: the median of the last five">
            {" "}
            / ~{formatDuration(summary.usual_ms)}
          </span>
        )}
      </span>
    </li>
  );
}

const MOST_ID_CHARACTERS = 18;

/** Made-up ids differ at their ends. */
const shortId = (id: string): string => (id.length > MOST_ID_CHARACTERS ? `…${id.slice(-8)}` : id);

/** From what, with what and by whom it was started. */
function Origin({ summary, inputs }: Pick<ListRowProps, "summary" | "inputs">) {
  const { definition, retried_from } = summary;
  const node = usePage().isClustered.value && summary.node;
  const by = summary.by ?? summary.driver;
  const words = [definition, inputs, by && `by ${by}`, node && `on ${node}`]
    .filter(Boolean)
    .join(" · ");
  return (
    <span class="row-origin">
      {retried_from !== null && (
        <Link to={{ name: "workflow", workflow_id: retried_from }} class="row-retry">
          ↻ retry of {shortId(retried_from)}
        </Link>
      )}
      <span class="row-origin-words" title={words}>
        {definition && <span class="row-definition">{definition}</span>}
        {inputs && <span class="row-inputs">{inputs}</span>}
        {by && <span class="row-by">by {by}</span>}
        {node && <span class="row-by">on {node}</span>}
      </span>
    </span>
  );
}

function StepCell({ summary }: Pick<ListRowProps, "summary">) {
  const { current_step, total_steps } = summary;
  const status = summary.queued ? "queued" : summary.status;
  const words = summary.error_message ?? summary.why_queued ?? summary.step ?? "";
  return (
    <span class="row-step">
      <span class="row-step-words">
        <span class="row-step-count">{stepCount(current_step, total_steps)}</span>
        {summary.link_lost != null && <LostLink since={summary.link_lost} />}
        <span class="row-step-name" title={words}>
          <LinkedText text={words} />
        </span>
      </span>
      {total_steps > 0 && !isEnded(summary.status) && (
        <span class={`mini-bar tone-${lookOf(status).tone}`} aria-hidden="true">
          <span class="mini-bar-fill" style={{ width: `${summary.done * 100}%` }} />
        </span>
      )}
    </span>
  );
}
