/** The page around a client that says what the test wants it to say. */
import { render } from "preact";
import { act } from "preact/test-utils";
import type { ConnectionView, InstepClient, View } from "../../client/index.js";
import { createMount } from "../../client/ui/mount.js";
import { createPage, type Page } from "../../client/ui/page.js";
import { createRouter } from "../../client/ui/router.js";
import { Shell } from "../../client/ui/shell.js";
import { type ManualClock, manualClock } from "../support/manualClock.js";
import { emptyView, LIVE, NOW } from "./samples.js";

export interface FakePage {
  readonly page: Page;
  readonly root: HTMLElement;
  readonly clock: ManualClock;
  readonly proposed: unknown[];
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

export async function openFakePage(path = "/"): Promise<FakePage> {
  document.body.innerHTML = '<div id="page"></div>';
  window.sessionStorage.clear();
  window.history.replaceState(null, "", path);
  const root = document.getElementById("page")!;
  const clock = manualClock(NOW);
  const views = new Map<string, View>();
  const listeners = new Map<string, Set<(view: View) => void>>();
  const connectionListeners = new Set<(connection: ConnectionView) => void>();
  let connection = LIVE;
  const proposed: unknown[] = [];
  const viewOf = (subject: string) => views.get(subject) ?? emptyView(subject);

  const client = {
    watch(subject: string, listener: (view: View) => void) {
      const known = listeners.get(subject) ?? new Set();
      listeners.set(subject, known.add(listener));
      return () => known.delete(listener);
    },
    view: viewOf,
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
    hasToken: false,
    tabName: "browser tab test",
  });
  await act(() => render(<Shell page={page} />, root));

  return {
    page,
    root,
    clock,
    proposed,
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
