import { describe, expect, it } from "vitest";
import { drive, type StepHandler } from "../../../client/index.js";
import { settled } from "../../support/clocks/settled.js";
import { type FakeClient, fakeClient, snapshotOf } from "../../support/links/fakeClient.js";
import { type FakeAnswer, type FakeCall, problem } from "../../support/links/fakeFetch.js";
import type { FakeSocket } from "../../support/links/fakeSockets.js";

const ONE_STEP = { title: "One", steps: [{ action: "a" }] };

/** Keeps output as the protocol says: only where `at` is its end. */
class OutputServer {
  bytes = new Uint8Array();
  /** What it did with each call, in order; "step completed" stands for the report of the end. */
  readonly heard: string[] = [];
  readonly tokens: (string | undefined)[] = [];
  /** Looked at before a call is carried out; an answer given here is the answer. */
  before: (call: FakeCall) => FakeAnswer | null = () => null;
  /** Looked at after a call was carried out: what becomes of its answer. */
  after: (call: FakeCall) => FakeAnswer | null = () => null;

  answer = (call: FakeCall): FakeAnswer => {
    const url = new URL(call.path, "http://x");
    if (!url.pathname.endsWith("/log")) return { body: { success: true, summary: {} } };
    const early = this.before(call);
    if (early) return early;
    const at = Number(url.searchParams.get("at"));
    const from = this.bytes.length;
    if (at !== from) {
      this.heard.push(`refused at ${at}`);
      return problem(409, "offset_moved", { next: from });
    }
    const added = call.body as Uint8Array;
    this.bytes = Buffer.concat([this.bytes, added]);
    this.heard.push(`${from}+${added.length}`);
    this.tokens.push(call.headers["Instep-Token"]);
    const next = this.bytes.length;
    const { workflow_id } = Object.fromEntries(url.searchParams);
    return (
      this.after(call) ?? {
        body: {
          success: true,
          message: "Output kept",
          workflow_id,
          step: 0,
          attempt: 1,
          from,
          next,
        },
      }
    );
  };

  get text(): string {
    return Buffer.from(this.bytes).toString();
  }

  serve(socket: FakeSocket): void {
    let revision = 0;
    socket.reply = (message) => {
      if (message.type === "subscribe") return snapshotOf(message.workflow_id, revision);
      if (message.type !== "propose") return null;
      const { command, request_id } = message;
      if (command.kind === "step" && command.update.status) {
        this.heard.push(`step ${command.update.status}`);
      }
      revision += 1;
      const lease = command.kind === "claim" ? { token: 7, lease_ms: 30_000 } : {};
      return { type: "accepted", request_id, workflow_id: "w", epoch: "e1", revision, ...lease };
    };
    socket.hello();
  }
}

interface Driven extends FakeClient {
  readonly server: OutputServer;
  readonly outcome: { value?: unknown; error?: unknown };
  readonly withoutOutput: { times: number };
  readonly cancel: () => void;
}

async function driving(
  handler: StepHandler,
  prepare: (server: OutputServer) => void = () => {},
): Promise<Driven> {
  const fake = fakeClient();
  const server = new OutputServer();
  prepare(server);
  fake.http.answer = server.answer;
  const outcome: Driven["outcome"] = {};
  const withoutOutput = { times: 0 };
  const cancelling = new AbortController();
  drive(
    fake.client,
    ONE_STEP,
    { a: handler },
    {
      workflow_id: "w",
      signal: cancelling.signal,
      onNoOutput: () => {
        withoutOutput.times += 1;
      },
    },
  ).then(
    (value) => {
      outcome.value = value;
    },
    (error: unknown) => {
      outcome.error = error;
    },
  );
  server.serve(fake.sockets.newest);
  await settled();
  return { ...fake, server, outcome, withoutOutput, cancel: () => cancelling.abort() };
}

/** Lets a driver that waits for its timers come to its end. */
async function passing({ clock }: FakeClient, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    clock.advance(100);
    await settled();
  }
}

describe("what a step prints", () => {
  it("output is gathered, sent in order with the lease's token, and all there before the step's end", async () => {
    const driven = await driving(async (step) => {
      for (let index = 0; index < 10; index++) await step.output(`line ${index}\n`);
      await step.output(new Uint8Array([0xff, 0, 10]));
    });
    await passing(driven, 300);
    expect(driven.server.heard).toEqual(["step in_progress", "0+73", "step completed"]);
    expect(driven.server.tokens).toEqual(["7"]);
    expect([...driven.server.bytes.slice(-3)]).toEqual([0xff, 0, 10]);
    expect(driven.outcome.value).toMatchObject({ status: "completed" });
  });

  it("a lost answer doubles nothing that a step prints", async () => {
    const driven = await driving(
      (step) => step.output("once\n"),
      (server) => {
        server.after = () => {
          server.after = () => null;
          return "unreachable";
        };
      },
    );
    await passing(driven, 1_500);
    expect(driven.server.text).toBe("once\n");
    expect(driven.server.heard).toEqual([
      "step in_progress",
      "0+5",
      "refused at 0",
      "step completed",
    ]);
  });

  it("the rest of what a step prints is sent where a server kept only a part", async () => {
    const driven = await driving(
      (step) => step.output("0123456789"),
      (server) => {
        server.before = () => {
          server.before = () => null;
          server.bytes = Buffer.from("0123");
          return "unreachable";
        };
      },
    );
    await passing(driven, 1_500);
    expect(driven.server.text).toBe("0123456789");
  });

  it("what a step prints goes behind what the command itself has sent", async () => {
    const driven = await driving(
      (step) => step.output("mine\n"),
      (server) => {
        server.bytes = Buffer.from("by curl\n");
      },
    );
    await passing(driven, 1_000);
    expect(driven.server.text).toBe("by curl\nmine\n");
  });

  it("slows a fast command down instead of filling the memory, and none of it is lost", async () => {
    const chunk = new Uint8Array(64 * 1024).fill(120);
    let printed = 0;
    let isAway = true;
    const driven = await driving(
      async (step) => {
        for (; printed < 100; printed++) await step.output(chunk);
      },
      (server) => {
        server.before = () => (isAway ? "unreachable" : null);
      },
    );
    await passing(driven, 5_000);
    // A mebibyte, and not a hundred pieces.
    expect(printed).toBeLessThanOrEqual(16);
    isAway = false;
    await passing(driven, 10_000);
    expect(printed).toBe(100);
    expect(driven.server.bytes.length).toBe(100 * chunk.length);
    expect(driven.outcome.value).toMatchObject({ status: "completed" });
    expect(
      Math.max(...driven.server.heard.map((one) => Number(/\+(\d+)/.exec(one)?.[1] ?? 0))),
    ).toBe(256 * 1024);
  });

  it("output waits for a lease that is being renewed, and for a full disk", async () => {
    const refusals = [
      problem(409, "stale_driver"),
      problem(507, "storage_full", { retry: true }),
      problem(429, "rate_limited", { retry: true }),
    ];
    const driven = await driving(
      (step) => step.output("kept\n"),
      (server) => {
        server.before = () => refusals.shift() ?? null;
      },
    );
    await passing(driven, 6_000);
    expect(driven.server.text).toBe("kept\n");
    expect(driven.outcome.value).toMatchObject({ status: "completed" });
  });

  it("printed text that is refused for good stops the driver", async () => {
    const driven = await driving(async (step) => {
      await step.output("x");
      await new Promise((resolve) => step.signal.addEventListener("abort", resolve));
    });
    driven.server.before = () => problem(404, "unknown_workflow");
    await passing(driven, 1_000);
    expect(driven.outcome.error).toMatchObject({ code: "unknown_workflow" });
  });

  it.each<[string, FakeAnswer]>([
    ["an older server", problem(404, "not_found")],
    ["an older server that knows the path otherwise", problem(405, "method_not_allowed")],
    ["an older server inside another program", { status: 404, body: "<h1>Not found</h1>" }],
  ])("is left out with %s, which is said once", async (_, answer) => {
    const driven = await driving(
      async (step) => {
        for (let index = 0; index < 40; index++) await step.output("x".repeat(65_536));
      },
      (server) => {
        server.before = () => answer;
      },
    );
    await passing(driven, 1_000);
    expect(driven.outcome.value).toMatchObject({ status: "completed" });
    expect(driven.withoutOutput.times).toBe(1);
  });

  it("the output of a cancelled step is still delivered, and not waited for without end", async () => {
    const driven = await driving(async (step) => {
      await step.output("last words\n");
      await new Promise((resolve) => step.signal.addEventListener("abort", resolve));
      await step.output("and one more\n");
    });
    driven.cancel();
    await passing(driven, 500);
    expect(driven.server.text).toBe("last words\nand one more\n");
    expect(driven.outcome.value).toMatchObject({ status: "cancelled" });

    const away = await driving(async (step) => {
      await step.output("never heard\n");
      await new Promise((resolve) => step.signal.addEventListener("abort", resolve));
    });
    away.server.before = () => "unreachable";
    away.cancel();
    await passing(away, 12_000);
    expect(away.outcome.value).toMatchObject({ status: "cancelled" });
  });

  it("output is not taken any more once the step has ended", async () => {
    let late: (() => Promise<void>) | undefined;
    const driven = await driving(async (step) => {
      late = () => step.output("late\n");
      await step.output("in time\n");
    });
    await passing(driven, 500);
    await late?.();
    await passing(driven, 500);
    expect(driven.server.text).toBe("in time\n");
    // The connection's own: none of them waits for output.
    expect(driven.clock.waiting).toBeLessThanOrEqual(3);
  });
});
