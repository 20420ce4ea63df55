/** The reads that clients repeat have a way of their own past the router: whatever is asked, both ways answer the same to the last byte. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { describe, expect } from "vitest";
import { createInstep } from "../../../server/server.js";
import { sendRaw } from "../../support/links/rawHttp.js";
import { liveTest } from "../../support/servers/liveServer.js";

const TOKENS = [
  { token: "drives-everything", can: "drive" },
  { token: "watches-everything", can: "watch" },
  { token: "watches-others", can: "watch", workflows: ["other*"] },
] as const;
const STATE = {
  workflow_id: "deploy",
  start_time: "2026-11-25T21:07:50Z",
  steps: [{ action: "build ü" }, { action: "ship" }],
  inputs: { password: "hidden" },
};

const QUERIES = [
  ...["", "?", "?workflow_id=deploy", "?workflow_id=deplo%79", "?workflow_id=nobody"],
  ...["?workflow_id=current", "?workflow_id=", "?workflow_id=*", "?workflow_id=-a", "?id=deploy"],
  ...["?workflow_id=a&workflow_id=b", "?workflow_id[]=deploy", "?x=1&x=2", "?workflow_id=deploy#a"],
  ...["?wait=", "?wait=1m", "?wait=0s", "?wait=1ms", "?workflow_id=deploy&wait=1ms", "?a=%E0%A4%A"],
];
const headersFor = (tag: string): readonly string[] => [
  ...["", `If-None-Match: ${tag}`, `If-None-Match: W/${tag}`, `If-None-Match: "x" , W/${tag},"y"`],
  ...['If-None-Match: "none"', "If-None-Match: *", "If-None-Match: ", "Accept: text/html"],
  ...["Origin: http://elsewhere.test", "Sec-Fetch-Site: cross-site", "Range: bytes=0-3"],
  ...["Host: elsewhere.test", "Expect: what", "Content-Length: 0"],
];

describe("a read that is repeated", () => {
  liveTest.for(["alone", "below a path of a host"])(
    "a read that is repeated is answered as the router answers it: %s",
    async (where, { folder, onTestFinished }) => {
      const instep = await createInstep({
        dataDir: folder,
        tokens: TOKENS,
        limits: { wrongTokens: 1_000_000 },
      });
      onTestFinished(() => instep.close());
      const { port, mount } =
        where === "alone"
          ? { port: (await instep.listen({ port: 0, host: "127.0.0.1" })).port, mount: "" }
          : { port: await hosted(instep.router(), onTestFinished), mount: "/some/where" };
      const url = `http://127.0.0.1:${port}${mount}/workflow/state`;
      const driver = { Authorization: "Bearer drives-everything" };
      await fetch(url, {
        method: "POST",
        headers: { ...driver, "Content-Type": "application/json" },
        body: JSON.stringify(STATE),
      });
      const tag = (await fetch(url, { headers: driver })).headers.get("ETag")!;

      const ask = async (method: string, path: string, lines: readonly string[]) => {
        const text = [`${method} ${mount}${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...lines];
        const answer = await sendRaw(port, [...text, "Connection: close", "", ""].join("\r\n"));
        return `${answer.head}\n${answer.body}`.replace(/^Date: .*$/m, "");
      };
      for (const path of ["/workflow/state", "/workflow/state/summary"]) {
        for (const method of ["GET", "HEAD"]) {
          for (const { token } of [...TOKENS, { token: "unknown" }]) {
            for (const [query, header] of combined(QUERIES, headersFor(tag))) {
              const lines = [`Authorization: Bearer ${token}`, header].filter(
                (line) => line !== "",
              );
              const [quick, routed] = await Promise.all([
                ask(method, path + query, lines),
                // Express takes a slash at the end, and there is no other way for it.
                ask(method, `${path}/${query}`, lines),
              ]);
              expect({ query, lines, answer: quick }).toEqual({ query, lines, answer: routed });
            }
          }
        }
      }
    },
  );
});

/** Each query by itself, each header by itself, and some of both together. */
function combined(queries: readonly string[], headers: readonly string[]): [string, string][] {
  return [
    ...queries.map((query): [string, string] => [query, ""]),
    ...headers.map((header): [string, string] => ["", header]),
    ...headers.map((header): [string, string] => ["?workflow_id=deploy&wait=1ms", header]),
  ];
}

async function hosted(
  router: ReturnType<Awaited<ReturnType<typeof createInstep>>["router"]>,
  onTestFinished: (end: () => void) => void,
): Promise<number> {
  const app = express();
  app.use((_request, response, next) => {
    response.setHeader("Vary", "Origin");
    next();
  });
  app.use("/some/where", router);
  const server = createServer(app).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
