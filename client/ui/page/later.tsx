/** Parts that are fetched right behind the page: the list is there sooner, and a link that breaks later breaks nothing here. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { nothingIsMissing, reloadOnceServed } from "./missingPart.js";
import { usePage } from "./page.js";

const ANSWER_WITHIN_MS = 10_000;

interface LaterProps<Views> {
  /** Beside a larger part that says itself when it is missing. */
  readonly isBeside?: boolean;
  children(views: Views): ComponentChildren;
}

/** Draws what its child makes of the views once they are loaded: nothing before, and that a part is missing where they did not come. */
export type Later<Views> = (props: LaterProps<Views>) => ComponentChildren;

export interface LaterViews<Views> {
  readonly Later: Later<Views>;
  /** Fetches the views; calling it again is harmless. Null where they did not come. */
  load(): Promise<Views | null>;
}

export function createLater<Views>(fetchViews: () => Promise<Views>): LaterViews<Views> {
  const views = signal<{ readonly loaded: Views } | "missing" | null>(null);
  return {
    Later({ isBeside = false, children }) {
      const { memory } = usePage();
      const state = views.value;
      const isThere = state !== null && state !== "missing";
      useEffect(() => {
        if (isThere) nothingIsMissing(memory);
      }, [isThere, memory]);
      if (state === null) return null;
      if (isThere) return children(state.loaded);
      return isBeside ? null : <MissingPart />;
    },
    async load() {
      try {
        const loaded = await fetchViews();
        views.value = { loaded };
        return loaded;
      } catch {
        if (views.value === null) views.value = "missing";
        return null;
      }
    },
  };
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
