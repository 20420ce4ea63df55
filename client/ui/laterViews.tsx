/** Fetches the larger views right behind the page: the list is there sooner, and a link that breaks later breaks nothing here. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type * as Views from "./views.js";

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
  children(views: typeof Views): ComponentChildren;
}

export function Later({ children }: LaterProps) {
  const loaded = views.value;
  if (loaded === null) return null;
  if (loaded !== "missing") return <>{children(loaded)}</>;
  return (
    <section class="empty" role="alert">
      <h1>A part of this page is missing</h1>
      <p>
        It could not be loaded: the server did not answer, or has a newer version of the page.
        Nothing of the workflows is lost.
      </p>
      <button type="button" class="button" onClick={() => window.location.reload()}>
        Load this page again
      </button>
    </section>
  );
}
