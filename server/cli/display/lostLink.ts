/** Says when the link to the server is lost, and when it is back. */
import type { ConnectionPhase, InstepClient } from "../../../client/index.js";
import type { Display } from "./display.js";

const LOST: readonly ConnectionPhase[] = ["waiting", "offline"];
const LINKED: readonly ConnectionPhase[] = ["live", "polling"];

/** `meanwhile` tells what happens until it is back. Returns what stops it. */
export function noteLostLinks(client: InstepClient, display: Display, meanwhile: string) {
  let isLost = false;
  return client.onConnection(({ phase }) => {
    if (!isLost && LOST.includes(phase)) {
      isLost = true;
      display.note(`The link to the server is lost. ${meanwhile}`, { link: "lost" });
    } else if (isLost && LINKED.includes(phase)) {
      isLost = false;
      display.note("The link to the server is back.", { link: "back" });
    }
  });
}
