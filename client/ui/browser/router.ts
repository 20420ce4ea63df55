/** The current route as a signal, over the browser's history. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { isSamePage, type Mount, type Route } from "./mount.js";

export interface Router {
  readonly route: ReadonlySignal<Route>;
  readonly mount: Mount;
  /** Another place of the same page replaces the address and leaves the scroll to whoever asked; another page is a step of the history. */
  go(route: Route, how?: "push" | "replace"): void;
  stop(): void;
}

export function createRouter(window: Window, mount: Mount): Router {
  const read = () => mount.routeOf(new URL(window.location.href));
  const route = signal<Route>(read());
  const onReturn = () => {
    route.value = read();
  };
  window.addEventListener("popstate", onReturn);
  // The lines of a link typed into the address of an open tab.
  window.addEventListener("hashchange", onReturn);
  return {
    route,
    mount,
    go(next, how = isSamePage(route.value, next) ? "replace" : "push") {
      const address = mount.addressOf(next);
      if (how === "push") window.history.pushState(null, "", address);
      else window.history.replaceState(null, "", address);
      if (!isSamePage(route.value, next)) window.scrollTo(0, 0);
      route.value = next;
    },
    stop() {
      window.removeEventListener("popstate", onReturn);
      window.removeEventListener("hashchange", onReturn);
    },
  };
}
