/** Origins as tables: which entries name one, which pages they let in, and that a browser is told of every header that a call or an answer has. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { describe, expect, it, test } from "vitest";
import { CALLS } from "../../../../server/contracts/calls.js";
import { HEADERS } from "../../../../server/contracts/parameters.js";
import { ForeignPages } from "../../../../server/ingress/access/foreignPages.js";
import { readOrigin } from "../../../../server/ingress/access/origin.js";

const APP = "https://app.example.com";
const pages = new ForeignPages([APP, "http://localhost:3000", "http://[::1]:5173"]);

describe("an entry of --allow-origin", () => {
  it.each([APP, "http://localhost:3000", "https://xn--bcher-kva.example", "http://[::1]:5173"])(
    "%s is one, as it stands",
    (text) => {
      expect(readOrigin(text)).toBe(text);
    },
  );

  it.each([
    ["*", /would let in the pages of every site/],
    ["null", /files and sandboxed pages/],
    ["https://app.example.com/", /that is https:\/\/app\.example\.com$/],
    ["https://App.Example.com", /that is https:\/\/app\.example\.com$/],
    ["HTTPS://app.example.com", /that is https:\/\/app\.example\.com$/],
    ["https://app.example.com:443", /that is https:\/\/app\.example\.com$/],
    ["http://app.example.com:80/path?q", /that is http:\/\/app\.example\.com$/],
    ["https://bücher.example", /that is https:\/\/xn--bcher-kva\.example$/],
    ["http://[0:0::1]:5173", /that is http:\/\/\[::1\]:5173$/],
    ["https://*.example.com", /not "https:\/\/\*\.example\.com"$/],
    ["https://ann:secret@app.example.com", /secret@app\.example\.com"$/],
    ["https://a.example https://b.example", /b\.example"$/],
    ["https://a.example,https://b.example", /b\.example"$/],
    ["https:\\\\a.example", /a\.example"$/],
    ["https://", /not "https:\/\/"$/],
    ["app.example.com", /not "app\.example\.com"$/],
    ["//app.example.com", /must be an origin/],
    ["file:///home/ann", /must be an origin/],
    ["chrome-extension://abcdef", /must be an origin/],
    ["javascript:alert(1)", /must be an origin/],
    ["", /not ""$/],
  ])("%j is refused with what to write", (text, why) => {
    expect(() => readOrigin(text)).toThrow(/^must be an origin such as /);
    expect(() => readOrigin(text)).toThrow(why);
    expect(() => new ForeignPages([APP, text])).toThrow(/^allowedOrigins: must be an origin/);
  });
});

describe("a page of another origin", () => {
  const from = (origin: string | undefined) => pages.has({ headers: { origin } });

  it.each([APP, "http://localhost:3000", "http://[::1]:5173"])("%s was named", (origin) => {
    expect(from(origin)).toBe(true);
  });

  it.each([
    undefined,
    "",
    "null",
    "*",
    "http://app.example.com",
    "https://app.example.com:443",
    "https://app.example.com:8443",
    "https://app.example.com/",
    "https://APP.example.com",
    "https://app.example.com.evil.example",
    "https://evil-app.example.com",
    "https://sub.app.example.com",
    "https://app.example.com@evil.example",
    "https://app.example.com, https://evil.example",
    " https://app.example.com",
    "http://localhost",
    "http://localhost:30000",
    "http://127.0.0.1:3000",
    "http://[::1]",
  ])("%s was not named", (origin) => {
    expect(from(origin)).toBe(false);
  });
});

/** What is said beside an answer to such a request. */
function told(url: string, headers: Record<string, string> = { origin: APP }, method = "GET") {
  const said: OutgoingHttpHeaders = {};
  const response = {
    getHeader: (name: string) => said[name.toLowerCase()],
    setHeader: (name: string, value: string) =>
      void Object.assign(said, { [name.toLowerCase()]: value }),
  } as unknown as ServerResponse;
  const request = { url, headers, method } as unknown as IncomingMessage;
  pages.tell(request, response);
  return { said, isPreflight: pages.isPreflight(request) };
}

const ASKS = { origin: APP, "access-control-request-method": "PATCH" };
const listIn = (value: unknown) => String(value).toLowerCase().split(", ");

describe("what a browser is told", () => {
  it.each([
    "/workflow/state",
    "/WORKFLOW/State/",
    "/workflows?q=a",
    "/workflow/live",
    "/healthz",
    "/readyz",
    "/instep-workflow.js",
  ])("%s is open to a page that was named, and says to caches for whom it is", (url) => {
    expect(told(url).said).toMatchObject({ "access-control-allow-origin": APP, vary: "Origin" });
    expect(told(url, {}).said).toEqual({ vary: "Origin" });
    expect(told(url, { origin: "null" }).said).toEqual({ vary: "Origin" });
    expect(told(url, ASKS, "OPTIONS").isPreflight).toBe(true);
    expect(told(url, { ...ASKS, origin: "https://evil.example" }, "OPTIONS")).toEqual({
      said: { vary: "Origin" },
      isPreflight: false,
    });
  });

  it.each([
    "/",
    "/start",
    "/start/deploy",
    "/w/a",
    "/assets/index.js",
    "/metrics",
    "/METRICS/",
    "/x/workflow/state",
    "/workflow",
    "/workflowsx",
    "//workflow/state",
    "/own",
  ])("%s is open to none: the page, the metrics, the paths of a host", (url) => {
    expect(told(url).said).toEqual({});
    expect(told(url, ASKS, "OPTIONS")).toEqual({ said: {}, isPreflight: false });
  });

  test("where no origin was named, nothing is said at all", () => {
    const none = new ForeignPages();
    none.tell(
      { url: "/workflow/state", headers: { origin: APP } } as IncomingMessage,
      {} as ServerResponse,
    );
  });

  test("a question is told every method and every header that a call may have", () => {
    const { said } = told("/workflow/state", ASKS, "OPTIONS");
    const calls = Object.values(CALLS).flatMap((methods) => Object.entries(methods));
    const methods = listIn(said["access-control-allow-methods"]);
    expect(methods).toEqual(expect.arrayContaining([...new Set(calls.map(([name]) => name))]));
    const headers = calls.flatMap(([, { parameters = [] }]) =>
      parameters.flatMap((one) => (one.in === "header" ? [one.name.toLowerCase()] : [])),
    );
    const own = ["authorization", "content-type", "x-request-id", "traceparent", "tracestate"];
    const allowed = listIn(said["access-control-allow-headers"]);
    expect(allowed).toEqual(expect.arrayContaining([...new Set([...headers, ...own])]));
    expect(Number(said["access-control-max-age"])).toBeGreaterThan(0);
    for (const { said: any } of [told("/workflows"), { said }])
      expect(Object.keys(any)).not.toContain("access-control-allow-credentials");
  });

  test("a page reads every header of an answer that the contract has, and the server's clock", () => {
    const shown = listIn(told("/workflow/state").said["access-control-expose-headers"]);
    const names = Object.keys(HEADERS).map((name) => name.toLowerCase());
    expect(shown).toEqual(expect.arrayContaining([...names, "date", "x-request-id"]));
  });
});
