/** The manners that all REST paths share: methods, content types, sizes, and refusals that name what is wrong. */
import { describe, expect } from "vitest";
import type { CallOptions } from "../../support/links/rest.js";
import { liveTest } from "../../support/servers/liveServer.js";

const PATHS = [
  ["/workflow/state", "GET, POST, PATCH, DELETE, HEAD, OPTIONS"],
  ["/workflow/state/summary", "GET, HEAD, OPTIONS"],
  ["/workflow/state/steps/0", "PATCH, OPTIONS"],
  ["/workflow/state/steps/0/log", "GET, POST, HEAD, OPTIONS"],
  ["/workflow/state/steps/0/log/times", "GET, HEAD, OPTIONS"],
  ["/workflow/clear", "POST, OPTIONS"],
  ["/workflows", "GET, HEAD, OPTIONS"],
  ["/healthz", "GET, HEAD, OPTIONS"],
  ["/readyz", "GET, HEAD, OPTIONS"],
] as const;

const asSet = (list: string | null) => new Set(list?.split(", "));

describe("every path", () => {
  liveTest.for(PATHS)("%s says what it answers", async ([path, allow], { serve }) => {
    const server = await serve();
    const options = await server.call("OPTIONS", path);
    expect([options.status, options.text]).toEqual([204, ""]);
    expect(asSet(options.headers.get("allow"))).toEqual(asSet(allow));

    const wrong = await server.call("PUT", path);
    expect([wrong.status, wrong.body.code]).toEqual([405, "method_not_allowed"]);
    expect(asSet(wrong.headers.get("allow"))).toEqual(asSet(allow));
  });

  liveTest.for(PATHS)(
    "%s leaves nothing of its answers in a browser",
    async ([path], { serve }) => {
      const server = await serve();
      const { workflow_id, epoch, revision } = await server.saved({ steps: [{ action: "a" }] });
      for (const headers of [{}, { "If-None-Match": `"${epoch}.${revision}"` }] as Record<
        string,
        string
      >[]) {
        const answer = await server.get(`${path}?workflow_id=${workflow_id}`, headers);
        expect([path, answer.status, answer.headers.get("cache-control")]).toEqual([
          path,
          answer.status,
          "no-store",
        ]);
      }
    },
  );

  liveTest.for(PATHS)("%s tells no other site that it may read", async ([path], { serve }) => {
    const server = await serve();
    for (const method of ["GET", "OPTIONS", "PUT"]) {
      const { headers } = await server.call(method, path);
      expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("x-powered-by")).toBeNull();
      const policy = headers.get("content-security-policy")!.split(";");
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("base-uri 'self'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(headers.get("strict-transport-security")).toBeNull();
    }
  });

  liveTest("an unknown path is refused like everything else", async ({ serve }) => {
    const answer = await (await serve()).get("/no/such/path");
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({
      type: "urn:instep:problem:not_found",
      title: expect.any(String),
      status: 404,
      detail: answer.body.message,
      success: false,
      message: expect.any(String),
      code: "not_found",
      retry: false,
      errors: [],
    });
  });

  liveTest("health and readiness are answered in one word", async ({ serve }) => {
    const server = await serve();
    expect((await server.get("/healthz")).text).toBe('{"status":"ok"}');
    expect((await server.get("/readyz")).text).toBe('{"status":"ready"}');
  });
});

const WRITES = [
  ["POST", "/workflow/state"],
  ["PATCH", "/workflow/state"],
  ["DELETE", "/workflow/state"],
  ["PATCH", "/workflow/state/steps/0"],
  ["POST", "/workflow/clear"],
] as const;

const json = (body: string | Buffer, headers: Record<string, string> = {}): CallOptions => ({
  body,
  headers,
});
const typed = (body: string, type: string) => json(body, { "Content-Type": type });

/** Bodies that no write reads, whatever they would mean. */
const UNREADABLE: readonly (readonly [string, CallOptions, number, string])[] = [
  ["a form", typed("a=b", "text/plain"), 415, "not_json"],
  ["an encoded form", typed("a=b", "application/x-www-form-urlencoded"), 415, "not_json"],
  ["a multipart form", typed("--x--", "multipart/form-data; boundary=x"), 415, "not_json"],
  ["another charset", typed('{"x":1}', "application/json; charset=latin1"), 415, "not_json"],
  ["packed JSON", json("{}", { "Content-Encoding": "gzip" }), 415, "not_json"],
  ["not UTF-8", json(Buffer.from('{"x":"\xff"}', "latin1")), 400, "bad_message"],
  ["half a body", json('{"x":'), 400, "bad_message"],
  ["2 MiB", json(JSON.stringify({ x: "y".repeat(2 * 1024 * 1024) })), 413, "too_large"],
  ["an empty key", json('{"x":1}', { "Idempotency-Key": "" }), 400, "bad_message"],
  ["a key with a gap", json('{"x":1}', { "Idempotency-Key": "a b" }), 400, "bad_message"],
  ["a weak condition", json('{"x":1}', { "If-Match": 'W/"a.1"' }), 400, "bad_message"],
  ["a token of words", json('{"x":1}', { "Instep-Token": "mine" }), 400, "bad_message"],
];

describe("every write", () => {
  liveTest.for(WRITES)("%s %s refuses what it cannot read", async ([method, path], { serve }) => {
    const server = await serve();
    await server.saved({ workflow_id: "kept", steps: [{ action: "build" }] });
    for (const [what, options, status, code] of UNREADABLE) {
      const answer = await server.call(method, path, options);
      expect([what, answer.status, answer.body.code]).toEqual([what, status, code]);
      expect(answer.headers.get("content-type"), what).toContain("application/problem+json");
    }
    expect((await server.get()).body).toMatchObject({
      revision: 1,
      state: { workflow_id: "kept" },
    });
  });

  liveTest.for(WRITES.filter(([method]) => method !== "DELETE"))(
    "%s %s refuses JSON that is no object",
    async ([method, path], { serve }) => {
      const server = await serve();
      await server.saved({ workflow_id: "kept", steps: [{ action: "build" }] });
      for (const body of ["[1]", "null", "1", '"x"', "true"]) {
        const answer = await server.call(method, path, { body });
        expect([body, answer.status, answer.body.code]).toEqual([body, 400, "bad_message"]);
      }
      expect((await server.get()).body).toMatchObject({ revision: 1 });
    },
  );

  liveTest("the refusal of a write names the limit that a body is over", async ({ serve }) => {
    const server = await serve({ limits: { frameBytes: 1000 } });
    const answer = await server.call("POST", "/workflow/state", { body: { x: "y".repeat(2000) } });
    expect(answer.status).toBe(413);
    expect(answer.body.message).toContain("1000");
  });

  liveTest("the refusal of a write names every field that is wrong", async ({ serve }) => {
    const server = await serve();
    const body = {
      workflow_id: "../x",
      status: "done",
      current_step: -1,
      start_time: "yesterday",
      steps: [{ action: "build" }, { status: "pending" }, { action: "ship", progress: 2 }],
    };
    const answer = await server.call("POST", "/workflow/state", { body });
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map(({ path }) => path).sort()).toEqual([
      "current_step",
      "start_time",
      "status",
      "steps.1.action",
      "steps.2.progress",
      "workflow_id",
    ]);
    for (const { path, message } of answer.body.errors) {
      expect(answer.body.message).toContain(path);
      expect(message).not.toBe("");
    }
  });

  liveTest.for([
    "/workflow/state?workflow_id=",
    "/workflow/state?workflow_id=../x",
    "/workflow/state?workflow_id=a&workflow_id=b",
    "/workflow/state?workflow_id=*",
    `/workflow/state?workflow_id=${"x".repeat(129)}`,
    "/workflow/state/summary?workflow_id=%00",
    "/workflow/state?wait=soon",
    "/workflow/state?wait=-1s",
    "/workflows?limit=0",
    "/workflows?limit=1001",
    "/workflows?status=done",
    "/workflows?before=abc",
  ])("GET %s is refused", async (path, { serve }) => {
    const answer = await (await serve()).get(path);
    expect([answer.status, answer.body.code]).toEqual([400, "bad_message"]);
    expect(answer.body.errors).toHaveLength(1);
  });

  liveTest("a client that is too fast is told when to come back", async ({ serve }) => {
    const server = await serve({ limits: { commandsPerSecond: 10, commandBurst: 3 } });
    for (let i = 0; i < 3; i++) await server.saved({ workflow_id: "busy" });
    const answer = await server.call("POST", "/workflow/state", { body: { workflow_id: "busy" } });
    expect([answer.status, answer.body.code, answer.body.retry]).toEqual([
      429,
      "rate_limited",
      true,
    ]);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await server.get()).status).toBe(200);
    server.clock.advance(100);
    await server.saved({ workflow_id: "busy" });
  });
});

describe("a mistake in a call", () => {
  liveTest("a mistake is told in words of ours, and by its place", async ({ serve }) => {
    const server = await serve();
    await server.saved({ workflow_id: "w", steps: [{ action: "a" }] });
    for (const index of ["-1", "1.5", "one", "1e3", "%20"]) {
      const path = `/workflow/state/steps/${index}`;
      const answer = await server.call("PATCH", path, { body: { status: "failed" } });
      expect([index, answer.status]).toEqual([index, 400]);
      expect(answer.body.errors).toMatchObject([{ path: "index" }]);
    }
    const tab = await server.openTab();
    const frames: readonly (readonly [object, string, RegExp])[] = [
      [{ type: "x" }, "type", /^must be one of subscribe, unsubscribe, propose, ping,/],
      [{}, "type", /^must be one of subscribe,/],
      [{ type: "subscribe", workflow_id: "é" }, "workflow_id", /^must be 1 to 128 letters,/],
      [{ type: "subscribe", workflow_id: 7 }, "workflow_id", /^must be a workflow's id, "current"/],
      [
        propose({ kind: "x" }),
        "command.kind",
        /^must be one of save, step, clear, restore, claim,/,
      ],
      [
        propose({ kind: "save", merge: "x", state: {} }),
        "command.merge",
        /^must be one of false, true/,
      ],
      [propose({ kind: "retry", from: -1 }), "command.from", /^must be at least 0/],
      [
        propose({ kind: "retry", from: {} }),
        "command.from",
        /^must be a step's action or its index/,
      ],
    ];
    for (const [frame, path, words] of frames) {
      tab.send(frame);
      const { errors } = await tab.take("refused");
      expect([path, errors]).toMatchObject([
        path,
        [{ path, message: expect.stringMatching(words) }],
      ]);
    }
  });

  const propose = (command: object) => ({ type: "propose", request_id: "r", command });

  liveTest(
    "a refused command comes back with the request id it came with, also one that is none",
    async ({ serve }) => {
      const tab = await (await serve()).openTab();
      const command = { kind: "clear" };
      for (const [given, told] of [
        ["é", "é"],
        ["", ""],
        [7, null],
        ["x".repeat(129), null],
      ] as const) {
        tab.send({ type: "propose", request_id: given, command });
        expect(await tab.take("refused")).toMatchObject({ request_id: told, code: "bad_message" });
      }
    },
  );

  liveTest("a wait in other words than ms or s is refused", async ({ serve }) => {
    const server = await serve();
    for (const wait of ["0", "1m", "1.5s", "s", "-1s", "9999999s"]) {
      const answer = await server.get(`/workflow/state?wait=${wait}`);
      expect([wait, answer.status]).toEqual([wait, 400]);
    }
  });
});
