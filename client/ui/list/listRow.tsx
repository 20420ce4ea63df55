/** One workflow in one line; the whole line is the link. */
import type { Summary } from "../../index.js";
import { Elapsed, StartTime } from "../freshness.js";
import { StatusBadge } from "../look/glyph.js";
import { stepCount } from "../look/progress.js";
import { lookOf } from "../look/status.js";
import { Link } from "../parts/link.js";
import { LinkedText } from "../parts/textLink.js";
import { parseTime } from "../time.js";
import { nameOf } from "../workflow/words.js";

export function ListRow({ summary }: { summary: Summary }) {
  const { workflow_id, current_step, total_steps } = summary;
  const status = summary.queued ? "queued" : summary.status;
  const from = parseTime(summary.start_time);
  const until = endOf(summary);
  const share = summary.done;
  const name = nameOf(summary);
  return (
    <li class="row" data-workflow-id={workflow_id} data-status={summary.status}>
      <span class="row-status">
        <StatusBadge status={status} progress={share} />
        {status === "running" && total_steps > 0 && (
          <span class="row-percent">{Math.floor(share * 100)} %</span>
        )}
      </span>
      <span class="row-name">
        <Link to={{ name: "workflow", workflow_id }} class="row-link">
          {name}
        </Link>
        {(name !== workflow_id || summary.in_history) && (
          <span class="row-id">
            {name !== workflow_id && <span class="row-id-text">{workflow_id}</span>}
            {summary.in_history && <span class="row-history">history</span>}
          </span>
        )}
      </span>
      <span class="row-step">
        <span class="row-step-words">
          <span class="row-step-count">{stepCount(current_step, total_steps)}</span>
          <span class="row-step-name">
            <LinkedText text={summary.error_message ?? summary.step ?? ""} />
          </span>
        </span>
        {total_steps > 0 && (
          <span class={`mini-bar tone-${lookOf(status).tone}`} aria-hidden="true">
            <span class="mini-bar-fill" style={{ width: `${share * 100}%` }} />
          </span>
        )}
      </span>
      <span class="row-start">{from !== null && <StartTime at={from} />}</span>
      <span class="row-duration">
        <Elapsed from={from} until={until} />
      </span>
    </li>
  );
}

/** An interrupted workflow is not running: its time stands still where it was last heard of. */
function endOf(summary: Summary): number | null {
  if (summary.status === "running" || summary.status === "blocked") return null;
  return parseTime(summary.end_time ?? summary.last_seen ?? summary.last_update);
}
