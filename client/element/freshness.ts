/** How a view stands, in the words of the element: one state for styles, one sentence for people. */
import type { ConnectionView, View } from "../index.js";

export type Standing = "connecting" | "live" | "reconnecting" | "as-of" | "unknown" | "ended";

/** `as-of`: shown, but of a server that cannot follow its store, or with no way back in sight. `unknown`: there is nothing to show, and `words` says why. */
export interface Told {
  readonly standing: Standing;
  readonly words: string;
}

/** `time` writes a moment (ms) as a clock shows it. */
export function standingOf(
  view: View,
  connection: Pick<ConnectionView, "phase" | "problem">,
  time: (ms: number) => string,
): Told {
  const asOf = view.asOf === null ? "" : ` As of ${time(view.asOf)}.`;
  switch (view.phase) {
    case "loading":
      return { standing: "connecting", words: "Connecting…" };
    case "unavailable":
      return { standing: "unknown", words: view.problem ?? "Nothing is known." };
    case "live":
      return view.state === null
        ? { standing: "unknown", words: "Nothing runs." }
        : { standing: "live", words: "Live" };
    case "stale":
      if (view.staleSince !== null || connection.phase === "stopped")
        return { standing: "as-of", words: (asOf || " Not confirmed.").trim() };
      return { standing: "reconnecting", words: `Reconnecting…${asOf}` };
    case "closed":
      return { standing: view.state === null ? "unknown" : "ended", words: closedWords(view) };
  }
}

function closedWords({ closed, state }: View): string {
  switch (closed) {
    case "expired":
      return "Final.";
    case "cleared":
      return state === null ? "It was cleared." : "Cleared since.";
    case "damaged":
      return "Its record cannot be read.";
    case "unknown":
    case null:
      return "There is no such workflow.";
  }
}
