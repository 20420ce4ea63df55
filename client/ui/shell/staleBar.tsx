/** Says that the server, one of a cluster, cannot reach its store, for as long as that is so: the page shows what was so by then, and no command takes effect. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { Glyph } from "../look/glyph.js";
import { formatClock } from "../look/time.js";
import { isInStep } from "../page/inStep.js";
import { usePage } from "../page/page.js";

export function StaleBar() {
  const { connection, announcer } = usePage();
  const since = isInStep(connection.value) ? connection.value.staleSince : null;
  const time = since === null ? null : formatClock(since);
  const isTold = useRef(false);
  useLayoutEffect(() => {
    if (time !== null)
      announcer.warn(`This server cannot reach its store. What you see is as of ${time}.`);
    else if (isTold.current)
      announcer.say("The server reaches its store again. What you see is current.");
    isTold.current = time !== null;
  }, [time, announcer]);
  if (time === null) return null;
  return (
    <aside class="banner dock tone-interrupted" data-testid="stale" aria-label="The server’s store">
      <Glyph status="interrupted" />
      <div class="banner-body">
        <p>
          <strong>This server cannot reach its store.</strong>{" "}
          <span>What you see is as of {time}. Commands are refused until it can.</span>
        </p>
      </div>
    </aside>
  );
}
