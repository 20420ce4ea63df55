/** The rows themselves. They keep their place whatever comes in; what is new waits to be asked for. */
import type { ComponentChildren, VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import type { ListState, Summary } from "../../index.js";
import { arrange } from "./arrange.js";
import type { Filter } from "./filters.js";
import { ListRow } from "./listRow.js";
import { useHold } from "./useHold.js";
import { useRowKeys } from "./useRowKeys.js";

/** More rows than this at once are for machines; the rest comes on demand. */
const ROWS_AT_ONCE = 200;

interface WorkflowRowsProps {
  readonly list: ListState;
  readonly filter: Filter;
  /** What stands there instead of no rows. */
  readonly empty: ComponentChildren;
}

export function WorkflowRows({ list, filter, empty }: WorkflowRowsProps) {
  const asked = `${filter.status ?? ""} ${filter.q ?? ""}`;
  const [most, setMost] = useState({ asked, rows: ROWS_AT_ONCE });
  const element = useRowKeys();
  const rowOf = useKeptRows();
  const hold = useHold(asked, () => arrange(list, filter, null).rows.map(({ epoch }) => epoch));
  const { rows, waiting } = arrange(list, filter, hold.held);
  const shown = most.asked === asked ? most.rows : ROWS_AT_ONCE;

  return (
    <div class="list" ref={element} {...hold.on}>
      <div class="list-news" role="status">
        {waiting > 0 && (
          <button type="button" class="list-waiting" onClick={hold.renew}>
            ↑ {waiting === 1 ? "1 new workflow" : `${waiting} new workflows`} – show
          </button>
        )}
      </div>
      {rows.length === 0 ? (
        empty
      ) : (
        <div class="list-box">
          <div class="row row-head" aria-hidden="true">
            <span>Status</span>
            <span>Workflow</span>
            <span>Step</span>
            <span>Started</span>
            <span class="row-duration">Duration</span>
          </div>
          <ul class="rows" aria-label="Workflows, newest first">
            {rows.slice(0, shown).map(rowOf)}
          </ul>
          {rows.length > shown && (
            <button
              type="button"
              class="list-more"
              onClick={() => setMost({ asked, rows: shown + ROWS_AT_ONCE })}
            >
              {rows.length - shown} older {rows.length - shown === 1 ? "one" : "ones"} – show more
            </button>
          )}
        </div>
      )}
    </div>
  );
}

/** The same row for the same summary, so that news of one workflow draws one row and not two hundred. */
function useKeptRows(): (summary: Summary) => VNode {
  const kept = useRef(new WeakMap<Summary, VNode>()).current;
  return (summary) => {
    const row = kept.get(summary) ?? <ListRow key={summary.epoch} summary={summary} />;
    kept.set(summary, row);
    return row;
  };
}
