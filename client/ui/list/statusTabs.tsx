/** How many workflows there are in each status, and a link to only those. */
import { Glyph } from "../look/glyph.js";
import { Link } from "../parts/link.js";
import type { Filter, StatusTab } from "./filters.js";

export function StatusTabs({ tabs, filter }: { tabs: readonly StatusTab[]; filter: Filter }) {
  return (
    <nav class="status-tabs" aria-label="By status">
      <ul>
        {tabs.map(({ status, word, count }) => (
          <li key={status ?? ""}>
            <Link
              to={{ name: "list", ...(status && { status }), ...(filter.q && { q: filter.q }) }}
              class={count === 0 ? "status-tab is-none" : "status-tab"}
              current={status === (filter.status || undefined) ? "true" : undefined}
            >
              {status && <Glyph status={status} />}
              {word} <span class="status-tab-count">{count}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
