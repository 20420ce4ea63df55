/** The heads of the columns: what they hold, and the order of the rows by them. */
import { orderText, type Sort } from "../../../index.js";
import type { ListRoute } from "../../browser/mount.js";
import { formatZone } from "../../look/time.js";
import { usePage } from "../../page/page.js";
import { orderIn } from "./filters.js";

/** In which direction an order begins, and what that is called. */
export const ORDERS: Readonly<Record<Sort, { isDescending: boolean; up: string; down: string }>> = {
  started: { isDescending: true, up: "oldest first", down: "newest first" },
  duration: { isDescending: true, up: "shortest first", down: "longest first" },
  status: { isDescending: false, up: "what is at work first", down: "what is over first" },
  name: { isDescending: false, up: "from A to Z", down: "from Z to A" },
};

interface RowHeadProps {
  readonly route: ListRoute;
  /** Null where nothing can be selected. */
  readonly all: { readonly isSelected: boolean; toggle(): void } | null;
}

export function RowHead({ route, all }: RowHeadProps) {
  const { serverDay } = usePage();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a look of its own that differs from browser to browser
    <div class="row row-head" role="group" aria-label="Order">
      {all && (
        <label class="row-check">
          <input
            type="checkbox"
            data-testid="select-all"
            aria-label="Select all that have ended"
            checked={all.isSelected}
            onChange={all.toggle}
          />
        </label>
      )}
      <SortButton route={route} by="status" word="Status" />
      <SortButton route={route} by="name" word="Workflow" />
      <span>Started from</span>
      <span>Step</span>
      <SortButton route={route} by="started" word={`Started (${formatZone(serverDay.value)})`} />
      <SortButton route={route} by="duration" word="Duration" />
    </div>
  );
}

function SortButton({ route, by, word }: { route: ListRoute; by: Sort; word: string }) {
  const { router } = usePage();
  const order = orderIn(route);
  const isChosen = order.by === by;
  const { up, down, ...first } = ORDERS[by];
  const next = { by, isDescending: isChosen ? !order.isDescending : first.isDescending };
  const now = order.isDescending ? down : up;
  return (
    <button
      type="button"
      class={`sort row-head-${by}`}
      aria-pressed={isChosen}
      title={`Order: ${next.isDescending ? down : up}`}
      onClick={() => router.go(withOrder(route, orderText(next)))}
    >
      {word}
      {isChosen && <span aria-hidden="true">{order.isDescending ? " ↓" : " ↑"}</span>}
      {isChosen && <span class="sr-only">, {now}</span>}
    </button>
  );
}

const USUAL = "-started";

/** The same filters, in that order. */
export function withOrder({ sort: _before, ...route }: ListRoute, sort: string): ListRoute {
  return sort === USUAL ? route : { ...route, sort };
}
