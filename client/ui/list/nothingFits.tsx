/** Workflows there are, only none that was asked for. */
import { lookOf } from "../look/status.js";
import { Link } from "../parts/link.js";
import type { Filter } from "./filters.js";

export function NothingFits({ filter: { status, q } }: { filter: Filter }) {
  return (
    <section class="empty" data-testid="nothing-fits">
      <h2>Nothing matches</h2>
      <p>
        No workflow {q && <>with “{q}” in its name, id or step</>}{" "}
        {status && <>that is “{lookOf(status).word}”</>}.
      </p>
      <Link to={{ name: "list" }} class="button">
        Clear filters
      </Link>
    </section>
  );
}
