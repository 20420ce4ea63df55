/** When each step ran: a table of times, with bars beside it for the eye. */
import { useMemo } from "preact/hooks";
import { placeOfIndex, type WorkflowState } from "../../../index.js";
import { Glyph } from "../../look/glyph.js";
import { lookOf } from "../../look/status.js";
import { formatClock } from "../../look/time.js";
import { Elapsed, usePictureTime } from "../../page/freshness.js";
import { memo } from "../../parts/memo.js";
import { type Bar, type TimelineRow, timelineOf } from "./timelineOf.js";

const SECOND = 1_000;

export function Timeline({ state }: { state: WorkflowState }) {
  const { rows, from, to, interruption } = useMemo(() => timelineOf(state), [state]);
  if (from === null) return <p class="pane-empty">Nothing has run yet.</p>;
  return (
    <Span from={from} to={to}>
      <table class="timeline-table">
        <colgroup>
          <col class="timeline-steps" />
          <col class="timeline-times" />
          <col />
        </colgroup>
        <thead>
          <tr>
            <th scope="col">
              <span class="sr-only">Step</span>
            </th>
            <th scope="col">
              <span class="sr-only">Took</span>
            </th>
            <th scope="col">
              <span class="sr-only">When</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.index} row={row} begin={from} rule={interruption} />
          ))}
        </tbody>
      </table>
      {rows.some(({ bars }) => bars.some(({ kind }) => kind === "unwatched")) && (
        <p class="timeline-note">
          Where a bar is hatched nobody watched: the server or the link was away.
        </p>
      )}
      {interruption !== null && (
        <p class="timeline-note">
          The line at {formatClock(interruption)}: the work was interrupted.
        </p>
      )}
    </Span>
  );
}

interface SpanProps {
  readonly from: number;
  readonly to: number | null;
  readonly children: preact.ComponentChildren;
}

/** Alone it is drawn at each second: the bars know their places in seconds, and only the scale changes. */
function Span({ from, to, children }: SpanProps) {
  const { now } = usePictureTime();
  const end = Math.max(to ?? now, from + SECOND);
  const long = end - from > 10 * 60 * SECOND ? 5 : 8;
  return (
    <div
      class="timeline"
      data-testid="timeline"
      style={{ "--span": (end - from) / SECOND, "--now": (now - from) / SECOND }}
    >
      <div class="timeline-axis" aria-hidden="true">
        {[0, 0.5, 1].map((part) => (
          <span key={part}>{formatClock(from + part * (end - from)).slice(0, long)}</span>
        ))}
      </div>
      {children}
    </div>
  );
}

interface RowProps {
  readonly row: TimelineRow;
  readonly begin: number;
  readonly rule: number | null;
}

const Row = memo(function Row({ row, begin, rule }: RowProps) {
  const { index, name, status, attempts, isKept, from, to, isGoingOn, bars } = row;
  const more = [
    ...(from === null ? [] : [`${isKept ? "ran before, " : ""}${formatClock(from)}`]),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
  ].join(", ");
  return (
    <tr
      class={`tone-${lookOf(status).tone}${placeOfIndex(index).branch === null ? "" : " is-branch"}`}
      data-timeline={index}
    >
      <th scope="row">
        <Glyph status={status} />
        <span>{name}</span>
        <span class="sr-only">, {lookOf(status).word}</span>
        {more !== "" && <span class="timeline-more"> {more}</span>}
      </th>
      <td class="timeline-took">
        <Elapsed from={to === null && !isGoingOn ? null : from} until={to} />
      </td>
      <td class="timeline-bars" aria-hidden="true">
        <div class="timeline-track">
          {bars.map((bar) => (
            <span
              key={bar.key}
              class={`tbar tbar-${bar.kind} tone-${lookOf(bar.status).tone}${bar.to === null ? " is-open" : ""}`}
              style={placeOf(bar, begin)}
            />
          ))}
          {rule !== null && (
            <span class="timeline-rule" style={{ "--at": (rule - begin) / SECOND }} />
          )}
        </div>
      </td>
    </tr>
  );
});

function placeOf({ from, to }: Bar, begin: number) {
  const at = (from - begin) / SECOND;
  return { "--at": at, ...(to !== null && { "--long": (to - from) / SECOND }) };
}
