/** Asks a server through its proxy, as programs and pages do, for `instep doctor --url`. */
import { withoutSlash } from "../../settings/defaultServer.js";
import type { Finding } from "./finding.js";
import { judgeClock } from "./machine.js";
import type { Heard, Network } from "./network.js";
import {
  judgeEvents,
  judgeHeaders,
  judgePage,
  judgeRest,
  judgeSocket,
  scriptOf,
} from "./proxied.js";

const ONE_OF_LIST = "/workflows?limit=1";

/** The read of the list that tells what answers at an address. */
export const askList = (network: Network, url: string, token: string | undefined): Promise<Heard> =>
  network.get(new URL(withoutSlash(url) + ONE_OF_LIST), {
    Accept: "application/json",
    ...bearer(token),
  });

/** One finding after the other; only the first where nothing answers there at all. */
export async function* throughUrl(
  network: Network,
  url: string,
  token: string | undefined,
): AsyncGenerator<Finding> {
  const base = withoutSlash(url);
  const list = await askList(network, url, token);
  yield judgeRest(list, base);
  if ("why" in list) return;
  yield judgeClock(list.headers.date, list, base);

  const came = new URL(`${base}/workflow/request`);
  yield judgeHeaders(await network.get(came, { Accept: "application/json", ...bearer(token) }));

  const at = new URL(`${base}/`);
  const page = await network.get(at, { Accept: "text/html" });
  const script = "why" in page ? null : scriptOf(page, at);
  const found = script && { url: script, heard: await network.get(script, {}, () => true) };
  yield judgePage(page, found);

  const live = new URL(`${base}/workflow/live`);
  yield judgeSocket(await network.socket(live, token));
  const events = new URL(`${live}?workflow_id=*`);
  const isFirst = (text: string) => /\n\n/.test(text) && text.includes("event:");
  const asked = { Accept: "text/event-stream", ...bearer(token) };
  yield judgeEvents(await network.get(events, asked, isFirst));
}

const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { Authorization: `Bearer ${token}` };
