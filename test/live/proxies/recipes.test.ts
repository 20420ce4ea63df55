/** Each recipe of examples/proxies/ with the proxy that it is for: the page finds its files, commands and streams go through, sockets open or are refused. */
import { request as plainly } from "node:http";
import { request as withTls } from "node:https";
import { describe, expect } from "vitest";
import WebSocket from "ws";
import { within } from "../../support/deadline.js";
import {
  hasProxy,
  KINDS,
  type ProxyKind,
  selfSigned,
  startRecipeProxy,
} from "../../support/links/recipeProxy.js";
import { liveTest } from "../../support/servers/liveServer.js";

const HOST = "runs.example.com";

interface Row {
  readonly kind: ProxyKind;
  readonly where: string;
  readonly base: string;
  /** The place in the recipe. */
  readonly nth: number;
  readonly socket: "hello" | 426;
  readonly isTls?: true;
}

/** Where the proxy listens. */
interface At {
  readonly port: number;
  readonly isTls?: boolean | undefined;
}

const originOf = ({ isTls }: At): string => `${isTls ? "https" : "http"}://${HOST}`;
/** Nobody else vouches for the proxy's certificate. */
const TLS = { servername: HOST, rejectUnauthorized: false };

const ROWS: readonly Row[] = KINDS.flatMap((kind) => [
  { kind, where: "at the top", base: "/", nth: 0, socket: "hello" as const },
  {
    ...{ kind, where: "at the top, with TLS", base: "/", nth: 0, socket: "hello" as const },
    isTls: true as const,
  },
  { kind, where: "below a prefix that stays", base: "/instep/", nth: 1, socket: "hello" as const },
  {
    kind,
    where: "below one that is taken off",
    base: "/instep/",
    nth: 2,
    socket: "hello" as const,
  },
  ...(kind === "nginx"
    ? [{ kind, where: "with nothing but proxy_pass", base: "/", nth: 3, socket: 426 as const }]
    : []),
]);
const isThere = new Map(KINDS.map((kind) => [kind, hasProxy(kind)]));

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** `onText` hears of what came so far, while the answer goes on. */
function ask(
  at: At,
  method: string,
  path: string,
  body?: string,
  onText: (text: string) => void = () => {},
): Promise<Answer> {
  const type = body?.startsWith("{") ? "application/json" : "text/plain";
  const headers = { Host: HOST, Origin: originOf(at), ...(body && { "Content-Type": type }) };
  const answer = new Promise<Answer>((resolve, reject) => {
    const options = { host: "127.0.0.1", port: at.port, method, path, headers, ...TLS };
    const sent = (at.isTls ? withTls : plainly)(options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece) => {
        text += piece;
        onText(text);
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
  return within(answer, () => `${method} ${path}`);
}

/** The first frame's type, or the status of a refusal. */
function greeted(at: At, path: string): Promise<string | number> {
  const url = `${at.isTls ? "wss" : "ws"}://127.0.0.1:${at.port}${path}`;
  const socket = new WebSocket(url, "instep.v1", {
    ...{ headers: { Host: HOST }, origin: originOf(at), ...TLS },
  });
  const first = new Promise<string | number>((resolve, reject) => {
    socket.once("message", (data) => resolve(JSON.parse(String(data)).type));
    socket.once("unexpected-response", (_request, { statusCode }) => resolve(statusCode ?? 0));
    socket.once("error", reject);
  });
  return within(first, () => "a greeting").finally(() => socket.terminate());
}

describe("a proxy with its recipe", () => {
  for (const { kind, where, base, nth, socket, isTls } of ROWS)
    liveTest.skipIf(!isThere.get(kind))(
      `Instep works behind ${kind} ${where}: page, script, commands, streams and sockets`,
      async ({ serve, folder, onTestFinished }) => {
        const known = { allowedHosts: [HOST], ...(nth < 3 && { trustProxy: ["loopback"] }) };
        const root = await serve({ ...known, dataDir: `${folder}/root` });
        const below = await serve({ ...known, dataDir: `${folder}/below`, basePath: "/instep" });
        const led = { root: root.port, below: below.port };
        const certificate = isTls ? selfSigned(folder, [HOST, "*.example.com"]) : null;
        const proxy = await startRecipeProxy(kind, folder, led, certificate);
        onTestFinished(() => proxy.stop());
        const at = { port: proxy.ports[nth]!, isTls };

        const page = await ask(at, "GET", `${base}w/a`);
        expect([page.status, /<base href="([^"]*)"/.exec(page.text)?.[1]]).toEqual([200, base]);
        const [, script] = /<script type="module" crossorigin src="\.\/([^"]+)"/.exec(page.text)!;
        const given = await ask(at, "GET", base + script);
        expect([given.status, given.text]).toEqual([200, expect.stringContaining("import")]);
        // The root leads nowhere, so a page with a wrong base finds nothing. Caddy answers 200 there, with no body.
        if (base !== "/") expect((await ask(at, "GET", `/${script}`)).text).not.toContain("import");

        const state = JSON.stringify({
          workflow_id: "a",
          steps: [{ action: "one", status: "in_progress" }],
        });
        const saved = await ask(at, "POST", `${base}workflow/state`, state);
        expect([saved.status, saved.text]).toEqual([200, expect.stringContaining('"a"')]);

        const log = `${base}workflow/state/steps/0/log?workflow_id=a`;
        const printed = (line: string) => ask(at, "POST", log, line);
        expect((await printed("first\n")).status).toBe(200);
        let isSecondSent = false;
        let hasCome = () => {};
        const second = new Promise<void>((resolve) => {
          hasCome = resolve;
        });
        const followed = ask(at, "GET", `${log}&follow=1`, undefined, (text) => {
          if (text.includes("first\n") && !isSecondSent) {
            isSecondSent = true;
            void printed("second\n");
          }
          if (text.includes("second\n")) hasCome();
        });
        // The answer goes on: nothing but its end would let a proxy that gathers it all pass it on.
        await within(second, () => "the line that was sent while the answer was open");
        const done = JSON.stringify({ status: "completed" });
        expect(
          (await ask(at, "PATCH", `${base}workflow/state/steps/0?workflow_id=a`, done)).status,
        ).toBe(200);
        expect(await followed).toEqual({ status: 200, text: "first\nsecond\n" });

        expect(await greeted(at, `${base}workflow/live`)).toBe(socket);
      },
    );
});
