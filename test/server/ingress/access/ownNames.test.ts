/** Hosts and origins as tables: which names reach a server at port 4848 that may also be called `box.lan` and `proxy:8080`. */
import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { OwnNames } from "../../../../server/ingress/access/ownNames.js";
import { OwnPorts } from "../../../../server/ingress/access/ownPorts.js";
import { SyncError } from "../../../../shared/errors.js";

const ownPorts = new OwnPorts();
ownPorts.add({ port: 4850, addresses: ["127.0.0.1", "::1"] });
const names = new OwnNames(["Box.lan", "proxy:8080"], ownPorts);

const request = (rawHeaders: readonly string[], localPort = 4848): IncomingMessage =>
  ({ rawHeaders, socket: { localPort } }) as unknown as IncomingMessage;

const codeOf = (run: () => unknown): unknown => {
  try {
    run();
    return "ours";
  } catch (error) {
    return error instanceof SyncError ? error.code : error;
  }
};

describe("the name that a request came by", () => {
  it.each([
    "localhost:4848",
    "127.0.0.1:4848",
    "[::1]:4848",
    "LOCALHOST:4848",
    "box.lan",
    "BOX.LAN",
    "box.lan:4848",
    "box.lan:8443",
    "proxy:8080",
  ])("%s is ours", (host) => {
    expect(names.hostOf(request(["Host", host]))).toBe(host.toLowerCase());
  });

  it.each([
    "localhost",
    "localhost:4849",
    "127.0.0.2:4848",
    "box.lan:",
    "box.lan:8443:1",
    "box.lan:8443.evil.example",
    "sub.box.lan:8443",
    "proxy",
    "proxy:8081",
    "proxy:8080:1",
    "evil.example",
    "localhost:4848.evil.example",
    "",
  ])("%s is not ours", (host) => {
    expect(codeOf(() => names.hostOf(request(["Host", host])))).toBe("forbidden");
  });

  it("a loopback name needs no port where the server has port 80", () => {
    expect(names.hostOf(request(["Host", "localhost"], 80))).toBe("localhost");
  });

  it.each([[[]], [["Host", "localhost:4848", "host", "localhost:4848"]]])(
    "%j has not one host, which is refused",
    (headers) => {
      expect(codeOf(() => names.hostOf(request(headers)))).toBe("bad_message");
    },
  );
});

describe("the page that a request came from", () => {
  const from = (origin: string, port = 4848) =>
    codeOf(() => names.checkOrigin(request(["Host", `localhost:${port}`, "Origin", origin], port)));

  it("a request without an origin comes from a program, and is ours", () => {
    expect(codeOf(() => names.checkOrigin(request(["Host", "localhost:4848"])))).toBe("ours");
  });

  it.each([
    "http://localhost:4848",
    "http://127.0.0.1:4848",
    "https://box.lan",
    "http://proxy:8080",
  ])("%s is a page of ours", (origin) => {
    expect(from(origin)).toBe("ours");
  });

  it.each([
    "null",
    "http://localhost:4849",
    "http://evil.example",
    "http://localhost:4848.evil.example",
    "http://localhost:4848/path",
    "http://evil.example#localhost:4848",
    "http://user@localhost:4848",
    "ftp://localhost:4848",
    "file://",
  ])("%s is another site", (origin) => {
    expect(from(origin)).toBe("forbidden");
  });

  it("a page at the IPv6 loopback is ours only where we hold that port there", () => {
    expect(from("http://[::1]:4848")).toBe("forbidden");
    expect(from("http://[::1]:4850", 4850)).toBe("ours");
  });

  it.each([
    ["box.lan:8443", "https://box.lan:8443", "ours"],
    ["box.lan:443", "https://box.lan", "ours"],
    ["box.lan:80", "http://box.lan", "ours"],
    ["box.lan:443", "http://box.lan", "forbidden"],
    ["box.lan:8443", "https://box.lan", "forbidden"],
    ["box.lan:8443", "https://box.lan:9999", "forbidden"],
    ["box.lan", "https://box.lan:9999", "forbidden"],
    ["localhost:4848", "https://box.lan:9999", "forbidden"],
    ["box.lan:8443", "http://localhost:4848", "forbidden"],
    ["box.lan", "http://localhost:4848", "ours"],
  ])("at %s, a page from %s is %s", (host, origin, verdict) => {
    const asked = request(["Host", host, "Origin", origin]);
    expect(codeOf(() => names.checkOrigin(asked))).toBe(verdict);
  });

  it("two origins are refused", () => {
    const twice = ["Host", "localhost:4848", "Origin", "http://localhost:4848", "origin", "null"];
    expect(codeOf(() => names.checkOrigin(request(twice)))).toBe("bad_message");
  });
});
