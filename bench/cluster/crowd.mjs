/** Many tabs that watch one workflow, spread over servers: each notes the newest number that it was shown. */
import { once } from "node:events";
import { WebSocket } from "ws";

const AT_ONCE = 50;

/** Resolves once every tab is shown the workflow. */
export async function openCrowd(urls, count, workflow_id) {
  const tabs = [];
  let waiting = null;
  let behind = 0;
  const show = (tab, number) => {
    if (number === undefined || number <= tab.shown) return;
    tab.shown = number;
    if (waiting !== null && number === waiting.number && --behind === 0) waiting.resolve();
  };
  for (let from = 0; from < count; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, n) => from + n);
    tabs.push(...(await Promise.all(some.map((n) => openTab(urls[n % urls.length])))));
  }
  return {
    /** Resolves when the last tab is shown this number. To be called before it is sent. */
    allShown: (number) =>
      new Promise((resolve) => {
        waiting = { number, resolve };
        behind = tabs.length;
      }),
    close: () => {
      for (const { socket } of tabs) socket.terminate();
    },
  };

  async function openTab(url) {
    const socket = new WebSocket(`${url.replace("http", "ws")}/workflow/live`, "instep.v1");
    const tab = { socket, shown: -1 };
    await once(socket, "open");
    const isThere = new Promise((resolve) => {
      socket.on("message", (data) => {
        const frame = JSON.parse(data.toString());
        if (frame.type === "snapshot") {
          show(tab, frame.state.number ?? 0);
          resolve();
        }
        if (frame.type === "changed")
          show(tab, frame.patch.find(({ path }) => path === "/number")?.value);
      });
    });
    socket.send(JSON.stringify({ type: "subscribe", workflow_id }));
    await isThere;
    return tab;
  }
}
