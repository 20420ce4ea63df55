/** Tells a screen reader what was there when the page came up, once. */
import { useLayoutEffect } from "preact/hooks";
import { nameOf } from "../look/name.js";
import { situationOf } from "../look/situation.js";
import { usePage } from "../page/page.js";

/** Draws nothing. */
export function FoundNews(): null {
  const { announcer, found, router, runs, serverNow } = usePage();
  const what = found.value;
  useLayoutEffect(() => {
    if (!what) return;
    const { state, workflow_id } = what;
    const route = router.route.peek();
    const { title, text } = situationOf(state, {
      now: serverNow.peek(),
      tabName: runs.tabName,
      isHere: runs.here.peek().has(workflow_id),
      isShown: route.name === "workflow" && route.workflow_id === workflow_id,
    });
    announcer.say(`Restored: ${nameOf(state)}. ${title}: ${text}`);
  }, [what, announcer, router, runs, serverNow]);
  return null;
}
