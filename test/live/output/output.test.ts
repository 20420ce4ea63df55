/** A step's output over REST: kept as it came, at offsets that stay. */
import { gunzipSync } from "node:zlib";
import { describe, expect } from "vitest";
import { until, within } from "../../support/deadline.js";
import { append, logPath, printed, Streamed, TEXT } from "../../support/links/output.js";
import { rawAnswer } from "../../support/links/rawAnswer.js";
import { liveTest } from "../../support/servers/liveServer.js";

const W = { workflow_id: "w", steps: [{ action: "build" }, { action: "ship" }] };
const BUILD = ["w", 0] as const;

describe("appended output", () => {
  liveTest(
    "appended output is read back byte for byte, at offsets that go on",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      const first = await append(server, BUILD, "one\n");
      expect(first.body).toEqual({
        success: true,
        message: "Output kept",
        workflow_id: "w",
        step: 0,
        attempt: 1,
        from: 0,
        next: 4,
      });
      const bytes = Buffer.from([0, 255, 254, 0xc3, 10]);
      const second = await server.call("POST", logPath("w", 0), {
        body: bytes,
        headers: { "Content-Type": "application/octet-stream" },
      });
      expect(second.body).toMatchObject({ from: 4, next: 9 });
      const read = await fetch(server.url + logPath("w", 0));
      expect(Buffer.from(await read.arrayBuffer())).toEqual(
        Buffer.concat([Buffer.from("one\n"), bytes]),
      );
      expect(read.headers.get("content-type")).toBe("text/plain; charset=utf-8");
      expect(read.headers.get("instep-log-attempt")).toBe("1");
      expect(read.headers.get("instep-log-from")).toBe("0");
      expect(read.headers.get("instep-log-next")).toBe("9");
      expect(read.headers.get("instep-log-whole")).toBe("yes");
      expect(read.headers.get("x-content-type-options")).toBe("nosniff");
    },
  );

  liveTest(
    "appended output belongs to one step, one attempt and one workflow",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      await server.saved({ ...W, workflow_id: "v" });
      await printed(server, ["w", 0], "w0");
      await printed(server, ["w", 1], "w1");
      await printed(server, ["v", 0], "v0");
      await printed(server, ["w", 0], "second", "&attempt=2");
      const texts = await Promise.all(
        [logPath("w", 0), logPath("w", 1), logPath("v", 0), logPath("w", 0, "&attempt=1")].map(
          async (path) => (await server.get(path)).text,
        ),
      );
      expect(texts).toEqual(["second", "w1", "v0", "w0"]);
      expect((await server.get(logPath("v", 1))).text).toBe("");
    },
  );

  liveTest("appended output goes to the attempt that the step is at", async ({ serve }) => {
    const server = await serve();
    await server.saved(W);
    const report = (status: string) =>
      server.call("PATCH", "/workflow/state/steps/0", { body: { status } });
    await report("in_progress");
    await printed(server, BUILD, "first try");
    await report("failed");
    await report("in_progress");
    expect((await append(server, BUILD, "second try")).body).toMatchObject({ attempt: 2, from: 0 });
    const newest = await server.get(logPath("w", 0));
    expect([newest.text, newest.headers.get("instep-log-attempt")]).toEqual(["second try", "2"]);
    await report("completed");
    expect((await server.get()).body.state.steps[0]).toMatchObject({ attempt: 2, log_bytes: 10 });
  });

  liveTest(
    "appended output is doubled by no repetition that says where it belongs",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      expect((await append(server, BUILD, "abc", "&at=0")).body).toMatchObject({ next: 3 });
      const again = await append(server, BUILD, "abc", "&at=0");
      expect([again.status, again.body]).toEqual([
        409,
        expect.objectContaining({ code: "offset_moved", next: 3, success: false }),
      ]);
      expect((await append(server, BUILD, "", "&at=3")).body).toMatchObject({ from: 3, next: 3 });
      expect((await server.get(logPath("w", 0))).text).toBe("abc");
    },
  );

  liveTest("appended output survives a restart, and goes on at its offset", async ({ serve }) => {
    const server = await serve();
    await server.saved(W);
    await printed(server, BUILD, "before\n");
    await server.restart();
    expect((await append(server, BUILD, "after\n")).body).toMatchObject({ from: 7, next: 13 });
    expect((await server.get(logPath("w", 0))).text).toBe("before\nafter\n");
  });
});

describe("a part of the output", () => {
  liveTest("a part of the output is had by offset, by tail and by range", async ({ serve }) => {
    const server = await serve();
    await server.saved(W);
    await printed(server, BUILD, "line 1\nline 2\nline 3\n");
    const got = async (query: string, headers = {}) => {
      const answer = await server.get(logPath("w", 0, query), headers);
      return [answer.status, answer.text, answer.headers.get("instep-log-from")];
    };
    expect(await got("&from=9")).toEqual([200, "ne 2\nline 3\n", "9"]);
    expect(await got("&from=500")).toEqual([200, "", "21"]);
    expect(await got("&tail=10")).toEqual([200, "line 3\n", "14"]);
    expect(await got("&tail=7")).toEqual([200, "line 3\n", "14"]);
    expect(await got("&tail=3")).toEqual([200, " 3\n", "18"]);
    expect(await got("&tail=0")).toEqual([200, "", "21"]);
    expect(await got("&tail=500")).toEqual([200, "line 1\nline 2\nline 3\n", "0"]);
    expect(await got("", { Range: "bytes=7-12" })).toEqual([206, "line 2", "7"]);
    expect(await got("", { Range: "bytes=-7" })).toEqual([206, "line 3\n", "14"]);
    expect(await got("", { Range: "bytes=19-" })).toEqual([206, "3\n", "19"]);
    expect(await got("", { Range: "bytes=0-1,4-5" })).toEqual([
      200,
      "line 1\nline 2\nline 3\n",
      "0",
    ]);
    expect(
      (await server.get(logPath("w", 0), { Range: "bytes=7-12" })).headers.get("content-range"),
    ).toBe("bytes 7-12/21");
    const none = await server.get(logPath("w", 0), { Range: "bytes=21-" });
    expect([none.status, none.body.code, none.headers.get("content-range")]).toEqual([
      416,
      "no_such_range",
      "bytes */21",
    ]);
  });

  liveTest(
    "a part of the output is had by from and to, and travels packed where the client takes that",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      const text = Array.from({ length: 9_000 }, (_, line) => `line number ${line}\n`).join("");
      const bytes = Buffer.from(`${text}\u00e9nd`);
      await printed(server, BUILD, bytes);
      const part = async (query: string, encoding = "gzip, br", method = "GET") => {
        const headers = { "Accept-Encoding": encoding };
        const url = server.url + logPath("w", 0, query);
        const { rawHeaders, status, body } = await rawAnswer(url, { method, headers });
        const of = (name: string) => rawHeaders[name];
        const packed = of("content-encoding") === "gzip";
        expect([of("vary"), Number(of("content-length"))]).toEqual([
          expect.stringContaining("Accept-Encoding"),
          method === "HEAD" ? Number.NaN : body.length,
        ]);
        return { status, packed, size: body.length, bytes: packed ? gunzipSync(body) : body };
      };
      const whole = await part(`&to=${bytes.length}`);
      expect([whole.status, whole.packed, whole.bytes.equals(bytes)]).toEqual([200, true, true]);
      expect(whole.size).toBeLessThan(bytes.length / 4);
      for (const [from, to] of [
        [0, 2_000],
        [1_000, 90_000],
        [bytes.length - 5_000, bytes.length + 1],
      ] as const) {
        const { packed, bytes: got } = await part(`&from=${from}&to=${to}`);
        expect([packed, got.equals(bytes.subarray(from, to))]).toEqual([true, true]);
      }
      expect(await part("&from=3&to=4")).toMatchObject({ packed: false, size: 1 });
      expect(await part("&to=5000", "identity")).toMatchObject({ packed: false, size: 5_000 });
      expect(await part("&to=5000", "br")).toMatchObject({ packed: false, size: 5_000 });
      expect(await part("&to=5000", "gzip", "HEAD")).toMatchObject({ status: 200, size: 0 });
      const refused = async (query: string) => {
        const { status, body } = await server.get(logPath("w", 0, query));
        return [status, body.code];
      };
      const end = bytes.length;
      expect(await refused(`&from=${end}&to=${end + 1}`)).toEqual([416, "no_such_range"]);
      for (const query of ["&from=5&to=5", "&from=6&to=5", "&to=0", "&to=-1", "&to=x"])
        expect([query, ...(await refused(query))]).toEqual([query, 400, "bad_message"]);
      for (const query of ["&tail=5&to=7", "&follow=1&to=7"])
        expect([query, ...(await refused(query))]).toEqual([query, 400, "bad_message"]);
    },
  );

  liveTest(
    "a part of the output that is larger than what is packed comes whole",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      const piece = Buffer.alloc(256 * 1024, "0123456789abcde\n");
      for (let count = 0; count < 6; count += 1) await printed(server, BUILD, piece);
      const { body, rawHeaders } = await rawAnswer(
        server.url + logPath("w", 0, `&from=16&to=${5 * piece.length}`),
        { headers: { "Accept-Encoding": "gzip" } },
      );
      expect([body.length, rawHeaders["content-encoding"]]).toEqual([
        5 * piece.length - 16,
        undefined,
      ]);
      expect(body.equals(Buffer.alloc(body.length, "0123456789abcde\n"))).toBe(true);
    },
  );

  liveTest("a part of the output is described by HEAD", async ({ serve }) => {
    const server = await serve();
    await server.saved(W);
    await printed(server, BUILD, "line 1\n");
    const head = await server.call("HEAD", logPath("w", 0));
    expect([head.status, head.text, head.headers.get("instep-log-next")]).toEqual([200, "", "7"]);
  });
});

describe("output that is followed by GET", () => {
  liveTest(
    "output that is followed by GET comes as it is printed, until the step is over",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      await printed(server, BUILD, "one\n");
      const stream = await Streamed.open(server.url + logPath("w", 0, "&follow=1"));
      await until(() => stream.text === "one\n", "the backlog came");
      await printed(server, BUILD, "two\n");
      await until(() => stream.text === "one\ntwo\n", "the new line came");
      await server.call("PATCH", "/workflow/state/steps/0", { body: { status: "completed" } });
      expect(await within(stream.ended, () => "the end")).toBe("whole");
      expect(stream.text).toBe("one\ntwo\n");
      const over = await server.get(logPath("w", 0, "&follow=1"));
      expect(over.text).toBe("one\ntwo\n");
    },
  );

  liveTest(
    "output that is followed by GET is cut short by the server's end, as it was not all",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      await printed(server, BUILD, "one\n");
      const stream = await Streamed.open(server.url + logPath("w", 0, "&follow=1"));
      await until(() => stream.text === "one\n", "the backlog came");
      await server.stop();
      expect(await within(stream.ended, () => "the end")).toBe("cut");
    },
  );

  liveTest(
    "output that is followed by GET ends when the workflow is cleared",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      await printed(server, BUILD, "one\n");
      const stream = await Streamed.open(server.url + logPath("w", 0, "&follow=1"));
      await until(() => stream.text === "one\n", "the backlog came");
      await server.call("DELETE", "/workflow/state?workflow_id=w");
      expect(await within(stream.ended, () => "the end")).toBe("whole");
    },
  );

  liveTest("output that is followed by GET takes the place of a held answer", async ({ serve }) => {
    const server = await serve({ limits: { heldAnswers: 1 } });
    await server.saved(W);
    const stream = await Streamed.open(server.url + logPath("w", 0, "&follow=1"));
    const second = await server.get(logPath("w", 0, "&follow=1"));
    expect([second.status, second.body.code]).toEqual([429, "too_many"]);
    stream.answer.destroy();
    const third = await until(async () => {
      const answer = await Streamed.open(server.url + logPath("w", 0, "&follow=1"));
      return answer.answer.statusCode === 200 && answer;
    }, "the place is free again");
    third.answer.destroy();
  });
});

describe("refused output", () => {
  liveTest.for([
    ["0", "&attempt=0"],
    ["0", "&attempt=-1"],
    ["0", "&attempt=1e1"],
    ["0", "&attempt=9999999999999999"],
    ["0", "&attempt=1&attempt=2"],
    ["-1", ""],
    ["1e0", ""],
    ["0x0", ""],
    ["%2e%2e%2f", ""],
  ])("output of step %s with the query '%s' is refused", async ([step, query], { serve }) => {
    const server = await serve();
    await server.saved(W);
    const path = `/workflow/state/steps/${step}/log?workflow_id=w${query}`;
    for (const method of ["GET", "POST"]) {
      const body = method === "POST" ? { body: "x" } : {};
      const answer = await server.call(method, path, { ...body, headers: TEXT });
      expect([method, answer.status, answer.body.code]).toEqual([method, 400, "bad_message"]);
    }
  });

  liveTest.for(["&from=-1", "&from=x", "&tail=-1", "&from=1&tail=1", "&follow=2"])(
    "reading output with %s is refused",
    async (query, { serve }) => {
      const server = await serve();
      await server.saved(W);
      const answer = await server.get(logPath("w", 0, query));
      expect([answer.status, answer.body.code]).toEqual([400, "bad_message"]);
    },
  );

  liveTest("output of attempts that were never made is refused", async ({ serve }) => {
    const server = await serve();
    const attempts = [{ attempt: 2, status: "failed" }];
    await server.saved({ ...W, steps: [{ action: "build", attempt: 7, attempts }] });
    const refused = [1, 3, 4, 5, 9, 10, 1_000_000_007, 999_999_999_999_999];
    for (const attempt of refused) {
      const answer = await append(server, BUILD, "x", `&attempt=${attempt}`);
      expect([attempt, answer.status, answer.body.code]).toEqual([attempt, 400, "bad_message"]);
      expect(answer.body.errors).toEqual([expect.objectContaining({ path: "attempt" })]);
    }
    // The one that was reported as past, late lines of the one before, its own, and the next before its report.
    for (const attempt of [2, 6, 7, 8]) await printed(server, BUILD, "x", `&attempt=${attempt}`);
    await server.saved({ ...W, steps: [{ action: "build", attempt: 12 }] });
    await printed(server, BUILD, "late", "&attempt=8");
    expect((await append(server, BUILD, "x", "&attempt=9")).status).toBe(400);
  });

  liveTest("output of what does not exist is refused", async ({ serve }) => {
    const server = await serve();
    const codes = async (path: string) => [
      (await server.get(path)).body.code,
      (await server.call("POST", path, { body: "x", headers: TEXT })).body.code,
    ];
    const current = "/workflow/state/steps/0/log";
    expect(await codes(current)).toEqual(["unknown_workflow", "unknown_workflow"]);
    await server.saved(W);
    expect(await codes(logPath("constructor", 0))).toEqual([
      "unknown_workflow",
      "unknown_workflow",
    ]);
    expect(await codes(logPath("w", 2))).toEqual(["unknown_step", "unknown_step"]);
    expect(await codes(logPath("../..", 0))).toEqual(["bad_message", "bad_message"]);
    expect((await server.get(current)).status).toBe(200);
  });

  liveTest(
    "bodies that are too large, packed, or of another type are refused",
    async ({ serve }) => {
      const server = await serve({ limits: { frameBytes: 1000 } });
      await server.saved(W);
      const tries: [string | Buffer, Record<string, string>, number, string][] = [
        ["x".repeat(1001), {}, 413, "too_large"],
        ["{}", { "Content-Type": "application/json" }, 415, "not_text"],
        ["a=b", { "Content-Type": "application/x-www-form-urlencoded" }, 415, "not_text"],
        ["x", { "Content-Encoding": "gzip" }, 415, "not_text"],
      ];
      for (const [body, headers, status, code] of tries) {
        const answer = await append(server, BUILD, body, "", headers);
        expect([answer.status, answer.body.code]).toEqual([status, code]);
      }
      expect((await server.get(logPath("w", 0))).text).toBe("");
    },
  );

  liveTest("forms that other sites send are refused", async ({ serve }) => {
    const server = await serve();
    await server.saved(W);
    for (const headers of [
      { Origin: "https://evil.example" },
      { Origin: "null" },
      { "Sec-Fetch-Site": "cross-site" },
      { "Sec-Fetch-Site": "same-site" },
    ] as Record<string, string>[]) {
      const answer = await append(server, BUILD, "x", "", headers);
      expect([answer.status, answer.body.code]).toEqual([403, "forbidden"]);
    }
    expect((await server.get(logPath("w", 0))).text).toBe("");
  });

  liveTest("writing with a token that may only watch is refused", async ({ serve }) => {
    const server = await serve({
      tokens: [
        { token: "d", can: "drive" },
        { token: "w", can: "watch" },
      ],
    });
    const as = (token: string) => ({ Authorization: `Bearer ${token}` });
    await server.saved(W, as("d"));
    expect((await append(server, BUILD, "x", "", as("d"))).status).toBe(200);
    expect((await append(server, BUILD, "x", "", as("w"))).status).toBe(403);
    expect((await append(server, BUILD, "x")).status).toBe(401);
    expect((await server.get(logPath("w", 0), as("w"))).text).toBe("x");
    expect((await server.get(logPath("w", 0))).status).toBe(401);
  });

  liveTest("output of a driver that is none any more is refused", async ({ serve }) => {
    const server = await serve();
    await server.saved(W);
    const tab = await server.openTab();
    const { token } = await tab.accepted({ kind: "claim", workflow_id: "w", driver: "one" });
    const with_ = (value?: number) =>
      append(server, BUILD, "x", "", value === undefined ? {} : { "Instep-Token": String(value) });
    expect((await with_()).body.code).toBe("stale_driver");
    expect((await with_(token! + 1)).body.code).toBe("stale_driver");
    expect((await with_(token)).status).toBe(200);
    await tab.accepted({ kind: "release", workflow_id: "w" }, { token });
    expect((await with_(token)).body.code).toBe("stale_driver");
    expect((await with_()).status).toBe(200);
  });
});

describe("the end of a workflow", () => {
  liveTest(
    "the end of a workflow leaves room for the last lines, until it is cleared from view",
    async ({ serve }) => {
      const server = await serve({ clearAfterMs: 1000 });
      await server.saved(W);
      await server.call("PATCH", "/workflow/state", { body: { status: "completed" } });
      await printed(server, BUILD, "late\n");
      server.clock.advance(1000);
      await until(async () => (await server.get()).body.state === null, "it is cleared from view");
      expect((await append(server, BUILD, "too late\n")).body.code).toBe("already_ended");
      expect((await server.get(logPath("w", 0))).text).toBe("late\n");
      await server.restart();
      expect((await server.get(logPath("w", 0))).text).toBe("late\n");
    },
  );
});
