/** A request that is not Instep's goes on as it came: nothing of what was tried with it is left on it. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { expect, test } from "vitest";
import { handlerOf } from "../../../../server/ingress/host/handler.js";

type Made = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;

/** Its router sets headers on everything, and answers `/here` alone. */
function handler(basePath: string): Made {
  const router = express.Router();
  router.use((_request, response, next) => {
    response.setHeader("X-Ours", "yes").setHeader("X-Host", "ours");
    response.status(418);
    next();
  });
  router.get("/here", ({ originalUrl, url }, response) => {
    response.status(response.statusCode === 418 ? 200 : 500).json({ originalUrl, url });
  });
  const forwarded = { prefixOf: () => "" };
  const foreign = { tellAnywhere: () => {} };
  return handlerOf({ router, repeated: { answer: () => false }, basePath, foreign, forwarded });
}

async function asked(
  path: string,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Response> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  try {
    await new Promise((resolve) => server.once("listening", resolve));
    return await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

for (const [basePath, path] of [
  ["", "/nowhere?a=1"],
  ["/x", "/x/nowhere?a=1"],
  ["/x", "/y/here?a=1"],
] as const)
  test(`a request for ${path} with the base "${basePath}" goes on to the host as it came`, async () => {
    let seen: unknown;
    const answer = await asked(path, (request, response) => {
      response.statusCode = 404;
      response.setHeader("X-Host", "theirs");
      const [one, other] = [request, response].map((each) => Object.getPrototypeOf(each));
      handler(basePath)(request, response, () => {
        seen = {
          url: request.url,
          originalUrl: Reflect.get(request, "originalUrl"),
          isSame:
            Object.getPrototypeOf(request) === one && Object.getPrototypeOf(response) === other,
        };
        response.end();
      });
    });
    expect(seen).toEqual({ url: path, originalUrl: undefined, isSame: true });
    expect([answer.status, answer.headers.get("x-host")]).toEqual([404, "theirs"]);
    expect(answer.headers.get("x-ours")).toBe(null);
  });

test("a request of Instep's is seen without its base, and with its whole address", async () => {
  const answer = await asked("/x/here?a=1", (request, response) => {
    response.statusCode = 404; // As Koa has it.
    handler("/x")(request, response);
  });
  expect([answer.status, await answer.json()]).toEqual([
    200,
    { originalUrl: "/x/here?a=1", url: "/here?a=1" },
  ]);
});

test("a host that put another path in the place of the caller's still leads to Instep", async () => {
  const answer = await asked("/old/here", (request, response) => {
    Object.assign(request, { originalUrl: request.url, url: "/x/here" });
    handler("/x")(request, response);
  });
  expect(await answer.json()).toEqual({ originalUrl: "/x/here", url: "/here" });
});
