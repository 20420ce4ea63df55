/** The workflows somebody wants to be told of. Kept for all tabs of this browser, and told by one of them when none is looked at. */
import { effect, type ReadonlySignal, signal } from "@preact/signals";
import type { InstepClient, View, WorkflowState } from "../../index.js";
import type { Router } from "../browser/router.js";
import type { BellBrowser, BellPermission } from "./bellBrowser.js";
import { newsOf, situationOf } from "./bellNews.js";

const KEY = "instep.bells";
/** The list of bells must not grow for ever: beyond this many the oldest goes. */
const MOST = 100;

export interface Bells {
  /** Ids of those that are on. */
  readonly on: ReadonlySignal<ReadonlySet<string>>;
  readonly permission: ReadonlySignal<BellPermission>;
  /** Asks the browser where it has to be asked: call it on a click. */
  switchOn(state: WorkflowState): Promise<void>;
  switchOff(workflow_id: string): void;
  stop(): void;
}

interface BellParts {
  readonly client: Pick<InstepClient, "watch">;
  readonly router: Pick<Router, "go">;
  readonly settings: Storage;
  readonly browser: BellBrowser;
  readonly window: Pick<Window, "addEventListener" | "removeEventListener">;
}

/** By id: the situation that was last seen or told. */
type Known = Readonly<Record<string, string>>;

export function createBells({ client, router, settings, browser, window }: BellParts): Bells {
  const on = signal<ReadonlySet<string>>(new Set());
  const permission = signal(browser.permission());

  const read = (): Known => {
    try {
      const kept: unknown = JSON.parse(settings.getItem(KEY) ?? "{}");
      return typeof kept === "object" && kept !== null ? (kept as Known) : {};
    } catch {
      return {};
    }
  };
  const refresh = () => {
    const ids = Object.keys(read());
    if (ids.join() !== [...on.value].join()) on.value = new Set(ids);
  };
  const keep = (workflow_id: string, situation: string | null) => {
    const { [workflow_id]: _before, ...others } = read();
    const all = Object.entries(
      situation === null ? others : { ...others, [workflow_id]: situation },
    );
    settings.setItem(KEY, JSON.stringify(Object.fromEntries(all.slice(-MOST))));
    refresh();
  };

  const see = async ({ closed, state }: View, workflow_id: string) => {
    const all = read();
    if (!Object.hasOwn(all, workflow_id)) return;
    if (closed === "cleared" || closed === "unknown") return keep(workflow_id, null);
    if (!state) return;
    const situation = situationOf(state);
    if (situation === all[workflow_id]) return;
    // Kept first: whatever happens now, it is told once.
    keep(workflow_id, state.end_time == null ? situation : null);
    const news = newsOf(state);
    if (!news || (await browser.isAnyTabVisible())) return;
    browser.show(news, workflow_id, () => router.go({ name: "workflow", workflow_id }));
  };

  const follow = () => {
    const followed = new Map<string, () => void>();
    const stopEffect = effect(() => {
      const ids = permission.value === "granted" ? on.value : new Set<string>();
      for (const [id, stop] of followed) {
        if (ids.has(id)) continue;
        stop();
        followed.delete(id);
      }
      for (const id of ids) {
        if (!followed.has(id))
          followed.set(
            id,
            client.watch(id, (view) => void see(view, id)),
          );
      }
    });
    return () => {
      stopEffect();
      for (const stop of followed.values()) stop();
    };
  };

  const onStorage = ({ key }: StorageEvent) => {
    if (key === KEY || key === null) refresh();
  };
  refresh();
  window.addEventListener("storage", onStorage);
  const stopLeading = browser.lead(follow);
  return {
    on,
    permission,
    async switchOn(state) {
      if (browser.permission() === "default") await browser.ask();
      permission.value = browser.permission();
      if (permission.value === "granted") keep(state.workflow_id, situationOf(state));
    },
    switchOff: (workflow_id) => keep(workflow_id, null),
    stop() {
      window.removeEventListener("storage", onStorage);
      stopLeading();
      browser.stop();
    },
  };
}
