/** The browser's hints that the link may have died or come back. Listens only while someone cares. */

/** `wake`: look whether the socket still lives. `online` and `offline`: what the browser believes about the network. */
export type WakeSignal = "wake" | "online" | "offline";

export type WakeSignals = (listener: (signal: WakeSignal) => void) => () => void;

/** Hears nothing outside a browser, so that Node needs no special case. Returns what stops it. */
export const browserWakeSignals: WakeSignals = (listener) => {
  if (typeof window === "undefined" || typeof document === "undefined") return () => {};

  const visible = () => document.visibilityState === "visible" && listener("wake");
  const wake = () => listener("wake");
  const online = () => listener("online");
  const offline = () => listener("offline");
  const wiring: [EventTarget, string, () => void][] = [
    [document, "visibilitychange", visible],
    // Chromium thaws a frozen tab with "resume"; "pageshow" is a page that returns from the back/forward cache.
    [document, "resume", wake],
    [window, "pageshow", wake],
    [window, "online", online],
    [window, "offline", offline],
  ];
  for (const [target, name, run] of wiring) target.addEventListener(name, run);
  if (navigator.onLine === false) offline();
  return () => {
    for (const [target, name, run] of wiring) target.removeEventListener(name, run);
  };
};

/** False outside a browser. */
export const isTabVisible = (): boolean =>
  typeof document !== "undefined" && document.visibilityState === "visible";
