/** Addresses in texts of strangers: which of them are links, where they begin and end, and how long it takes to know. */
import { describe, expect, test } from "vitest";
import { linksIn, otherHost, safeAddress } from "../../../../client/ui/look/links.js";

const shown = (text: string) => linksIn(text).map(({ from, to }) => text.slice(from, to));

describe("an address in a text", () => {
  test.each<[string, string[]]>([
    ["see https://example.org/a?b=c#d for more", ["https://example.org/a?b=c#d"]],
    ["http://localhost:3000/", ["http://localhost:3000/"]],
    ["  ➜  Local:   http://[::1]:5173/", ["http://[::1]:5173/"]],
    ["HTTPS://EXAMPLE.ORG/A", ["HTTPS://EXAMPLE.ORG/A"]],
    ["http://web-7:8080/x and https://10.0.0.9", ["http://web-7:8080/x", "https://10.0.0.9"]],
    ["Look at https://example.org.", ["https://example.org"]],
    ["Is it https://example.org/?!", ["https://example.org/"]],
    [
      "https://example.org/a, https://example.org/b;",
      ["https://example.org/a", "https://example.org/b"],
    ],
    ["https://a.org,https://b.org", ["https://a.org", "https://b.org"]],
    ["https://a.org/?x=1,2;3", ["https://a.org/?x=1,2;3"]],
    ["(https://example.org/x)", ["https://example.org/x"]],
    ["(see https://example.org/x).", ["https://example.org/x"]],
    [
      "https://en.wikipedia.org/wiki/Rust_(language)",
      ["https://en.wikipedia.org/wiki/Rust_(language)"],
    ],
    [
      "(https://en.wikipedia.org/wiki/Rust_(language))",
      ["https://en.wikipedia.org/wiki/Rust_(language)"],
    ],
    [
      "https://en.wikipedia.org/wiki/Rust_(language).",
      ["https://en.wikipedia.org/wiki/Rust_(language)"],
    ],
    ["[one](https://a.org/x),[two](https://b.org/y)", ["https://a.org/x", "https://b.org/y"]],
    ["[https://a.org/x]", ["https://a.org/x"]],
    ["https://a.org/x[0]=1&y[]=2", ["https://a.org/x[0]=1&y[]=2"]],
    ["<https://a.org/x>", ["https://a.org/x"]],
    ['{"url":"https://a.org/x","n":1}', ["https://a.org/x"]],
    ["{url: https://a.org/x}", ["https://a.org/x"]],
    ["curl 'https://a.org/x','y'", ["https://a.org/x"]],
    [
      "https://en.wikipedia.org/wiki/Hobson's_choice",
      ["https://en.wikipedia.org/wiki/Hobson's_choice"],
    ],
    ["`https://a.org/x`", ["https://a.org/x"]],
    ["**https://a.org/x**", ["https://a.org/x"]],
    ["|https://a.org/x|https://b.org|", ["https://a.org/x", "https://b.org"]],
    ["href=&quot;https://a.org/?a=1&amp;b=2&quot;&gt;", ["https://a.org/?a=1&amp;b=2"]],
    ["pip install git+https://github.com/a/b@main", ["https://github.com/a/b@main"]],
    [
      "https://web.archive.org/web/2020/https://a.org/",
      ["https://web.archive.org/web/2020/https://a.org/"],
    ],
    ["https://medium.com/@someone/x", ["https://medium.com/@someone/x"]],
    ["https://de.wikipedia.org/wiki/Köln", ["https://de.wikipedia.org/wiki/Köln"]],
    ["请看https://a.org/x。然后", ["https://a.org/x"]],
    ["“https://a.org/x”", ["https://a.org/x"]],
    [
      "https://a.org/x\thttps://b.org\nhttps://c.org\r",
      ["https://a.org/x", "https://b.org", "https://c.org"],
    ],
  ])("%s", (text, expected) => {
    expect(shown(text)).toEqual(expected);
  });

  test.each([
    "javascript:alert(1)",
    "javascript://example.org/%0aalert(1)",
    "data:text/html,x",
    "ftp://example.org/x",
    "file:///etc/passwd",
    "//example.org",
    "www.example.org",
    "shttp://example.org",
    "https://",
    "https://...",
    "https:///x",
    "https://$HOST/x",
    "https://{host}/x",
    "https://<host>/x",
    "https://*.example.org/x",
    "https://example.org:99999/",
    "https://exa%40mple.org/",
    "http://[::1/",
  ])("%s is none", (text) => {
    expect(linksIn(text)).toEqual([]);
  });

  test.each([
    ["a name that looks like the host", "https://google.com@evil.example/"],
    ["a name and a password", "https://user:secret@example.org/x"],
    ["an empty name", "https://@evil.example/"],
    ["the order turned round", "https://example.org/\u202egpj.exe"],
    ["the order turned round in the host", "https://google.com\u2066.evil.example/"],
    ["a space without width", "https://google.com\u200b.evil.example/"],
    ["a soft hyphen", "https://goo\u00adgle.com/"],
    ["a letter that is empty", "https://google.com/\u3164.evil.example"],
    ["a control character", "https://google.com\u0007/x"],
    ["an address that was cut", "https://example.org/a/very/long…"],
    ["a character that was broken", "https://example.org/a\ufffd"],
  ])("with %s is none", (_, text) => {
    expect(linksIn(text)).toEqual([]);
    expect(linksIn(`see ${text}`)).toEqual([]);
  });

  test.each([
    ["https://аpple.com/", "xn--pple-43d.com"],
    ["https://münchen.de/", "xn--mnchen-3ya.de"],
    ["https://google.com。evil.example/", null],
    ["http://0x7f.1:80/", "127.0.0.1"],
    ["http://2130706433/", "127.0.0.1"],
    ["https://EXAMPLE.org:443/", undefined],
  ])("%s says where it leads when that is spelled differently", (text, host) => {
    const [link] = linksIn(text);
    // Where the text ends the address, it leads where it says.
    if (host === null) expect(shown(text)).toEqual(["https://google.com"]);
    else expect(link!.leadsTo ?? undefined).toBe(host);
  });

  test("an address in a text that may go on elsewhere is none, as what is here may lead to another place", () => {
    expect(linksIn("https://a.org/x https://b.org/y.", true)).toHaveLength(1);
    expect(linksIn("https://a.org/x https://b.org/y.", false)).toHaveLength(2);
  });

  test("an address in a text is never more than a page can hold", () => {
    expect(linksIn("https://a.org ".repeat(10_000))).toHaveLength(200);
    expect(linksIn(`https://a.org/${"x".repeat(3_000)}`)).toEqual([]);
  });

  test.each([
    ["https://".repeat(131_072)],
    ["https://a".repeat(116_508)],
    ["https://a@".repeat(104_857)],
    [`https://${"(".repeat(1_048_568)}`],
    [`https://${".".repeat(1_048_568)}`],
    [`https://a.org/${")(".repeat(524_280)}`],
    [`https://${"a-".repeat(524_280)}`],
    ["://".repeat(349_525)],
    ["https://a.org,".repeat(74_898)],
    ["&".repeat(1_048_576)],
    [`https://a.org/${"&".repeat(1_048_562)}`],
    ["http".repeat(262_144)],
  ])("of a line of a megabyte is found in one pass over it (%#)", (line) => {
    const from = performance.now();
    linksIn(line);
    // One pass takes some ten milliseconds; reading parts again and again would take minutes.
    expect(performance.now() - from).toBeLessThan(5_000);
  });
});

describe("an address that a program gives", () => {
  test.each([
    ["https://example.org/a", "https://example.org/a"],
    ["https://google.com@evil.example/", undefined],
    ["javascript:alert(1)", undefined],
    ["x", undefined],
  ])("%s leads to %s", (text, href) => {
    expect(safeAddress(text)?.href).toBe(href);
  });

  test.each([
    ["-Wunused", "https://gcc.gnu.org/x", null],
    ["https://example.org/x", "https://example.org/y", null],
    ["https://google.com", "https://evil.example/x", "evil.example"],
    ["google.com", "https://evil.example/x", "evil.example"],
    ["https://google.com/?evil.example", "https://evil.example/", "evil.example"],
    ["GOOGLE.com", "https://google.com/", null],
  ])("under the text %s says where %s leads if that is elsewhere", (text, href, host) => {
    expect(otherHost(text, href)).toBe(host);
  });
});
