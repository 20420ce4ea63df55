/** Tabs that share a socket beside twins that have their own: whatever happens to either, both show the same. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Position, View, WebSocketConstructor } from "../../../client/index.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { settled } from "../../support/clocks/settled.js";
import { type FakeClient, fakeClient } from "../../support/links/fakeClient.js";
import { FakeBrowser, type FakeTab } from "../../support/links/fakeWorker.js";
import { ModelServer } from "../../support/model/modelServer.js";

const SUBJECTS = ["a", "b", "current"] as const;
const TABS = 3;
const ROUNDS = Number(process.env.SHARING_ROUNDS ?? 60);

const tab = fc.nat(TABS - 1);
const id = fc.constantFrom("a", "b");
const subject = fc.constantFrom(...SUBJECTS);
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("change" as const), id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("clear" as const), id }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("print" as const), id, big: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("watch" as const), tab, subject }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("unwatch" as const), tab, subject }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("follow" as const), tab, id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("freeze" as const), tab }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("thaw" as const), tab }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("leave" as const), tab }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("settle" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.nat(1_500) }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer One> ? One : never;

class Seen {
  readonly stops = new Map<string, () => void>();
  readonly logs = new Map<string, string>();
  readonly #faults: string[];

  constructor(faults: string[]) {
    this.#faults = faults;
  }

  watch({ client }: FakeClient, name: string): void {
    this.stops.get(name)?.();
    let shown: Position | null = null;
    const look = ({ position, state, workflow_id }: View) => {
      if (shown && position?.epoch === shown.epoch && position.revision < shown.revision)
        this.#faults.push(`${name} went back from ${shown.revision} to ${position.revision}`);
      if (position && state && state.title !== undefined) {
        if (state.title !== `${position.epoch}.${position.revision}`)
          this.#faults.push(`${workflow_id} at ${position.revision} is shown as ${state.title}`);
      }
      shown = position;
    };
    this.stops.set(name, client.watch(name, look));
  }

  unwatch(name: string): void {
    this.stops.get(name)?.();
    this.stops.delete(name);
  }

  /** One life of it: whatever is appended continues what was there. */
  follow({ client }: FakeClient, server: ModelServer, id: string): void {
    const life = server.documents.get(id)?.epoch;
    if (life === undefined || this.logs.has(life)) return;
    this.logs.set(life, "");
    let next = 0;
    client.followLog(
      id,
      0,
      { epoch: life },
      {
        piece: (piece) => {
          if (piece.from !== next) this.#faults.push(`output at ${piece.from} and not at ${next}`);
          next = piece.next;
          this.logs.set(life, this.logs.get(life) + piece.text);
        },
      },
    );
  }
}

class World {
  readonly faults: string[] = [];
  readonly clock = manualClock();
  readonly server = new ModelServer();
  readonly #browser = new FakeBrowser(this.clock, this.server.socket);
  readonly #tabs = Array.from({ length: TABS }, () => this.#newTab());

  #newTab() {
    const { clock, server } = this;
    const WebSocket = class {
      constructor(url: string, protocols: string[] = []) {
        // biome-ignore lint/correctness/noConstructorReturn: the server makes the socket
        return server.socket(url, protocols);
      }
    } as unknown as WebSocketConstructor;
    const port: FakeTab = this.#browser.tab();
    const leaving = new Set<() => void>();
    const shared = fakeClient({
      clock,
      WebSocket,
      random: () => 0.5,
      openSharedWorker: port.openSharedWorker,
      onLeaving: (run) => {
        leaving.add(run);
        return () => void leaving.delete(run);
      },
    });
    const twin = fakeClient({ clock, WebSocket, random: () => 0.5 });
    const leave = () => [...leaving].forEach((run) => void run());
    return {
      port,
      leave,
      both: [
        { client: shared, seen: new Seen(this.faults) },
        { client: twin, seen: new Seen(this.faults) },
      ] as const,
    };
  }

  async happens(one: Happening): Promise<void> {
    switch (one.do) {
      case "change":
        return this.server.change(one.id);
      case "clear":
        return this.server.clear(one.id);
      case "print":
        return this.server.print(one.id, one.big ? "x".repeat(50_000) : "line\n");
      case "watch":
        for (const { client, seen } of this.#tabs[one.tab]!.both) seen.watch(client, one.subject);
        return;
      case "unwatch":
        for (const { seen } of this.#tabs[one.tab]!.both) seen.unwatch(one.subject);
        return;
      case "follow":
        for (const { client, seen } of this.#tabs[one.tab]!.both)
          seen.follow(client, this.server, one.id);
        return;
      case "freeze":
        return this.#tabs[one.tab]!.port.freeze();
      case "thaw":
        return this.#tabs[one.tab]!.port.thaw();
      case "leave":
        return this.#tabs[one.tab]!.leave();
      case "restart":
        return this.server.restart();
      case "kill":
        return this.#browser.kill();
      case "settle":
        return settled();
      case "pass":
        return this.pass(one.ms);
    }
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.clock.advance(100);
      await settled();
    }
  }

  /** Everybody awake, every view asked for anew: what is shown now has to be the truth. */
  async end(): Promise<void> {
    for (const { port } of this.#tabs) port.thaw();
    await settled();
    await this.pass(2_500);
    for (const { both } of this.#tabs) {
      for (const { client, seen } of both) {
        for (const name of [...seen.stops.keys()]) seen.watch(client, name);
      }
    }
    await this.pass(300);
  }

  check(): void {
    expect(this.faults).toEqual([]);
    for (const { both } of this.#tabs) {
      const [shared, twin] = both;
      for (const name of shared.seen.stops.keys()) {
        const view = shared.client.client.view(name);
        const other = twin.client.client.view(name);
        // Of what is gone one of them may have come in time to see it, and the other not.
        const picture = ({ phase, position, state, workflow_id }: View) =>
          phase === "closed" ? { phase } : { phase, position, state, workflow_id };
        expect({ name, ...picture(view) }).toEqual({ name, ...picture(other) });
        const truth = this.server.shown(name === "current" ? (this.server.current ?? "") : name);
        if (truth) {
          expect(view).toMatchObject({ phase: "live", position: truth.position });
          expect(view.state?.title ?? truth.title).toBe(truth.title);
        }
      }
      for (const [life, text] of twin.seen.logs) {
        const isThere = [...this.server.documents.values()].find(({ epoch }) => epoch === life);
        if (!isThere) continue;
        expect(text.length).toBe(isThere.log.length);
        expect(shared.seen.logs.get(life)?.length).toBe(isThere.log.length);
      }
    }
  }

  close(): void {
    for (const { both } of this.#tabs) for (const { client } of both) client.client.close();
  }
}

describe("tabs that share a socket", () => {
  it("tabs that share a socket show what their twins with sockets of their own show, whatever happens", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 60 }), async (all) => {
        const world = new World();
        for (const one of all) await world.happens(one);
        await world.end();
        try {
          world.check();
        } finally {
          world.close();
        }
      }),
      { numRuns: ROUNDS },
    );
  });
});
