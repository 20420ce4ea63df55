/** Holds a server against the protocol, from outside: by its REST calls and its WebSocket, with workflows of its own that are cleared at the end. */
import { CHECKS } from "./checks.mjs";
import { Trial } from "./trial.mjs";

/**
 * Makes each check with the server at `url`; gives the sentences of what was wrong. `fetch` and `WebSocket` may be given, and `only`, a part of
 * the sentences of the checks to make.
 */
export async function conformServer(
  url,
  { token, fetch = globalThis.fetch, WebSocket, only = "" } = {},
) {
  const used = WebSocket ?? globalThis.WebSocket ?? (await import("ws")).WebSocket;
  const wrong = [];
  for (const [name, check] of CHECKS.filter(([each]) => each.includes(only))) {
    const it = new Trial(url.replace(/\/+$/, ""), { token, fetch, WebSocket: used });
    try {
      await check(it);
    } catch (error) {
      wrong.push(`${name}: ${error.message}`);
    } finally {
      await it.end();
    }
  }
  return wrong;
}
