/** How many workflows there are in each status, and a link to only those. */

import type { ListRoute } from "../../browser/mount.js";
import { Glyph } from "../../look/glyph.js";
import { Link } from "../../parts/link.js";
import type { StatusTab } from "./filters.js";

export function StatusTabs({ tabs, route }: { tabs: readonly StatusTab[]; route: ListRoute }) {
  return (
    <nav class="status-tabs" aria-label="By status">
      <ul>
        {tabs.map(({ status, word, count }) => (
          <li key={status ?? ""}>
            <Link
              to={{ ...route, status: status ?? "" }}
              class={count === 0 ? "status-tab is-none" : "status-tab"}
              current={status === (route.status || undefined) ? "true" : undefined}
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
