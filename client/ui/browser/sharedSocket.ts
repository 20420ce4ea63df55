/** One socket for all tabs of this browser: the worker that holds it, and a mark on the document that says whether this tab uses it. */
import { effect, type ReadonlySignal } from "@preact/signals";
import type { ConnectionView } from "../../index.js";

/** The script's name changes with each build, so tabs of two builds never share. */
export const openSharedWorker = (): SharedWorker =>
  new SharedWorker(new URL("../../sharing/sharedWorker.ts", import.meta.url), { type: "module" });

/** `data-socket` of the document's element: "shared", "own", or "none" while there is none. */
export function markSocket(connection: ReadonlySignal<ConnectionView>, document: Document): void {
  effect(() => {
    const { phase, isShared } = connection.value;
    const socket = isShared ? "shared" : "own";
    document.documentElement.dataset.socket = phase === "live" ? socket : "none";
  });
}
