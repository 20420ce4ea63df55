/** hocuspocus 4: a Yjs document of the same state, kept in memory. Its defaults, but that a watcher may be silent for an hour in place of a minute. */
import { Server } from "@hocuspocus/server";
import * as Y from "yjs";
import { stateOf } from "../scene.mjs";
import { listenOn, serve } from "./serving.mjs";

const hocuspocus = new Server({
  quiet: true,
  stopOnSignals: false,
  timeout: 3_600_000,
  onLoadDocument: async ({ document }) => {
    const { steps, ...rest } = stateOf("bench");
    const root = document.getMap("workflow");
    for (const [key, value] of Object.entries(rest)) root.set(key, value);
    document.getArray("steps").push(steps.map((step) => new Y.Map(Object.entries(step))));
    return document;
  },
});
serve(await listenOn(hocuspocus.httpServer));
