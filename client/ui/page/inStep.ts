/** Whether what the page shows is what the server has, and whether a command can be given. */
import type { ConnectionView } from "../../index.js";

/** While one of these two holds, what the page shows is what the server has: current but for a server that is behind itself (`staleSince`). */
export const isInStep = (connection: ConnectionView): boolean =>
  connection.phase === "live" || connection.phase === "polling";

/** Why a command cannot be given now; null where it can. It is never kept for later: a stale command must not fire after a gap. */
export function commandObstacle(connection: ConnectionView): string | null {
  if (!isInStep(connection)) return "Not connected. This works again once the page is live.";
  if (connection.staleSince !== null)
    return "This server cannot reach its store. This works again once it can.";
  // Known from the first hello on; where no socket ever opened, the server itself will say no.
  const { can } = connection;
  if (can.length > 0 && !can.includes("drive"))
    return "You may watch here, but not change anything.";
  return null;
}
