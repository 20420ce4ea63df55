/** When each step ran: a table of times, with bars beside it for the eye. */
import type { WorkflowState } from "../../index.js";
import { Elapsed, usePictureTime } from "../freshness.js";
import { Glyph } from "../look/glyph.js";
import { lookOf } from "../look/status.js";
import { formatClock } from "../time.js";
import { type Bar, type TimelineRow, timelineOf } from "./timelineOf.js";

export function Timeline({ state }: { state: WorkflowState }) {
  const { now } = usePictureTime();
  const { from, to, rows, interruption } = timelineOf(state, now);
  if (from === null) return <p class="pane-empty">Nothing has run yet.</p>;
  const place = (at: number) => ((at - from) / Math.max(1, to - from)) * 100;
  return (
    <div class="timeline" data-testid="timeline">
      <div class="timeline-axis" aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <span key={part}>
            {formatClock(from + part * (to - from)).slice(0, to - from > 300_000 ? 5 : 8)}
          </span>
        ))}
      </div>
      <table class="table timeline-table">
        <colgroup>
          <col class="timeline-steps" />
          <col class="timeline-times" />
          <col />
        </colgroup>
        <thead class="sr-only">
          <tr>
            <th scope="col">Step, its status, start and attempts</th>
            <th scope="col">Took</th>
            <th scope="col">Bars</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.index} row={row} place={place} rule={interruption} />
          ))}
        </tbody>
      </table>
      {interruption !== null && (
        <p class="timeline-note">
          The line at {formatClock(interruption)}: the work was interrupted.
        </p>
      )}
    </div>
  );
}

interface RowProps {
  readonly row: TimelineRow;
  readonly rule: number | null;
  place(at: number): number;
}

function Row({ row, place, rule }: RowProps) {
  return (
    <tr class={`tone-${lookOf(row.status).tone}`}>
      <th scope="row">
        <Glyph status={row.status} />
        <span>{row.name}</span>
        <span class="sr-only">
          , {lookOf(row.status).word}
          {row.from !== null && `, started ${formatClock(row.from)}`}
          {row.attempts > 1 && `, ${row.attempts} attempts`}
        </span>
      </th>
      <td class="timeline-took">
        <Elapsed from={row.from} until={row.to} />
      </td>
      <td class="timeline-bars" aria-hidden="true">
        <div class="timeline-track">
          {row.bars.map((bar) => (
            <span
              key={bar.key}
              class={`tbar tbar-${bar.kind} tone-${lookOf(bar.status).tone}`}
              style={barPlace(bar, place)}
            />
          ))}
          {rule !== null && <span class="timeline-rule" style={{ left: `${place(rule)}%` }} />}
        </div>
      </td>
    </tr>
  );
}

/** A bar too short to be seen is drawn as the least that can. */
function barPlace({ from, to }: Bar, place: (at: number) => number) {
  return { left: `${place(from)}%`, width: `max(3px, ${place(to) - place(from)}%)` };
}
