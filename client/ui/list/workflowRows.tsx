/** The rows themselves. They keep their place whatever comes in; what is new waits to be asked for. */
import type { ComponentChildren, VNode } from "preact";
import { useMemo, useRef } from "preact/hooks";
import type { Summary } from "../../index.js";
import type { ListRoute } from "../browser/mount.js";
import type { Later } from "../page/later.js";
import { usePage } from "../page/page.js";
import { type Asked, arrange } from "./arrange.js";
import { filterOf, orderIn } from "./filter/filters.js";
import { RowHead } from "./filter/rowHead.js";
import { ListRow, type ListRowProps } from "./listRow.js";
import type { ListViews } from "./listViews.js";
import type { Older, ToldOlder } from "./older.js";
import { useSelection } from "./select/useSelection.js";
import { inputsText, tellingInputs } from "./tellingInputs.js";
import { useHold } from "./useHold.js";
import { useRowKeys } from "./useRowKeys.js";

interface WorkflowRowsProps {
  /** By epoch. */
  readonly workflows: Readonly<Record<string, Summary>>;
  readonly older: Pick<Older, "knownUpTo" | "workflows">;
  /** The reason why older ones are missing, if they are. */
  readonly missing: Pick<ToldOlder, "why" | "again"> | null;
  readonly route: ListRoute;
  readonly Later: Later<ListViews>;
  /** How many rows are drawn at most. */
  readonly limit: number;
  showMore(): void;
  /** Stands in place of the rows where there are none. */
  readonly empty: ComponentChildren;
}

export function WorkflowRows(props: WorkflowRowsProps) {
  const { workflows, older, missing, route, Later, limit, showMore, empty } = props;
  const { router, connection, serverDay, serverNow } = usePage();
  const question = router.mount.addressOf(route);
  const element = useRowKeys();
  const rowOf = useKeptRows();
  const asked: Asked = {
    filter: filterOf(route, serverDay.value),
    order: orderIn(route),
    now: serverNow.peek(),
    knownUpTo: older.knownUpTo,
    older: older.workflows,
  };
  const hold = useHold(question, () => arrange(workflows, asked, null).rows.map(summaryIn));
  const cleared = useRef(new Set<string>()).current;
  const { rows: arranged, waiting } = arrange(workflows, asked, hold.held);
  // Rows that somebody cleared here go at once, also under the pointer.
  const rows = arranged.filter(({ summary, isGone }) => !isGone || !cleared.has(summary.epoch));
  const shown = rows.slice(0, limit);
  const canDrive = connection.value.can.includes("drive");
  const present = shown.filter(({ isGone }) => !isGone).map(summaryIn);
  const selection = useSelection(present, canDrive);
  const telling = useMemo(() => tellingInputs(Object.values(workflows)), [workflows]);
  const selected = present.filter(({ epoch }) => selection.epochs.has(epoch));
  const left = rows.length - shown.length;

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
        <div class={canDrive ? "list-box can-select" : "list-box"}>
          <RowHead
            route={route}
            all={canDrive ? { isSelected: selection.isAll, toggle: selection.toggleAll } : null}
          />
          <ul class="rows" aria-label="Workflows" {...selection.on}>
            {shown.map(({ summary, isGone }) =>
              rowOf({
                summary,
                isGone,
                inputs: inputsText(summary, telling),
                isSelected: canDrive ? selection.epochs.has(summary.epoch) : null,
              }),
            )}
          </ul>
          {(left > 0 || older.knownUpTo !== null) && (
            <button type="button" class="list-more" onClick={showMore}>
              {left > 0 && older.knownUpTo === null ? `${left} more – show` : "Show more"}
            </button>
          )}
        </div>
      )}
      {missing?.why != null && (
        <p class="list-older" role="alert">
          Older ones did not come: {missing.why}.{" "}
          <button type="button" class="button is-small" onClick={missing.again}>
            Try again
          </button>
        </p>
      )}
      {selected.length > 0 && (
        <Later>
          {({ SelectionBar }) => (
            <SelectionBar
              selected={selected}
              selection={selection}
              onCleared={() => {
                for (const { epoch } of selected) cleared.add(epoch);
                selection.clear();
              }}
            />
          )}
        </Later>
      )}
    </div>
  );
}

const summaryIn = ({ summary }: { readonly summary: Summary }): Summary => summary;

/** The same row for the same properties, so that news of one workflow draws one row and not two hundred. */
function useKeptRows(): (props: ListRowProps) => VNode {
  const kept = useRef(new WeakMap<Summary, { props: ListRowProps; row: VNode }>()).current;
  return (props) => {
    const known = kept.get(props.summary);
    if (known && isSame(known.props, props)) return known.row;
    const row = <ListRow key={props.summary.epoch} {...props} />;
    kept.set(props.summary, { props, row });
    return row;
  };
}

const isSame = (one: ListRowProps, other: ListRowProps): boolean =>
  one.inputs === other.inputs && one.isGone === other.isGone && one.isSelected === other.isSelected;
