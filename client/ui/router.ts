/** The current route as a signal, over the browser's history. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Mount, Route } from "./mount.js";

export interface Router {
  readonly route: ReadonlySignal<Route>;
  readonly mount: Mount;
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
  return {
    route,
    mount,
    go(next, how = "push") {
      const address = mount.addressOf(next);
      if (how === "push") window.history.pushState(null, "", address);
      else window.history.replaceState(null, "", address);
      window.scrollTo(0, 0);
      route.value = next;
    },
    stop: () => window.removeEventListener("popstate", onReturn),
  };
}
