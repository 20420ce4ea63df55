/** The place of a page that has heard nothing yet: quiet for a moment, then it says what it waits for and what can be done. */
import { useLayoutEffect, useState } from "preact/hooks";
import type { ConnectionView } from "../../index.js";
import { usePage } from "../page/page.js";
import { isUnderWay } from "../page/underWay.js";
import { SignIn } from "./signIn.js";

/** Most answers come sooner: showing "loading" for them would only flicker. */
const QUIET_MS = 150;

interface NoViewProps {
  readonly connection: ConnectionView;
  readonly what: string;
}

export function NoView({ connection, what }: NoViewProps) {
  const { client } = usePage();
  const [quiet, setQuiet] = useState(true);
  useLayoutEffect(() => client.clock.after(QUIET_MS, () => setQuiet(false)), [client]);
  if (quiet) return null;
  const { phase, why } = connection;
  const isVain = connection.problem !== null && isUnderWay({ ...connection, problem: null });
  const { title, text } = wordsFor(connection, what);
  return (
    <section class="empty" data-testid="no-view">
      <h1>{title}</h1>
      <p>{text}</p>
      {why === "unauthorized" && <SignIn />}
      {(isVain || phase === "waiting" || phase === "offline" || why === "refused") && (
        <button type="button" class="button" onClick={() => client.retryNow()}>
          Try again now
        </button>
      )}
      {why === "version" && (
        <button type="button" class="button" onClick={() => window.location.reload()}>
          Load this page again
        </button>
      )}
    </section>
  );
}

function wordsFor(
  { phase, why, problem }: ConnectionView,
  what: string,
): { title: string; text: string } {
  switch (phase) {
    case "idle":
    case "connecting":
    case "live":
    case "polling":
      return problem === null
        ? { title: `Loading ${what}…`, text: "One moment." }
        : noAnswer(problem);
    case "waiting":
      return noAnswer(problem);
    case "offline":
      return {
        title: "This device is offline",
        text: "The page goes on by itself once it is online again. What runs on the server is not touched by this.",
      };
    case "stopped":
      return stoppedText(why);
  }
}

/** Where no server of ours ever was, nothing is said of its disk. */
function noAnswer(problem: string | null): { title: string; text: string } {
  const again = "The page tries again by itself.";
  return {
    title: "The server does not answer",
    text:
      problem === null
        ? `${again} What was saved is safe on the server’s disk.`
        : `${problem} ${again}`,
  };
}

function stoppedText(why: ConnectionView["why"]): { title: string; text: string } {
  switch (why) {
    case "unauthorized":
      return {
        title: "A token is needed",
        text: "Open the address the server printed when it started, or enter the token here. It is kept for this tab only.",
      };
    case "version":
      return {
        title: "The server speaks a newer language",
        text: "Load this page again to get the one that belongs to it.",
      };
    case "refused":
    case "asked":
    case null:
      return {
        title: "The server turned this page away",
        text: "Load it again; if that does not help, the server’s log says why.",
      };
  }
}
