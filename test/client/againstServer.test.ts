import { describe, expect } from "vitest";
import { WebSocket } from "ws";
import {
  type ClientOptions,
  clearWorkflowState,
  createClient,
  drive,
  type InstepClient,
  initWorkflow,
  type StepHandler,
  saveWorkflowState,
  type View,
  type WebSocketConstructor,
} from "../../client/index.js";
import { within } from "../support/deadline.js";
import { type LiveServer, liveTest } from "../support/servers/liveServer.js";

/** A client in Node whose network can be cut and given back, and that is closed after the test. */
const test = liveTest.extend<{ connect: (server: LiveServer, options?: ClientOptions) => Machine }>(
  {
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads from this pattern which fixtures are needed.
    connect: async ({}, use) => {
      const machines: Machine[] = [];
      await use((server, options) => {
        const machine = new Machine(server, options);
        machines.push(machine);
        return machine;
      });
      for (const machine of machines) machine.client.close();
    },
  },
);

class Machine {
  readonly client: InstepClient;
  readonly #sockets = new Set<WebSocket>();
  #isCut = false;
  #isBlocked = false;

  constructor(server: LiveServer, options: ClientOptions = {}) {
    const machine = this;
    class CutSocket extends WebSocket {
      constructor(url: string, protocols?: string[]) {
        if (machine.#isCut || machine.#isBlocked) throw new Error("no way through");
        super(url, protocols);
        machine.#sockets.add(this);
      }
    }
    this.client = createClient({
      url: server.url,
      WebSocket: CutSocket as WebSocketConstructor,
      fetch: async (...given) => {
        if (this.#isCut) throw new TypeError("no network");
        return fetch(...given);
      },
      ...options,
    });
  }

  /** Nothing goes through any more, either way. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.terminate();
    this.#sockets.clear();
  }

  mend(): void {
    this.#isCut = false;
    this.client.retryNow();
  }

  /** HTTP works, WebSockets do not, as behind some proxies. */
  block(isBlocked: boolean): void {
    this.#isBlocked = isBlocked;
    if (!isBlocked) this.client.retryNow();
  }

  until(subject: string, isReached: (view: View) => boolean): Promise<View> {
    let stop = () => {};
    const reached = new Promise<View>((resolve) => {
      stop = this.client.watch(subject, (view) => isReached(view) && resolve(view));
    });
    const seen = () => `a view of ${subject}; it is ${JSON.stringify(this.client.view(subject))}`;
    return within(reached, seen).finally(() => stop());
  }

  phase(wanted: string): Promise<void> {
    if (this.client.connection.phase === wanted) return Promise.resolve();
    let stop = () => {};
    const reached = new Promise<void>((resolve) => {
      stop = this.client.onConnection(({ phase }) => phase === wanted && resolve());
    });
    return within(reached, () => `"${wanted}"; it is ${this.client.connection.phase}`).finally(() =>
      stop(),
    );
  }
}

/** A word of the driver's that was under way when it was cut off gives its lease the full time once more: that passes, too. */
async function leaseEnds(server: LiveServer): Promise<void> {
  await expect
    .poll(async () => {
      server.clock.advance(31_000);
      return (await server.get()).body.state?.status;
    })
    .toBe("interrupted");
}

/** A step that goes on until it is told, and says when it has begun. */
function gate() {
  let open!: () => void;
  let begun!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const handler: StepHandler = ({ signal, progress }) => {
    begun();
    progress(0.5);
    return Promise.race([
      opened,
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    ]);
  };
  return { handler, open, hasBegun };
}

const ONE_STEP = { name: "one", steps: [{ action: "a" }] };
const isEnded = ({ state }: View) => state?.status === "completed";

describe("a watcher", () => {
  test("a watcher is in step again after a cut, without a state twice or out of order", async ({
    serve,
    connect,
  }) => {
    const server = await serve();
    await server.saved({ workflow_id: "w", steps: [{ action: "a" }, { action: "b" }] });
    const machine = connect(server);
    const revisions: number[] = [];
    machine.client.watch("current", ({ position }) => {
      if (position && position.revision !== revisions.at(-1)) revisions.push(position.revision);
    });
    await machine.until("current", ({ phase }) => phase === "live");
    machine.cut();
    await machine.until("current", ({ phase }) => phase === "stale");
    for (const status of ["in_progress", "completed"]) {
      await server.call("PATCH", "/workflow/state/steps/0", { body: { status } });
    }
    machine.mend();
    const view = await machine.until(
      "current",
      ({ phase, position }) => phase === "live" && position?.revision === 3,
    );
    expect(view.state?.steps[0]?.status).toBe("completed");
    expect(revisions).toEqual([...revisions].sort((one, other) => one - other));
  });

  test("follows by polling where WebSockets are blocked, and by socket once they are not", async ({
    serve,
    connect,
  }) => {
    const server = await serve();
    await server.saved({ workflow_id: "w", steps: [{ action: "a" }] });
    const machine = connect(server);
    machine.block(true);
    machine.client.watch("*", () => {});
    await machine.until("current", ({ phase }) => phase === "live");
    expect(machine.client.connection.phase).toBe("polling");
    expect(Object.values(machine.client.view("*").list?.workflows ?? {})).toHaveLength(1);
    machine.block(false);
    await machine.phase("live");
    await machine.until("*", ({ phase }) => phase === "live");
  });
});

describe("a driver in Node", () => {
  test("a driver in Node is seen by all, and leaves a completed workflow without a driver", async ({
    serve,
    connect,
  }) => {
    const server = await serve();
    const [driver, watcher] = [connect(server), connect(server)];
    const step = gate();
    const result = drive(driver.client, ONE_STEP, { a: step.handler }, { driver: "here" });
    const running = await watcher.until(
      "current",
      ({ state }) => state?.steps[0]?.progress === 0.5,
    );
    expect(running.state?.driver?.name).toBe("here");
    step.open();
    expect(await result).toMatchObject({ status: "completed" });
    const { state } = await watcher.until("current", isEnded);
    expect(state?.driver).toBeUndefined();
  });

  test("reports what it did while the link was cut", async ({ serve, connect }) => {
    const server = await serve();
    const machine = connect(server);
    const step = gate();
    const result = drive(machine.client, ONE_STEP, { a: step.handler }, { workflow_id: "w" });
    await step.hasBegun;
    machine.cut();
    step.open();
    machine.mend();
    expect(await result).toEqual({ workflow_id: "w", status: "completed" });
  });

  test("a driver in Node goes on after a sleep longer than its lease, when nobody else touched the workflow", async ({
    serve,
    connect,
  }) => {
    const server = await serve();
    const [driver, watcher] = [connect(server), connect(server)];
    const step = gate();
    const result = drive(driver.client, ONE_STEP, { a: step.handler }, { workflow_id: "w" });
    await step.hasBegun;
    await watcher.until("w", ({ state }) => state?.steps[0]?.progress === 0.5);
    driver.cut();
    await leaseEnds(server);
    await watcher.until("w", ({ state }) => state?.status === "interrupted");
    driver.mend();
    await watcher.until(
      "w",
      ({ state }) => state?.status === "running" && state.steps[0]?.status === "in_progress",
    );
    step.open();
    expect(await result).toMatchObject({ status: "completed" });
  });

  test("a driver in Node stops after a sleep in which somebody else took over", async ({
    serve,
    connect,
  }) => {
    const server = await serve();
    const [driver, other] = [connect(server), connect(server)];
    const [step, others] = [gate(), gate()];
    const result = drive(driver.client, ONE_STEP, { a: step.handler }, { workflow_id: "w" });
    const failed = expect(result).rejects.toMatchObject({ code: "stale_driver" });
    await step.hasBegun;
    await other.until("w", ({ state }) => state?.steps[0]?.progress === 0.5);
    driver.cut();
    await leaseEnds(server);
    await other.until("w", ({ state }) => state?.status === "interrupted");
    const options = { workflow_id: "w", driver: "other", resume: true };
    const resumed = drive(other.client, ONE_STEP, { a: others.handler }, options);
    await others.hasBegun;
    driver.mend();
    await failed;
    others.open();
    expect(await resumed).toMatchObject({ status: "completed" });
    const { state } = await other.until("w", isEnded);
    expect(state?.steps[0]?.attempt).toBe(2);
  });

  test("works without a WebSocket, and holds a lease as soon as there is one", async ({
    serve,
    connect,
  }) => {
    const server = await serve();
    const [driver, watcher] = [connect(server), connect(server)];
    driver.block(true);
    const step = gate();
    const result = drive(
      driver.client,
      ONE_STEP,
      { a: step.handler },
      { workflow_id: "w", driver: "late" },
    );
    await step.hasBegun;
    const { state } = await watcher.until("w", ({ state }) => state?.steps[0]?.progress === 0.5);
    expect(state?.driver).toBeUndefined();
    driver.block(false);
    await watcher.until("w", ({ state }) => state?.driver?.name === "late");
    step.open();
    expect(await result).toMatchObject({ status: "completed" });
  });

  test("a driver in Node goes on by REST when it loses its WebSocket, and its lease with it", async ({
    serve,
    connect,
  }) => {
    const server = await serve();
    const [driver, watcher] = [connect(server), connect(server)];
    const step = gate();
    const result = drive(driver.client, ONE_STEP, { a: step.handler }, { workflow_id: "w" });
    await step.hasBegun;
    await watcher.until("w", ({ state }) => state?.steps[0]?.progress === 0.5);
    driver.cut();
    await leaseEnds(server);
    await watcher.until("w", ({ state }) => state?.status === "interrupted");
    driver.block(true);
    driver.mend();
    await driver.phase("polling");
    step.open();
    expect(await result).toMatchObject({ status: "completed" });
    await watcher.until("w", isEnded);
  });

  test("a driver in Node stops when the workflow is cleared under it", async ({
    serve,
    connect,
  }) => {
    const server = await serve();
    const machine = connect(server);
    const step = gate();
    const result = drive(machine.client, ONE_STEP, { a: step.handler }, { workflow_id: "w" });
    const failed = expect(result).rejects.toMatchObject({ code: "unknown_workflow" });
    await machine.until("w", ({ state }) => state?.steps[0]?.progress === 0.5);
    await server.call("DELETE", "/workflow/state?workflow_id=w");
    await failed;
  });
});

describe("the seed's functions", () => {
  const state = { workflow_id: "w", steps: [{ action: "a" }] };

  test("restore what was saved, and bring nothing back that was cleared", async ({
    serve,
    connect,
  }) => {
    const server = await serve();
    const [tab, old] = [connect(server), connect(server)];
    await saveWorkflowState(old.client, state);
    expect((await initWorkflow(tab.client, { onRestore: () => {} }))?.kind).toBe("running");
    await clearWorkflowState(tab.client);
    await expect(saveWorkflowState(old.client, state)).rejects.toMatchObject({
      code: "position_moved",
      at: null,
    });
    expect(await initWorkflow(tab.client, { onRestore: () => {} })).toBeNull();
  });

  test("go on after the server took a silent driver for gone", async ({ serve, connect }) => {
    const server = await serve({ silentAfterMs: 60_000 });
    const [driver, watcher] = [connect(server), connect(server)];
    await saveWorkflowState(driver.client, state);
    server.clock.advance(61_000);
    await watcher.until("w", ({ state }) => state?.status === "interrupted");
    const saved = await saveWorkflowState(driver.client, { ...state, status: "running" });
    expect(saved.revision).toBe(3);
  });
});
