/** The place of a page that has heard nothing yet: quiet for a moment, then it says what it waits for. */
import { useEffect, useState } from "preact/hooks";
import type { ConnectionView } from "../../index.js";

/** Most answers come sooner: showing "loading" for them would only flicker. */
const QUIET_MS = 150;

interface NoPictureProps {
  readonly connection: ConnectionView;
  readonly what: string;
}

export function NoPicture({ connection, what }: NoPictureProps) {
  const [quiet, setQuiet] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setQuiet(false), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  if (quiet) return null;
  const { title, text } = wordsFor(connection, what);
  return (
    <section class="empty">
      <h1>{title}</h1>
      <p>{text}</p>
    </section>
  );
}

function wordsFor({ phase, why }: ConnectionView, what: string): { title: string; text: string } {
  switch (phase) {
    case "idle":
    case "connecting":
    case "live":
    case "polling":
      return { title: `Loading ${what}…`, text: "One moment." };
    case "waiting":
    case "offline":
      return {
        title: "The server does not answer",
        text: "The page tries again by itself. Nothing that was saved is lost.",
      };
    case "stopped":
      return stoppedWords(why);
  }
}

function stoppedWords(why: ConnectionView["why"]): { title: string; text: string } {
  switch (why) {
    case "unauthorized":
      return {
        title: "A token is needed",
        text: "Open the address the server printed when it started: it carries the token for this page.",
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
        text: "Load it again; if that does not help, the server's log says why.",
      };
  }
}
