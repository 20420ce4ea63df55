/** Turns progress, tasks and notes in a command's output into updates of its step. */
import type { OutputListener } from "./reading/outputReader.js";
import type { StepUpdates } from "./stepUpdates.js";

/** Hands on what is said of progress, tasks and notes; errors, groups and outputs are read elsewhere. */
export const listenerInto = (updates: StepUpdates): OutputListener => ({
  marker: (marker) => {
    switch (marker.kind) {
      case "progress":
        return updates.progress(marker.percent / 100, marker.text);
      case "task":
        return updates.task(marker.name, marker.status, marker.note);
      case "note":
        return updates.note(marker.text);
      case "error":
      case "group":
      case "endgroup":
      case "output":
        return;
    }
  },
  progress: (part) => updates.progress(part),
  line: (line) => updates.printed(line),
});
