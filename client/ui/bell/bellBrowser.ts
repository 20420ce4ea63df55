/** The browser's side of the bell: notifications, one tab that speaks for all, and whether anyone looks at one of them. */
import type { BellNews } from "./bellNews.js";

export type BellPermission = "default" | "granted" | "denied" | "insecure" | "missing";

export interface BellBrowser {
  permission(): BellPermission;
  /** Only ever on a click: browsers forbid those that ask unasked. */
  ask(): Promise<void>;
  show(news: BellNews, workflow_id: string, onClick: () => void): void;
  /** Runs in one tab at a time, for as long as that is there; what it gives back ends it. */
  lead(run: () => () => void): () => void;
  isAnyTabVisible(): Promise<boolean>;
  stop(): void;
}

/** `mount` keeps two Insteps of one origin apart. */
export function createBellBrowser(window: Window & typeof globalThis, mount: string): BellBrowser {
  const { document, navigator } = window;
  const locks: LockManager | undefined = navigator.locks;
  const [LEADS, SEEN] = [`instep.bell ${mount}`, `instep.seen ${mount}`];
  const isVisible = () => document.visibilityState === "visible";

  // A lock ends with its tab, however that goes; a message that says "hidden" may never be sent.
  let letGo: (() => void) | null = null;
  const see = () => {
    letGo?.();
    letGo = null;
    if (!locks || !isVisible()) return;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    locks.request(SEEN, { mode: "shared" }, () => held).catch(() => {});
  };
  see();
  document.addEventListener("visibilitychange", see);

  return {
    permission() {
      if (!window.isSecureContext) return "insecure";
      return "Notification" in window ? window.Notification.permission : "missing";
    },
    async ask() {
      await window.Notification.requestPermission();
    },
    show({ title, body }, workflow_id, onClick) {
      try {
        const shown = new window.Notification(title, { body, tag: workflow_id });
        shown.onclick = () => {
          window.focus();
          shown.close();
          onClick();
        };
      } catch {
        // Phones know notifications of service workers only; title and icon have changed all the same.
      }
    },
    lead(run) {
      if (!locks) return run();
      const stop = new AbortController();
      const over = new Promise<void>((resolve) => {
        stop.signal.addEventListener("abort", () => resolve());
      });
      locks
        .request(LEADS, { signal: stop.signal }, async () => {
          const end = run();
          await over;
          end();
        })
        .catch(() => {
          // Stopped before its turn came.
        });
      return () => stop.abort();
    },
    async isAnyTabVisible() {
      if (isVisible()) return true;
      const { held = [] } = (await locks?.query()) ?? {};
      return held.some(({ name }) => name === SEEN);
    },
    stop() {
      document.removeEventListener("visibilitychange", see);
      letGo?.();
    },
  };
}
