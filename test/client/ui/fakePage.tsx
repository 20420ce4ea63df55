/** The page around a client that says what the test wants it to say. */
import { render } from "preact";
import { act } from "preact/test-utils";
import {
  type ConnectionView,
  type FollowLogOptions,
  type InstepClient,
  type LogAway,
  type LogEnd,
  type LogListener,
  SyncError,
  type View,
} from "../../../client/index.js";
import type { BellBrowser } from "../../../client/ui/bell/bellBrowser.js";
import { createBells } from "../../../client/ui/bell/bells.js";
import { createKeys } from "../../../client/ui/browser/keys.js";
import { createMount } from "../../../client/ui/browser/mount.js";
import { createRouter } from "../../../client/ui/browser/router.js";
import { createThemes } from "../../../client/ui/browser/theme.js";
import { createPage, type Page } from "../../../client/ui/page/page.js";
import { loadViews } from "../../../client/ui/shell/laterViews.js";
import { Shell } from "../../../client/ui/shell/shell.js";
import { type ManualClock, manualClock } from "../../support/clocks/manualClock.js";
import { emptyView, LIVE, NOW } from "./samples.js";

export interface FakePage {
  readonly page: Page;
  readonly root: HTMLElement;
  readonly clock: ManualClock;
  readonly proposed: unknown[];
  /** Every `followLog` that was not stopped: the step, and what was asked for. */
  readonly followed: readonly { readonly step: number; readonly options: FollowLogOptions }[];
  /** Output of a step as its followers hear of it. */
  print(step: number, text: string, more?: PrintOptions): Promise<void>;
  /** Whether the node that keeps a step's output is away. */
  awayOutput(step: number, away: LogAway | null): Promise<void>;
  endOutput(step: number, reason?: LogEnd["reason"]): Promise<void>;
  show(subject: string, part: Partial<View>): Promise<void>;
  connect(part: Partial<ConnectionView>): Promise<void>;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  /** The text of the first element that matches, with single spaces. */
  text(selector: string): string;
  all(selector: string): HTMLElement[];
  within(run: () => void): Promise<void>;
  stop(): void;
}

interface PrintOptions {
  readonly from?: number;
  readonly skipped?: number;
  /** When it came. */
  readonly at?: number;
}

interface Followed {
  readonly step: number;
  readonly options: FollowLogOptions;
  readonly listener: LogListener;
  next: number;
}

interface FakePageOptions {
  readonly hasToken?: boolean;
  /** As after a reload: what the tab kept is still there. */
  readonly keepMemory?: boolean;
  /** What REST gives; nothing where missing. */
  readonly rest?: Partial<InstepClient["rest"]>;
  readonly bellBrowser?: BellBrowser;
}

const NO_BELL: BellBrowser = {
  permission: () => "missing",
  ask: async () => {},
  show: () => {},
  lead: () => () => {},
  isAnyTabVisible: async () => true,
  stop: () => {},
};

export async function openFakePage(
  path = "/",
  { hasToken = false, keepMemory = false, rest = {}, bellBrowser = NO_BELL }: FakePageOptions = {},
): Promise<FakePage> {
  document.body.innerHTML = '<div id="page"></div>';
  if (!keepMemory) window.sessionStorage.clear();
  if (!keepMemory) window.localStorage.clear();
  window.history.replaceState(null, "", path);
  const root = document.getElementById("page")!;
  const clock = manualClock(NOW);
  const views = new Map<string, View>();
  const listeners = new Map<string, Set<(view: View) => void>>();
  const connectionListeners = new Set<(connection: ConnectionView) => void>();
  let connection = LIVE;
  const proposed: unknown[] = [];
  const followed = new Set<Followed>();
  const attemptOf = ({ options }: Followed) => options.attempt ?? 1;
  const followersOf = (step: number) => [...followed].filter((one) => one.step === step);
  const viewOf = (subject: string) => views.get(subject) ?? emptyView(subject);

  const client = {
    watch(subject: string, listener: (view: View) => void) {
      const known = listeners.get(subject) ?? new Set();
      listeners.set(subject, known.add(listener));
      return () => known.delete(listener);
    },
    view: viewOf,
    clock,
    rest: {
      definitions: async () => ({ success: true, definitions: [], problems: [] }),
      ask: async () => {
        throw new SyncError("not_found", "this server is older");
      },
      ...rest,
    },
    followLog(_: string, step: number, options: FollowLogOptions, listener: LogListener) {
      const follower = { step, options, listener, next: options.from ?? 0 };
      followed.add(follower);
      return () => followed.delete(follower);
    },
    onConnection(listener: (connection: ConnectionView) => void) {
      connectionListeners.add(listener);
      return () => connectionListeners.delete(listener);
    },
    get connection() {
      return connection;
    },
    retryNow: () => {},
    propose: async (command: unknown, options: unknown) => {
      proposed.push([command, options]);
      return { workflow_id: null, epoch: null, revision: null };
    },
    close: () => {},
  } as unknown as InstepClient;

  const router = createRouter(window, createMount(new URL("/", window.location.href).href));
  const page = createPage({
    client,
    router,
    clock,
    memory: window.sessionStorage,
    settings: window.localStorage,
    keys: createKeys(window, window.localStorage),
    themes: createThemes(window, window.localStorage),
    bells: createBells({
      client,
      router,
      settings: window.localStorage,
      browser: bellBrowser,
      window,
    }),
    hasToken,
    tabName: "browser tab test",
  });
  await loadViews();
  await act(() => render(<Shell page={page} />, root));

  return {
    page,
    root,
    clock,
    proposed,
    get followed() {
      return [...followed].map(({ step, options }) => ({ step, options }));
    },
    async print(step, text, { from, skipped = 0, at } = {}) {
      await act(() => {
        for (const follower of followersOf(step)) {
          const begin = from ?? follower.next + skipped;
          const next = begin + new TextEncoder().encode(text).length;
          follower.next = next;
          const attempt = attemptOf(follower);
          const told = at === undefined ? {} : { at: [[begin, at] as const] };
          follower.listener.piece({ attempt, from: begin, next, text, skipped, ...told });
        }
      });
    },
    async awayOutput(step, away) {
      await act(() => followersOf(step).forEach(({ listener }) => void listener.away?.(away)));
    },
    async endOutput(step, reason = "over") {
      await act(() => {
        for (const follower of followersOf(step)) {
          const { next } = follower;
          follower.listener.end?.({ reason, attempt: attemptOf(follower), next });
        }
      });
    },
    async show(subject, part) {
      const view = { ...viewOf(subject), ...part };
      views.set(subject, view);
      await act(() => {
        for (const listener of listeners.get(subject) ?? []) listener(view);
      });
    },
    async connect(part) {
      connection = { ...LIVE, ...part };
      await act(() => {
        for (const listener of connectionListeners) listener(connection);
      });
    },
    async pass(ms) {
      await act(() => clock.advance(ms));
    },
    text: (selector) =>
      (root.querySelector(selector)?.textContent ?? "").replaceAll(/\s+/g, " ").trim(),
    all: (selector) => [...root.querySelectorAll<HTMLElement>(selector)],
    within: async (run) => {
      await act(run);
    },
    stop() {
      render(null, root);
      router.stop();
      page.stop();
    },
  };
}
