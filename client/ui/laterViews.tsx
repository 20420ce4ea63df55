/** Fetches the larger views right behind the page: the list is there sooner, and a link that breaks later breaks nothing here. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { nothingIsMissing, reloadOnceServed } from "./missingPart.js";
import { usePage } from "./page.js";
import type * as Views from "./views.js";

const ANSWER_WITHIN_MS = 10_000;

const views = signal<typeof Views | "missing" | null>(null);

/** Again and again is harmless: what is there, is there. */
export async function loadViews(): Promise<void> {
  try {
    views.value = await import("./views.js");
  } catch {
    if (views.value === null) views.value = "missing";
  }
}

interface LaterProps {
  /** Beside a larger part that says itself when it is missing. */
  readonly isBeside?: boolean;
  children(views: typeof Views): ComponentChildren;
}

export function Later({ isBeside = false, children }: LaterProps) {
  const { memory } = usePage();
  const loaded = views.value;
  const isThere = loaded !== null && loaded !== "missing";
  useEffect(() => {
    if (isThere) nothingIsMissing(memory);
  }, [isThere, memory]);
  if (loaded === null) return null;
  if (isThere) return children(loaded);
  return isBeside ? null : <MissingPart />;
}

function MissingPart() {
  const { client, memory } = usePage();
  const reload = () => window.location.reload();
  useEffect(
    () => reloadOnceServed({ clock: client.clock, memory, isServed: isPageServed, reload }),
    [client, memory],
  );
  return (
    <section class="empty" role="alert">
      <h1>A part of this page is missing</h1>
      <p>
        It could not be loaded: the server did not answer, or has a newer version of the page.
        Nothing of the workflows is lost. The page loads itself again as soon as the server gives
        it.
      </p>
      <button type="button" class="button" onClick={reload}>
        Load this page again
      </button>
    </section>
  );
}

async function isPageServed(): Promise<boolean> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  try {
    return (await fetch(document.baseURI, { cache: "no-store", signal })).ok;
  } catch {
    return false;
  }
}
