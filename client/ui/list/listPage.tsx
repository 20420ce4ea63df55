/** All workflows of this server, open ones and the history, newest first. */
import { useState } from "preact/hooks";
import { LIST } from "../../index.js";
import { AsOf, FreshnessContext, freshnessOf } from "../freshness.js";
import { usePage } from "../page.js";
import { Link } from "../parts/link.js";
import { NoPicture } from "../parts/noPicture.js";
import { useView } from "../useView.js";
import { arrange } from "./arrange.js";
import { EmptyList } from "./emptyList.js";
import { ListRow } from "./listRow.js";
import { RunExample } from "./runExample.js";

/** More rows than this at once are for machines; the rest comes on demand. */
const ROWS_AT_ONCE = 200;

export function ListPage() {
  const view = useView(LIST);
  const { connection } = usePage();
  const [held, setHeld] = useState<ReadonlySet<string> | null>(null);
  const [most, setMost] = useState(ROWS_AT_ONCE);

  if (!view.list) return <NoPicture connection={connection.value} what="the workflows" />;
  const { rows, waiting } = arrange(view.list, held);
  const total = rows.length + waiting;
  const hold = () => setHeld(new Set(Object.keys(view.list?.workflows ?? {})));

  return (
    <FreshnessContext.Provider value={freshnessOf(view)}>
      <div class="list-head">
        <h1>Workflows</h1>
        <span class="list-count">{total === 0 ? "" : total}</span>
        <AsOf />
        <div class="list-actions">
          <RunExample />
          <Link to={{ name: "start" }} class="button is-primary">
            Start…
          </Link>
        </div>
      </div>
      {total === 0 ? (
        <EmptyList />
      ) : (
        <div class="list" onPointerEnter={hold} onPointerLeave={() => setHeld(null)}>
          <div class="row row-head" aria-hidden="true">
            <span>Status</span>
            <span>Workflow</span>
            <span>Step</span>
            <span>Started</span>
            <span class="row-duration">Duration</span>
          </div>
          {waiting > 0 && (
            <button type="button" class="list-waiting" onClick={hold}>
              {waiting === 1 ? "1 new workflow" : `${waiting} new workflows`} – show
            </button>
          )}
          <ul class="rows">
            {rows.slice(0, most).map((summary) => (
              <ListRow key={summary.epoch} summary={summary} />
            ))}
          </ul>
          {rows.length > most && (
            <button type="button" class="list-waiting" onClick={() => setMost(most + ROWS_AT_ONCE)}>
              {rows.length - most} older ones – show more
            </button>
          )}
        </div>
      )}
    </FreshnessContext.Provider>
  );
}
