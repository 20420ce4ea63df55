/** The conformance suite for servers: ours passes it, and a server that gets one thing wrong is told which. */
import { execFile } from "node:child_process";
import path from "node:path";
import { describe, expect } from "vitest";
import { WebSocket } from "ws";
import { CHECKS } from "../../conformance/checks.mjs";
import { conformServer } from "../../conformance/server.mjs";
import { createInstep } from "../../server/server.js";
import { folderTest } from "../support/disks/temporaryFolder.js";
import { ROOT } from "../support/docs/packedPackage.js";

const test = folderTest.extend<{ url: string }>({
  url: async ({ folder }, use) => {
    const instep = await createInstep({
      dataDir: folder,
      tokens: [{ token: "a-token-to-drive-with", can: "drive" }],
    });
    const { url } = await instep.listen({ port: 0 });
    await use(url);
    await instep.close();
  },
});
const token = "a-token-to-drive-with";

interface Frame {
  readonly type: string;
  readonly [key: string]: unknown;
}
interface Wrong {
  /** Of an answer's body. */
  readonly body?: (body: Record<string, unknown>, method: string) => object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of what is sent to the server. */
  readonly asked?: (headers: Record<string, string>, address: string) => [object, string];
  readonly frame?: (frame: Frame) => object;
  readonly text?: (text: string) => string;
}

/** A server with a fault: ours, with what it is asked or what it tells changed on the way. */
function withFault({ body, headers, asked, frame, text }: Wrong) {
  const faultyFetch: typeof fetch = async (input, init = {}) => {
    const given = init.headers as Record<string, string>;
    const [sent, address] = asked?.(given, String(input)) ?? [given, String(input)];
    const answer = await fetch(address, { ...init, headers: sent as Record<string, string> });
    const isJson = answer.headers.get("content-type")?.includes("json");
    if (!answer.ok && answer.status < 400) return answer;
    if (answer.headers.get("content-type")?.includes("event-stream")) return answer;
    const was = await answer.text();
    const method = init.method ?? "GET";
    const now =
      isJson && body ? JSON.stringify(body(JSON.parse(was), method)) : (text?.(was) ?? was);
    const told = new Headers([...answer.headers, ...Object.entries(headers ?? {})]);
    for (const [name, value] of Object.entries(headers ?? {})) told.set(name, value);
    return new Response(now, { status: answer.status, headers: told });
  };
  class FaultySocket {
    readonly #socket: WebSocket;
    constructor(url: string, protocols: string[]) {
      this.#socket = new WebSocket(url, protocols);
    }
    addEventListener(type: "message" | "error" | "close", hear: (event: object) => void): void {
      this.#socket.addEventListener(type, (event: object) => {
        if (!frame || !("data" in event)) return hear(event);
        hear({ data: JSON.stringify(frame(JSON.parse(String(event.data)))) });
      });
    }
    send(text: string): void {
      this.#socket.send(text);
    }
    close(): void {
      this.#socket.close();
    }
  }
  return { fetch: faultyFetch, WebSocket: FaultySocket };
}

const later = (frame: Frame) => ({ ...frame, revision: Number(frame.revision) + 1 });
const onlyOf = (type: string, change: (frame: Frame) => object) => (frame: Frame) =>
  frame.type === type ? change(frame) : frame;
const without =
  (...names: string[]) =>
  (headers: Record<string, string>, address: string): [object, string] => [
    Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name))),
    address,
  ];
const noErrors = (one: object) => ({ ...one, errors: [] });

/** For each check a server that fails it, and a part of what it is told. */
const FAULTS: readonly (readonly [check: string, says: string, wrong: Wrong])[] = [
  ["with its position and its ETag", "the ETag", { headers: { ETag: '"another.1"' } }],
  ["is not there is no error", "active", { body: (body) => ({ ...body, active: true }) }],
  ["sent twice is applied once", "the second answer", { asked: without("Idempotency-Key") }],
  ["position that has moved on", "status and code", { asked: without("If-Match") }],
  ["by REST names the field", "errors", { body: noErrors }],
  ["by socket names the request", "errors", { frame: onlyOf("refused", noErrors) }],
  [
    "each change after it",
    "the state",
    { frame: onlyOf("changed", (one) => ({ ...one, patch: [] })) },
  ],
  ["from where it is", "where a resumed is", { frame: onlyOf("resumed", later) }],
  [
    "from an earlier position",
    "base",
    { frame: onlyOf("changed", (one) => ({ ...one, base: 0 })) },
  ],
  [
    "never had gets the whole",
    "resumed",
    { frame: onlyOf("snapshot", (one) => ({ ...one, type: "resumed" })) },
  ],
  ["told as a change and then", "where the frames", { frame: onlyOf("accepted", later) }],
  ["whose answer was lost", "the answer", { frame: second("accepted", later) }],
  [
    "was cleared is gone",
    "the reason of closed",
    { frame: onlyOf("closed", (one) => ({ ...one, reason: "expired" })) },
  ],
  ["from the last one that was heard", "the event", { asked: without("Last-Event-ID") }],
  [
    "read from an offset",
    "the output from 7",
    { asked: (headers, address) => [headers, address.replace("&from=7", "")] },
  ],
  [
    "comes from the offset that is named",
    "where a piece begins",
    { frame: onlyOf("log", (one) => ({ ...one, from: 0 })) },
  ],
];

/** From the second one of that type on. */
function second(type: string, change: (frame: Frame) => object): (frame: Frame) => object {
  let count = 0;
  return onlyOf(type, (frame) => {
    count += 1;
    return count > 1 ? change(frame) : frame;
  });
}

describe("the conformance suite for servers", () => {
  test("our server passes every check", async ({ url }) => {
    expect(await conformServer(url, { token, WebSocket })).toEqual([]);
  });

  test("the command tells of a server, and of what it was not told", async ({ url }) => {
    const run = (...words: string[]) =>
      new Promise<readonly [number | null, string]>((resolve) => {
        const file = path.join(ROOT, "conformance/run.mjs");
        execFile(process.execPath, [file, ...words], (error, stdout, stderr) =>
          resolve([error ? Number(error.code) : 0, stdout + stderr]),
        );
      });
    const [[code, text], nothing, both, part] = await Promise.all([
      run("--server", url, "--token", token),
      run(),
      run("--server", url, "--", "true"),
      run("--parts", "state,logs", "--", "true"),
    ]);
    expect([code, text]).toEqual([0, `${CHECKS.length} of ${CHECKS.length} checks passed\n`]);
    for (const [status, words] of [nothing, both, part])
      expect([status, words]).toEqual([2, expect.stringContaining("Usage: instep-conformance")]);
    expect(part[1]).toContain("There is no part logs.");
  });

  test("each check tells a server that fails it", async ({ url }) => {
    expect(FAULTS.length).toBe(CHECKS.length);
    for (const [only, says, wrong] of FAULTS) {
      const [told, ...more] = await conformServer(url, { token, only, ...withFault(wrong) });
      expect([only, more]).toEqual([only, []]);
      expect(told).toContain(only);
      expect(told).toContain(says);
    }
  });
});
