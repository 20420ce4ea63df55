import { describe, expect, it } from "vitest";
import { type Command, type DriveOptions, drive, type StepHandler } from "../../../client/index.js";
import type { ProposeMessage } from "../../../shared/schema/clientMessages.js";
import { settled } from "../../support/clocks/settled.js";
import {
  type FakeClient,
  fakeClient,
  snapshotOf,
  stateOf,
} from "../../support/links/fakeClient.js";
import type { FakeSocket } from "../../support/links/fakeSockets.js";

const TWO_STEPS = { title: "Two", steps: [{ action: "a" }, { action: "b", title: "Bee" }] };

/** Accepts everything, each with the next revision; `refuse` says what not. */
class Server {
  revision = 0;
  token = 1;
  refuse: (command: Command, message: ProposeMessage) => string | null = () => null;
  /** What is not answered at all. */
  isSilentOn: (command: Command) => boolean = () => false;
  readonly heard: Command[] = [];
  readonly tokens: (number | undefined)[] = [];

  serve(socket: FakeSocket): FakeSocket {
    socket.reply = (message) => {
      if (message.type === "subscribe") {
        const { workflow_id, last } = message;
        return last
          ? { type: "resumed", workflow_id, epoch: "e1", revision: this.revision }
          : snapshotOf(workflow_id, this.revision);
      }
      if (message.type !== "propose") return null;
      const { command, request_id } = message;
      this.heard.push(command);
      this.tokens.push(message.token);
      if (this.isSilentOn(command)) return null;
      const code = this.refuse(command, message);
      if (code) return { type: "refused", request_id, code, message: code, retry: false };
      if (!(command.kind === "claim" && message.token === this.token)) this.revision++;
      const { revision } = this;
      const lease = command.kind === "claim" ? { token: this.token, lease_ms: 30_000 } : {};
      return { type: "accepted", request_id, workflow_id: "w", epoch: "e1", revision, ...lease };
    };
    return socket.hello();
  }

  /** What was reported of steps: index and update. */
  get reports() {
    return this.heard.flatMap((one) => (one.kind === "step" ? [[one.index, one.update]] : []));
  }
}

function driving(
  handlers: Record<string, StepHandler>,
  options: DriveOptions = {},
  server = new Server(),
) {
  const fake = fakeClient();
  const result = drive(fake.client, TWO_STEPS, handlers, { workflow_id: "w", ...options });
  const outcome: { value?: unknown; error?: unknown } = {};
  result.then(
    (value) => {
      outcome.value = value;
    },
    (error: unknown) => {
      outcome.error = error;
    },
  );
  server.serve(fake.sockets.newest);
  return { ...fake, server, result, outcome };
}

/** When a step ended is the driver's to say: its report may come late. */
const finished_at = expect.any(String);

const nothing = () => {};
/** A handler that lasts until it is told to end, or told to stop. */
function lasting() {
  let end!: (value?: unknown) => void;
  const ended = new Promise<unknown>((resolve) => {
    end = resolve;
  });
  const handler: StepHandler = ({ signal }) =>
    Promise.race([
      ended,
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    ]);
  return { handler, end };
}

async function reconnect({ sockets, clock }: FakeClient, server: Server): Promise<void> {
  sockets.newest.breaks();
  clock.advance(10_000);
  server.serve(sockets.newest);
  await settled();
}

describe("a driver", () => {
  it("saves, claims, reports each step before and after it runs, and ends", async () => {
    const { result, server } = driving(
      { a: () => ({ hosts: 4 }), b: ({ note }) => note("done well") },
      {
        driver: "laptop",
        state: { color: "blue" },
        onStart: (at) => expect(at).toMatchObject({ workflow_id: "w" }),
      },
    );
    expect(await result).toEqual({ workflow_id: "w", status: "completed" });
    const workflow_id = "w";
    expect(server.heard).toEqual([
      {
        kind: "save",
        state: {
          color: "blue",
          workflow_id,
          title: "Two",
          status: "running",
          current_step: 0,
          steps: [
            { action: "a", status: "pending" },
            { action: "b", title: "Bee", status: "pending" },
          ],
        },
      },
      { kind: "claim", workflow_id, driver: "laptop" },
      { kind: "step", workflow_id, index: 0, update: { status: "in_progress" } },
      {
        kind: "step",
        workflow_id,
        index: 0,
        update: { status: "completed", finished_at, data: { hosts: 4 } },
      },
      { kind: "step", workflow_id, index: 1, update: { status: "in_progress" } },
      expect.objectContaining({ kind: "step", index: 1 }),
      { kind: "step", workflow_id, index: 1, update: { status: "completed", finished_at } },
      { kind: "save", merge: true, workflow_id, state: { status: "completed" } },
      { kind: "release", workflow_id },
    ]);
    expect(server.tokens).toEqual([undefined, undefined, 1, 1, 1, 1, 1, 1, 1]);
  });

  it("fails with a step that throws, and leaves the later ones pending", async () => {
    const { result, server } = driving({
      a: () => {
        throw new Error("no such host");
      },
      b: nothing,
    });
    expect(await result).toEqual({ workflow_id: "w", status: "failed", error: "a: no such host" });
    expect(server.reports.at(-1)).toEqual([
      0,
      { status: "failed", error: "no such host", finished_at },
    ]);
    expect(server.heard.at(-2)).toMatchObject({
      state: { status: "failed", error_message: "a: no such host" },
    });
  });

  it("a driver will not begin without a handler for each step", async () => {
    const { client, sockets } = fakeClient();
    await expect(drive(client, TWO_STEPS, { a: nothing })).rejects.toThrow('no handler for "b"');
    expect(sockets.all).toEqual([]);
  });

  it("a driver says when a step ended, however late the server hears of it", async () => {
    const step = lasting();
    const { clock, client, sockets, server, result } = driving({ a: step.handler, b: nothing });
    await settled();
    sockets.newest.breaks();
    const endedAt = clock.now() + client.connection.serverOffsetMs;
    step.end();
    await settled();
    clock.advance(5_000);
    server.serve(sockets.newest);
    await settled();
    expect(server.reports[1]).toEqual([
      0,
      { status: "completed", finished_at: new Date(endedAt).toISOString() },
    ]);
    await result;
  });

  it("gathers progress to five reports a second, the newest winning and the end coming last", async () => {
    const { handler, end } = lasting();
    const { result, server, clock } = driving({
      a: (step) => {
        for (let at = 0; at <= 100; at++) step.progress(at / 100, `${at} %`);
        step.task("copy", "running");
        step.task("copy", "done", "3 files");
        return handler(step);
      },
      b: nothing,
    });
    await settled();
    expect(server.reports.slice(1)).toEqual([[0, { progress: 0, message: "0 %" }]]);
    clock.advance(199);
    await settled();
    expect(server.reports).toHaveLength(2);
    clock.advance(1);
    await settled();
    const tasks = [{ name: "copy", status: "done", note: "3 files" }];
    expect(server.reports.slice(2)).toEqual([[0, { progress: 1, message: "100 %", tasks }]]);
    end();
    await result;
    expect(server.reports[3]).toEqual([0, { status: "completed", finished_at }]);
  });

  it("a driver keeps progress within bounds, and takes none after the step has ended", async () => {
    let late: (() => void) | undefined;
    const { result, server } = driving({
      a: ({ progress }) => {
        progress(Number.NaN);
        progress(7);
        late = () => progress(0.1);
      },
      b: () => late?.(),
    });
    await result;
    expect(
      server.reports.filter(([, update]) => Object.hasOwn(update as object, "progress")),
    ).toEqual([[0, { progress: 1 }]]);
  });

  it.each([
    ["too large", () => "x".repeat(2 * 1024 * 1024)],
    ["not JSON", () => ({ count: 10n })],
  ])(
    "completes a step although its result is %s, and says that it was left out",
    async (_, handler) => {
      const { result, server } = driving({ a: handler, b: nothing });
      expect(await result).toMatchObject({ status: "completed" });
      expect(server.reports[1]).toMatchObject([
        0,
        { status: "completed", completion_note: expect.stringContaining("left out") },
      ]);
    },
  );

  it("a driver runs a step only once the server knows of it", async () => {
    let hasRun = false;
    const server = new Server();
    server.isSilentOn = ({ kind }) => kind === "step";
    const handler = () => {
      hasRun = true;
    };
    const { clock } = driving({ a: handler, b: nothing }, {}, server);
    await settled();
    clock.advance(60_000);
    await settled();
    expect(hasRun).toBe(false);
  });

  it("a driver loses no report over a cut link, and makes each with its own id", async () => {
    const { handler, end } = lasting();
    const { result, server, ...fake } = driving({ a: handler, b: nothing });
    await settled();
    server.isSilentOn = () => true;
    end("result");
    await settled();
    server.isSilentOn = () => false;
    await reconnect(fake, server);
    expect(await result).toMatchObject({ status: "completed" });
    const kinds = server.heard
      .slice(3, 6)
      .map((one) => (one.kind === "step" ? one.update.status : one.kind));
    expect(kinds).toEqual(["completed", "completed", "claim"]);
  });

  it("while it holds the lease a driver answers each heartbeat from the message handler, and pings by itself", async () => {
    const { handler } = lasting();
    const { sockets, clock } = driving({ a: handler, b: nothing });
    await settled();
    const socket = sockets.newest;
    socket.says({ type: "heartbeat" });
    expect(socket.sentOf("ping")).toHaveLength(1);
    clock.advance(10_000);
    expect(socket.sentOf("ping")).toHaveLength(2);
  });

  it("claims again with its token on a new socket", async () => {
    const { handler, end } = lasting();
    const { result, server, ...fake } = driving({ a: handler, b: nothing });
    await settled();
    await reconnect(fake, server);
    expect(server.heard.at(-1)).toEqual({ kind: "claim", workflow_id: "w", driver: "client" });
    expect(server.tokens.at(-1)).toBe(1);
    end();
    expect(await result).toMatchObject({ status: "completed" });
  });

  it("a driver goes on after its lease ended while nobody else touched the workflow, and says that its step still runs", async () => {
    const { handler, end } = lasting();
    const { result, server, ...fake } = driving({ a: handler, b: nothing });
    await settled();
    // Slept for long: the server interrupted the workflow, and gives a new lease.
    server.revision++;
    server.token = 2;
    await reconnect(fake, server);
    expect(server.reports.at(-1)).toEqual([0, { status: "in_progress" }]);
    expect(server.tokens.at(-1)).toBe(2);
    end();
    expect(await result).toMatchObject({ status: "completed" });
  });

  it("a driver stops when somebody else drove while its lease was over, and gives the new one back", async () => {
    const { handler } = lasting();
    const { server, outcome, ...fake } = driving({ a: handler, b: nothing });
    await settled();
    server.revision += 5;
    server.token = 2;
    await reconnect(fake, server);
    expect(outcome.error).toMatchObject({
      code: "stale_driver",
      message: expect.stringContaining("somebody else"),
    });
    expect(server.heard.at(-1)).toEqual({ kind: "release", workflow_id: "w" });
  });

  it("a driver stops when another driver holds the workflow", async () => {
    let reason: unknown;
    const { server, outcome, ...fake } = driving({
      a: ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            reason = signal.reason;
            resolve(undefined);
          });
        }),
      b: nothing,
    });
    await settled();
    server.refuse = () => "stale_driver";
    await reconnect(fake, server);
    expect(outcome.error).toMatchObject({ code: "stale_driver" });
    expect(reason).toBe(outcome.error);
    fake.client.close();
    expect(fake.clock.waiting).toBe(0);
  });

  it("a driver stops at once when the workflow is cleared, without waiting for its next report", async () => {
    const { handler } = lasting();
    const { sockets, outcome } = driving({ a: handler, b: nothing });
    await settled();
    sockets.newest.says({
      type: "closed",
      workflow_id: "w",
      epoch: "e1",
      revision: 9,
      reason: "cleared",
    });
    await settled();
    expect(outcome.error).toMatchObject({ code: "unknown_workflow" });
  });

  it("cancelled, stops the step, and reports it and the workflow as cancelled", async () => {
    const stop = new AbortController();
    const { handler } = lasting();
    const { result, server } = driving({ a: handler, b: nothing }, { signal: stop.signal });
    await settled();
    stop.abort();
    expect(await result).toEqual({ workflow_id: "w", status: "cancelled" });
    expect(server.reports.at(-1)).toEqual([0, { status: "cancelled", finished_at }]);
    expect(server.heard.at(-2)).toMatchObject({ merge: true, state: { status: "cancelled" } });
  });

  it("cancelled, does not wait for ever for a step that will not stop", async () => {
    const stop = new AbortController();
    const { outcome, server, clock } = driving(
      { a: () => new Promise(() => {}), b: nothing },
      { signal: stop.signal },
    );
    await settled();
    stop.abort();
    await settled();
    clock.advance(14_999);
    await settled();
    expect(outcome.value).toBeUndefined();
    clock.advance(1);
    await settled();
    expect(outcome.value).toMatchObject({ status: "cancelled" });
    expect(server.reports.at(-1)).toEqual([0, { status: "cancelled", finished_at }]);
  });

  it("cancelled without a server, says that nobody was told", async () => {
    const stop = new AbortController();
    const { handler } = lasting();
    const { outcome, sockets, clock } = driving(
      { a: handler, b: nothing },
      { signal: stop.signal },
    );
    await settled();
    sockets.newest.breaks();
    stop.abort();
    for (let wait = 0; wait < 4; wait++) {
      await settled();
      clock.advance(10_000);
    }
    await settled();
    expect(outcome.value).toMatchObject({
      status: "cancelled",
      error: expect.stringContaining("was not told"),
    });
  });

  it("resumes at the first step that is not done, as another attempt of it", async () => {
    const fake = fakeClient();
    const steps = [
      { action: "a", status: "completed", index: 0 },
      { action: "b", status: "interrupted", index: 1, attempt: 2 },
    ];
    fake.http.answer = () => ({
      body: { state: stateOf("w", { status: "interrupted", steps }), epoch: "e1", revision: 4 },
    });
    const attempts: number[] = [];
    const handlers = {
      a: nothing,
      b: ({ attempt }: { attempt: number }) => void attempts.push(attempt),
    };
    const result = drive(fake.client, TWO_STEPS, handlers, { workflow_id: "w", resume: true });
    const server = new Server();
    server.serve(fake.sockets.newest);
    expect(await result).toMatchObject({ status: "completed" });
    expect(attempts).toEqual([3]);
    expect(server.heard.map(({ kind }) => kind)).toEqual([
      "claim",
      "step",
      "step",
      "save",
      "release",
    ]);
  });

  it("a driver does not resume the steps of another definition", async () => {
    const fake = fakeClient();
    fake.http.answer = () => ({ body: { state: stateOf("w"), epoch: "e1", revision: 4 } });
    const handlers = { a: nothing, b: nothing };
    const result = drive(fake.client, TWO_STEPS, handlers, { workflow_id: "w", resume: true });
    new Server().serve(fake.sockets.newest);
    await expect(result).rejects.toThrow("not those of this definition");
  });

  it("a driver leaves nothing behind once it is done and the client closed", async () => {
    const { result, client, clock } = driving({ a: ({ progress }) => progress(0.5), b: nothing });
    await result;
    client.close();
    expect(clock.waiting).toBe(0);
  });
});
