/** The list where there are workflows, but none that was asked for. */

import type { ListRoute } from "../../browser/mount.js";
import { lookOf } from "../../look/status.js";
import { Link } from "../../parts/link.js";

export function NothingFits({ route }: { route: ListRoute }) {
  const { status, q, definition, input, time, from, to } = route;
  const isInTime = Boolean(time || from || to);
  return (
    <section class="empty" data-testid="nothing-fits">
      <h2>Nothing matches</h2>
      <p>
        No workflow {q && <>with “{q}” in its line </>}
        {definition && <>of the definition “{definition}” </>}
        {input && <>with the input “{input}” </>}
        {isInTime && <>started in that time </>}
        {status && <>that is “{lookOf(status).word}”</>}.
      </p>
      <Link to={{ name: "list" }} class="button">
        Clear filters
      </Link>
    </section>
  );
}
