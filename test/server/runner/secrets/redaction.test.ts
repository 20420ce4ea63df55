/** Secrets in output: masked wherever the pieces are cut, and nothing else is touched. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedaction } from "../../../../server/runner/secrets/redaction.js";

/** What is shown of a text that comes in pieces cut at these places. */
function shown(secrets: readonly string[], text: string, cuts: readonly number[]): string {
  const stream = createRedaction(secrets).stream();
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)];
  const pieces = places.map((from, index) => bytes.subarray(from, places[index + 1]));
  return Buffer.concat([...pieces.map((piece) => stream.add(piece)), stream.end()]).toString();
}

describe("a secret in output", () => {
  test.each([
    [["hunter22"], "the key is hunter22.", "the key is ***."],
    [["hunter22"], "hunter22hunter22", "******"],
    [["hunter22"], "hunter2 is not it", "hunter2 is not it"],
    [["abcd", "abcdefgh"], "abcdefgh abcd", "*** ***"],
    [["häßlich"], "so häßlich!", "so ***!"],
    [["first line\nsecond line"], "first line\nsecond line", "***"],
    [["first line\nsecond line"], "second line alone", "*** alone"],
    [["abc"], "too short to hide: abc", "too short to hide: abc"],
    // Of two that overlap, none is left in part.
    [["aaaa"], "aaaaaaaaa", "***"],
    [["abcdef", "defghi"], "abcdefghi", "***"],
    [[], "nothing to hide", "nothing to hide"],
  ])("the secret %j is masked in %j, byte by byte or whole", (secrets, text, masked) => {
    expect(shown(secrets, text, [])).toBe(masked);
    const everywhere = [...Buffer.from(text).keys()];
    expect(shown(secrets, text, everywhere)).toBe(masked);
    expect(createRedaction(secrets).text(text)).toBe(masked);
  });

  test("a secret in output never shows, wherever the pieces are cut", () => {
    const letters = fc.string({
      unit: fc.constantFrom("a", "b", "\n"),
      minLength: 4,
      maxLength: 10,
    });
    fc.assert(
      fc.property(
        fc.array(letters, { minLength: 1, maxLength: 3 }),
        fc.array(fc.oneof(letters, fc.constantFrom(0, 1, 2)), { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (secrets, parts, cuts) => {
          const text = parts
            .map((part) => (typeof part === "number" ? secrets[part % secrets.length] : part))
            .join("");
          const seen = shown(secrets, text, cuts);
          for (const secret of secrets) expect(seen).not.toContain(secret);
          expect(seen).toBe(shown(secrets, text, []));
        },
      ),
    );
  });

  test("a secret in output does not hold back what cannot become one", () => {
    const stream = createRedaction(["hunter22"]).stream();
    expect(stream.add(Buffer.from("a prompt? hu")).toString()).toBe("a prompt? ");
    expect(stream.add(Buffer.from("ts")).toString()).toBe("huts");
  });
});

const SECRET = "S3cr3t-Canary/Välue 42'&";
const ESC = "\u001b";

/** As a person in front of a terminal reads it: plain letters, one line. */
const onTerminal = (text: string): string =>
  stripVTControlCharacters(text)
    .split("\b")
    .reduce((before, after) => before.slice(0, -1) + after)
    .replaceAll(/[\r\n]/g, "");

describe("a secret with something in it that shows nothing", () => {
  test.each([
    ["colours", `S3cr3t-${ESC}[01;31m${ESC}[KCanary${ESC}[m${ESC}[K/Välue 42'&`],
    [
      "a colour for each letter",
      [...SECRET].map((char) => `${ESC}[3${char.length}m${char}`).join(""),
    ],
    ["a link in it", `S3cr3t-${ESC}]8;;http://a.b/c${ESC}\\Canary${ESC}]8;;${ESC}\\/Välue 42'&`],
    ["cursor moves", `S3cr3t-${ESC}[C${ESC}[DCanary/${ESC}7Välue${ESC}8 42'&`],
    ["8-bit controls that came as UTF-8", [...SECRET].join("\u009d\u0090\u0085")],
    [
      "a sequence that such a control cuts off",
      `S3cr3t-${ESC}[\u009dCanary/${ESC}[3\u200bVälue 42'&`,
    ],
    ["a character set", `S3cr3t-${ESC}(BCanary/Välue 42'&`],
    ["letters printed twice", [...SECRET].map((char) => `${char}\b${char}`).join("")],
    ["NUL and BEL", "S3cr\u00003t-\u0007Canary/Välue 42'&"],
    ["line ends", "S3cr3t-\nCanary/\r\nVälue 42'&"],
    ["lines of eight", SECRET.replaceAll(/.{8}/g, "$&\n")],
  ])("%s", (_, text) => {
    for (const cuts of [[], [...Buffer.from(text).keys()], [3, 11, 17]]) {
      const seen = shown([SECRET], `before ${text} after`, cuts);
      expect(onTerminal(seen)).toMatch(/^before (_|S)?\*\*\* after$/);
      // What is left would still be read as one text.
      expect(seen).not.toMatch(/Canary|Välue|nary|lue/);
    }
  });

  test.each([
    ...[0x200b, 0x200c, 0x200d, 0x2060, 0xfeff, 0xad, 0x34f, 0x200e, 0x202e, 0xfe0f, 0xe0041].map(
      (code): [string, string] => [
        `U+${code.toString(16)} between its letters`,
        [...SECRET].join(String.fromCodePoint(code)),
      ],
    ),
    ["several kinds", [...SECRET].join(`\u200b\u00ad${ESC}[m\ufeff`)],
  ])("%s", (_, text) => {
    for (const around of ["", "—\u200b€"])
      for (const cuts of [[], [...Buffer.from(`${around}${text}`).keys()], [3, 11, 17]])
        expect(stripVTControlCharacters(shown([SECRET], `${around}${text}. end`, cuts))).toBe(
          `${around}***. end`,
        );
  });

  test("an invisible character that is the secret's own is found with and without it", () => {
    const own = "pass\u200b—word\u00ad€";
    for (const text of [own, "pass—word€", "p\u2060ass—wo\u200drd€"])
      for (const cuts of [[], [...Buffer.from(text).keys()]])
        expect(shown([own], `a ${text}.`, cuts)).toBe("a ***.");
  });

  test("a secret with invisible characters in it is left as it is in other text, whole or cut", () => {
    const text = "a\u200bb \u00ad– “quoted” 👩\u200d💻 ✔\ufe0f é € \ufeff── ÿ";
    for (const cuts of [[], [...Buffer.from(text).keys()]])
      expect(shown([SECRET, "“quo", "hunter22"], text, cuts)).toBe(text.replace("“quo", "***"));
  });

  test("underlined letters", () => {
    const seen = shown([SECRET], [...SECRET].map((char) => `_\b${char}`).join(""), []);
    expect(onTerminal(seen)).toBe("***");
  });

  test("the mask of a secret with invisible characters in it leaves the colours as they were after it", () => {
    const text = `${ESC}[1mkey S3cr3t${ESC}[31m-Canary/${ESC}[mVälue 42'& end`;
    expect(shown([SECRET], text, [])).toBe(`${ESC}[1mkey ***${ESC}[31m${ESC}[m end`);
  });

  test("the mask of a secret leaves a colour behind it once, also where another secret follows", () => {
    const text = (secret: string) =>
      `\x1b[31m${secret}\x1b[0m\rto stderr ${secret}\nand ${secret}\n`;
    const secrets = ["canary-7f3a9c", "second-canary-51d2"];
    for (const secret of secrets) {
      expect(shown(secrets, text(secret), [])).toBe(text("***"));
      expect(shown(secrets, text(secret), [...Buffer.from(text(secret)).keys()])).toBe(text("***"));
    }
  });

  test("a secret with invisible characters in it is masked in a title and in a link's address too", () => {
    const text = `${ESC}]0;${SECRET}\u0007 ${ESC}]8;;https://x/?k=${SECRET}${ESC}\\here${ESC}]8;;${ESC}\\`;
    expect(shown([SECRET], text, [])).toBe(
      `${ESC}]0;***\u0007 ${ESC}]8;;https://x/?k=***${ESC}\\here${ESC}]8;;${ESC}\\`,
    );
  });

  test("what steers stays where nothing is secret", () => {
    const text = `${ESC}[2J${ESC}[1;1H10%\r20%\b\b30%${ESC}]0;title\u0007\u009b31mred${ESC}[m\u00a0é\n`;
    expect(shown([SECRET], text, [])).toBe(text);
    expect(shown([SECRET], text, [...Buffer.from(text).keys()])).toBe(text);
  });
});

describe("a secret as tools write it", () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const json = JSON.stringify(SECRET).slice(1, -1);
  const codes = Array.from(SECRET, (char) => char.charCodeAt(0));
  const bytes = [...Buffer.from(SECRET)];
  const hex = (code: number, width: number) => code.toString(16).padStart(width, "0");
  test.each([
    ["JSON", JSON.stringify({ a: [SECRET] })],
    ["JSON in ASCII", `"${json.replace("ä", "\\u00e4")}"`],
    ["JSON in ASCII, in capitals", `"${json.replace("ä", "\\u00E4")}"`],
    [
      "JSON for pages",
      `"${json.replace("ä", "\\u00e4").replace("&", "\\u0026").replace("'", "\\u0027")}"`,
    ],
    ["JSON of PHP", `"${json.replace("ä", "\\u00e4").replace("/", "\\/")}"`],
    ["a query", new URLSearchParams({ k: SECRET }).toString()],
    ["an address", `https://x/?k=${encodeURIComponent(SECRET)}`],
    [
      "an address in small letters",
      `k=${encodeURIComponent(SECRET).replaceAll(/%../g, (x) => x.toLowerCase())}`,
    ],
    ["a path", encodeURI(SECRET)],
    ["base64", base64(SECRET)],
    ["base64 with a user", `Authorization: Basic ${base64(`user:${SECRET}`)}`],
    ["base64 with another user", base64(`me:${SECRET}`)],
    ["base64 with something after it", base64(`a:${SECRET}:b`)],
    ["base64 for addresses", Buffer.from(`jo:${SECRET}?`).toString("base64url")],
    ["base64 in lines", base64(`u:${SECRET}`).replaceAll(/.{20}/g, "$&\n")],
    ["hex", Buffer.from(SECRET).toString("hex")],
    ["hex in capitals", Buffer.from(SECRET).toString("hex").toUpperCase()],
    ["a shell's quotes", `'${SECRET.replace("'", "'\\''")}'`],
    ["other shell's quotes", `'${SECRET.replace("'", `'"'"'`)}'`],
    ["printf %q", SECRET.replaceAll(/[ '&]/g, "\\$&")],
    ["a page", SECRET.replace("&", "&amp;").replace("'", "&#39;")],
    ["JSON with every letter escaped", codes.map((code) => `\\u${hex(code, 4)}`).join("")],
    [
      "JSON with every letter escaped, in capitals",
      codes.map((code) => `\\u${hex(code, 4).toUpperCase()}`).join(""),
    ],
    ["an address with every letter escaped", bytes.map((code) => `%${hex(code, 2)}`).join("")],
    [
      "an address with every letter escaped, in capitals",
      bytes.map((code) => `%${hex(code, 2).toUpperCase()}`).join(""),
    ],
    ["a program's text", bytes.map((code) => `\\x${hex(code, 2)}`).join("")],
    ["a page with every letter a number", codes.map((code) => `&#${code};`).join("")],
    ["a page with every letter a hexadecimal", codes.map((code) => `&#x${hex(code, 2)};`).join("")],
    ["capitals", SECRET.toUpperCase()],
    ["small letters", SECRET.toLowerCase()],
  ])("%s", (_, text) => {
    const seen = shown([SECRET], `<${text}>`, []);
    expect(seen).toContain("***");
    for (let at = 0; at + 8 <= text.length; at++) {
      const part = text.slice(at, at + 8);
      // At the edges, only what is not the secret's alone.
      if (seen.includes(part)) expect(`${text.slice(0, 32)} ${text.slice(-4)}`).toContain(part);
    }
    expect(shown([SECRET], `<${text}>`, [...Buffer.from(text).keys()])).toBe(seen);
  });

  test("a secret as tools write it is masked in base64 also where it is one of many", () => {
    const secrets = Array.from({ length: 150 }, (_, n) =>
      createHash("sha512").update(`${n}`).digest("hex").slice(0, 30),
    );
    const redaction = createRedaction(secrets);
    for (const secret of secrets) expect(redaction.text(base64(secret))).toMatch(/^\*+.?.?=*$/);
  });

  test("nothing is masked in ordinary text that is not a secret", () => {
    const secrets = ["test1234", "production", "hunter22", "Password", "abcd"];
    const text = readFileSync(new URL("../../../../shared/PROTOCOL.md", import.meta.url), "utf8");
    expect(shown(secrets, text, [1000, 5000])).toBe(
      ["production", "Password", "abcd"].reduce((t, one) => t.replaceAll(one, "***"), text),
    );
  });
});

describe("a long secret", () => {
  const key = Array.from({ length: 30 }, (_, line) =>
    createHash("sha512").update(`${line}`).digest("base64").slice(0, 70),
  );
  const secret = `-----BEGIN KEY-----\n${key.join("\n")}\n-----END KEY-----\n`;

  test.each([
    ["as it is", secret],
    ["over a terminal's lines", secret.replaceAll("\n", "\r\n")],
    ["indented", secret.replaceAll(/^/gm, "    ")],
    ["in JSON", JSON.stringify({ secret })],
    ["in base64", Buffer.from(secret).toString("base64").replaceAll(/.{76}/g, "$&\n")],
    ["cut off", secret.slice(0, 700)],
  ])("a long secret is masked %s", (_, text) => {
    const seen = shown([secret], text, [100, 333, 1000]);
    for (const line of key) expect(seen).not.toContain(line.slice(0, 24));
    expect(seen.length).toBeLessThan(text.length / 2);
  });

  test("a long secret is not held back for long", () => {
    const stream = createRedaction([secret]).stream();
    const seen = stream.add(Buffer.from(secret)).length;
    expect(secret.length - stream.add(Buffer.from("")).length - seen).toBeGreaterThan(0);
    expect(stream.end().length).toBeLessThan(200);
  });
});

test("many and long secrets cost no more for each byte than few", () => {
  const secrets = Array.from({ length: 50 }, (_, i) => `${i}`.padStart(4, "k") + "a".repeat(8_000));
  const redaction = createRedaction(secrets);
  const stream = redaction.stream();
  const evil = Buffer.from(`${"a".repeat(63)}kkk1aaaaaaa`.repeat(4_000));
  const started = process.cpuUsage().user;
  for (let round = 0; round < 10; round++) stream.add(evil);
  // 3 MB of what always nearly is one: with a search for each of them this takes minutes.
  expect(process.cpuUsage().user - started).toBeLessThan(10_000_000);
});
