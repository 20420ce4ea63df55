/** Prints the whole run rather than the part in the window. Ctrl+P reads the output first; a browser's own menu prints what is loaded. */
import { render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { View, WorkflowState } from "../../index.js";
import { usePage } from "../page/page.js";
import { type PrintedLog, readPrintedLogs } from "./printedLogs.js";
import { PrintSheet } from "./printSheet.js";

/** `selected`: the step whose log is shown. */
export function usePrint(view: View, state: WorkflowState, selected: number): void {
  const page = usePage();
  const shown = useRef({ view, state, selected });
  shown.current = { view, state, selected };
  useLayoutEffect(() => {
    const { client, announcer, router, serverNow, loadedLines } = page;
    const place = document.createElement("div");
    let read: readonly PrintedLog[] | null = null;
    let isReading = false;

    // Before this returns: the browser takes what is there then.
    const fill = () => {
      const { view, state, selected } = shown.current;
      const lines = loadedLines.current?.() ?? [];
      const logs = read ?? (lines.length > 0 ? [{ step: selected, lines, isWhole: false }] : []);
      const sheet = { view, state, logs, mount: router.mount.url, now: serverNow.peek() };
      document.body.append(place);
      render(<PrintSheet {...sheet} />, place);
    };
    const empty = () => {
      read = null;
      render(null, place);
      place.remove();
    };
    const onKey = (event: KeyboardEvent) => {
      const isPrint = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "p";
      if (!isPrint || event.shiftKey || event.altKey) return;
      event.preventDefault();
      if (!isReading) void print();
    };
    async function print() {
      isReading = true;
      announcer.say("The output is read for the print.");
      const { view, state } = shown.current;
      const { workflow_id, steps } = state;
      read = await readPrintedLogs(client, { workflow_id, epoch: view.position?.epoch, steps });
      isReading = false;
      window.print();
    }
    window.addEventListener("beforeprint", fill);
    window.addEventListener("afterprint", empty);
    window.addEventListener("keydown", onKey);
    return () => {
      window.removeEventListener("beforeprint", fill);
      window.removeEventListener("afterprint", empty);
      window.removeEventListener("keydown", onKey);
      empty();
    };
  }, [page]);
}
