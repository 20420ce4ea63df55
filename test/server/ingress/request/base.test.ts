import { describe, expect, test } from "vitest";
import { baseOf, below, readBasePath } from "../../../../server/ingress/request/base.js";

describe("a base path", () => {
  test.each([
    ["/tools/instep", "/tools/instep"],
    ["/tools/instep/", "/tools/instep"],
    ["/a-b_c.d~1", "/a-b_c.d~1"],
    ["/@team/c++/v=1;a,b:(2)!$*", "/@team/c++/v=1;a,b:(2)!$*"],
    ["/..;/...", "/..;/..."],
    ["/", ""],
    ["", ""],
  ])("the path %j is read as %j", (text, path) => {
    expect(readBasePath(text)).toBe(path);
  });

  test.each([
    "instep",
    "//instep",
    "/a//b",
    "/a/../b",
    "/..",
    "/./a",
    "/a?b",
    "/a#b",
    "/ä",
    "/a b",
    "/%61",
    "/%2e%2e",
    "/a&amp;b",
    "/it's",
    '/a"onload="x',
    "/<b>",
    "/a\\b",
    "/\\evil.example",
    "/`id`",
    "/{a}",
    "/a|b",
    "/a^b",
    "/[::1]",
    "/@team/..",
    "/./@team",
    "/a\u0000",
    "/a\u202e",
    "http://host/instep",
    "/a\n/b",
    `/${"a".repeat(300)}`,
  ])("what is no such path is refused with a word on what one looks like: %j", (text) => {
    expect(() => readBasePath(text)).toThrow(/^must (?:be a path like|have at most)/);
  });
});

describe("the base of a request", () => {
  test.each([
    [{ url: "/w/one" }, ""],
    [{ url: "/w/one", originalUrl: "/w/one" }, ""],
    [{ url: "/w/one?a=/x", originalUrl: "/x/y/w/one?a=/x" }, "/x/y"],
    [{ url: "/", originalUrl: "/x/y/" }, "/x/y"],
    [{ url: "/", originalUrl: "/x/y" }, "/x/y"],
    [{ url: "/?a=1", originalUrl: "/x/y?a=1" }, "/x/y"],
    [{ url: "/?b=2", originalUrl: "/x/y/?a=1" }, "/x/y"],
    [{ url: "/start", originalUrl: "http://host:1/x/start" }, "/x"],
    [{ url: "/w/in%3Aside", originalUrl: "/d%C3%A9p%C3%B4t/w/in%3Aside" }, "/d%C3%A9p%C3%B4t"],
    [{ url: "/w/one", originalUrl: "//elsewhere.example/w/one" }, "/elsewhere.example"],
    [{}, ""],
  ])("the base of %j is %j", (request, base) => {
    expect(baseOf(request)).toBe(base);
  });
});

describe("an address below a base", () => {
  test.each([
    ["/x/y", "/x/y/w/one?a=1", "/w/one?a=1"],
    ["/x/y", "/x/y", "/"],
    ["/x/y", "/x/y?a=1", "/?a=1"],
    ["/x/y", "/x/y/", "/"],
    ["/x/y", "/x/yz", null],
    ["/x/y", "/x", null],
    ["/x/y", "/", null],
    ["/x/y", "/X/y/", null],
    ["/x/y", "/z/x/y/", null],
    ["/x/y", "http://host:1/x/y/start", "/start"],
    ["", "/w/one", "/w/one"],
  ])("below %j, %j is %j", (base, address, left) => {
    expect(below(base, address)).toBe(left);
  });
});
