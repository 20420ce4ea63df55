/** The page, which every part of it is given: the client, the clock, the route, and the workflows this tab drives. */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Clock, ConnectionView, Found, InstepClient } from "../../index.js";
import type { Bells } from "../bell/bells.js";
import type { Keys } from "../browser/keys.js";
import type { Router } from "../browser/router.js";
import type { Themes } from "../browser/theme.js";
import { createExampleRuns, type ExampleRuns } from "../example/exampleRuns.js";
import { startOfDay } from "../look/time.js";
import { type Announcer, createAnnouncer } from "./announcer.js";
import { type Asking, createAsking } from "./asking.js";
import { isInStep } from "./inStep.js";
import { createTicker } from "./ticker.js";

export interface Page {
  readonly client: InstepClient;
  readonly router: Router;
  readonly connection: ReadonlySignal<ConnectionView>;
  /** Whether the server said that it is one of a cluster: what a server alone has as a "node", a driver put there. */
  readonly isClustered: ReadonlySignal<boolean>;
  /** Local time of the last moment the page was in step; null while it is. */
  readonly lostSince: ReadonlySignal<number | null>;
  /** For how long (ms) the page has not been in step; null while it is. */
  readonly lostForMs: ReadonlySignal<number | null>;
  /** The log that is shown has been behind what was printed for a while. */
  readonly isLogBehind: Signal<boolean>;
  /** Gives the lines that the log in the window has loaded; null where there is no log. */
  readonly loadedLines: { current: (() => readonly string[]) | null };
  readonly localNow: ReadonlySignal<number>;
  readonly serverNow: ReadonlySignal<number>;
  /** The beginning of the day it is by that, here. */
  readonly serverDay: ReadonlySignal<number>;
  readonly runs: ExampleRuns;
  readonly announcer: Announcer;
  readonly asking: Asking;
  /** The workflow that was there when the page came up; null when there was none, or it was dismissed. */
  readonly found: ReadonlySignal<Found | null>;
  readonly keys: Keys;
  readonly themes: Themes;
  readonly bells: Bells;
  /** Kept by the tab across a reload. */
  readonly memory: Storage;
  /** Kept by the browser, for all its tabs. */
  readonly settings: Storage;
  readonly hasToken: boolean;
  showFound(found: Found | null): void;
  stop(): void;
}

export interface PageParts {
  readonly client: InstepClient;
  readonly router: Router;
  readonly clock: Clock;
  readonly memory: Storage;
  readonly settings: Storage;
  readonly keys: Keys;
  readonly themes: Themes;
  readonly bells: Bells;
  readonly hasToken: boolean;
  /** Shown to watchers of what this tab drives. */
  readonly tabName: string;
}

export function createPage(parts: PageParts): Page {
  const { client, router, clock, memory, settings, keys, themes, bells, hasToken, tabName } = parts;
  const ticker = createTicker(clock);
  const connection = signal(client.connection);
  const lostSince = signal<number | null>(null);
  const lostAt = signal<number | null>(null);
  const found = signal<Found | null>(null);
  const announcer = createAnnouncer(clock);
  const stopListening = client.onConnection((next) => {
    ticker.refresh();
    const inStep = isInStep(next);
    if (inStep || isInStep(connection.value)) {
      lostSince.value = inStep ? null : clock.now();
      lostAt.value = inStep ? null : clock.elapsed();
    }
    connection.value = next;
  });
  const serverNow = computed(() => ticker.now.value + connection.value.serverOffsetMs);
  return {
    client,
    router,
    connection,
    isClustered: computed(() => connection.value.node !== null),
    lostSince,
    lostForMs: computed(() => (lostAt.value === null ? null : ticker.elapsed.value - lostAt.value)),
    isLogBehind: signal(false),
    loadedLines: { current: null },
    localNow: ticker.now,
    serverNow,
    serverDay: computed(() => startOfDay(serverNow.value)),
    runs: createExampleRuns(client, tabName),
    announcer,
    asking: createAsking(),
    found,
    keys,
    themes,
    bells,
    memory,
    settings,
    hasToken,
    showFound(next) {
      found.value = next;
    },
    stop() {
      stopListening();
      ticker.stop();
      keys.stop();
      themes.stop();
      bells.stop();
      announcer.stop();
    },
  };
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error("there is no page around this part");
  return page;
}
