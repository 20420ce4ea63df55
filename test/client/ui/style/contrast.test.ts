/** Every pair of colours the page sets together, computed by the formula of WCAG 2, in both themes. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const CSS = readFileSync(
  new URL("../../../../client/ui/style/tokens.css", import.meta.url),
  "utf8",
);

type Tokens = Readonly<Record<string, string>>;

/** The colours of the first block after `selector`. */
function tokensAfter(selector: string): Tokens {
  const from = CSS.indexOf(selector);
  expect(from, selector).toBeGreaterThanOrEqual(0);
  const block = CSS.slice(CSS.indexOf("{", from) + 1, CSS.indexOf("}", from));
  return Object.fromEntries(
    [...block.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, colour]) => [
      name,
      colour!,
    ]),
  );
}

const LIGHT = tokensAfter(":root {");
const DARK = tokensAfter(':root:not([data-theme="light"])');

const TONES = [
  "pending",
  "running",
  "blocked",
  "retrying",
  "completed",
  "failed",
  "cancelled",
  "skipped",
  "interrupted",
];
const LOG = Object.keys(LIGHT).filter((name) => name.startsWith("ansi-"));
const GROUNDS = ["bg", "surface", "sunken"];

/** Foreground, what it stands on, and the least there must be. */
const PAIRS: readonly (readonly [string, string, number])[] = [
  ...GROUNDS.flatMap((ground) => [
    ["text", ground, 4.5] as const,
    ["text-muted", ground, 4.5] as const,
  ]),
  ...["bg", "surface"].map((ground) => ["link", ground, 4.5] as const),
  ...TONES.flatMap((tone) => [
    [tone, "bg", 4.5] as const,
    [tone, "surface", 4.5] as const,
    [tone, `${tone}-bg`, 4.5] as const,
    // Notices, banners and the marked row hold plain text, quiet text and links.
    ["text", `${tone}-bg`, 4.5] as const,
    ["text-muted", `${tone}-bg`, 4.5] as const,
    ["link", `${tone}-bg`, 4.5] as const,
    // The main button and the glyphs that are cut out.
    ["bg", tone, 4.5] as const,
  ]),
  // On the log's ground, and on that of chosen lines.
  ...LOG.flatMap((colour) => [
    [colour, "surface", 4.5] as const,
    [colour, "blocked-bg", 4.5] as const,
  ]),
  ["failed", "blocked-bg", 4.5],
  ...["bg", "surface"].flatMap((ground) => [
    ["border-strong", ground, 3] as const,
    ["focus", ground, 3] as const,
  ]),
];

function linear(colour: string): number[] {
  return [1, 3, 5].map((start) => {
    const share = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
}

function luminance(colour: string): number {
  const [red, green, blue] = linear(colour);
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** How far apart two colours look, in OKLab: black and white are 1 apart, 0.02 can just be told apart. */
function difference(one: string, other: string): number {
  const [a, b] = [oklab(one), oklab(other)];
  return Math.hypot(...a.map((value, index) => value - b[index]!));
}

function oklab(colour: string): number[] {
  const [red, green, blue] = linear(colour);
  const [l, m, s] = [
    0.4122214708 * red! + 0.5363325363 * green! + 0.0514459929 * blue!,
    0.2119034982 * red! + 0.6806995451 * green! + 0.1073969566 * blue!,
    0.0883024619 * red! + 0.2817188376 * green! + 0.6299787005 * blue!,
  ].map(Math.cbrt);
  return [
    0.2104542553 * l! + 0.793617785 * m! - 0.0040720468 * s!,
    1.9779984951 * l! - 2.428592205 * m! + 0.4505937099 * s!,
    0.0259040371 * l! + 0.7827717662 * m! - 0.808675766 * s!,
  ];
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
}

test("the formula is the right one", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});

describe.each([
  ["light", LIGHT],
  ["dark", DARK],
] as const)("in the %s theme", (_, tokens) => {
  test("all pairs can be read", () => {
    const poor = PAIRS.map(([front, ground, least]) => {
      const ratio = contrast(tokens[front]!, tokens[ground]!);
      return { pair: `${front} on ${ground}`, ratio, least };
    }).filter(({ ratio, least }) => !(ratio >= least));
    expect(poor).toEqual([]);
  });

  test("no two colours of the log look the same, bright ones least of all like their own", () => {
    const near = LOG.flatMap((one, index) =>
      LOG.slice(0, index).map((other) => ({
        pair: `${one}, ${other}`,
        apart: difference(tokens[one]!, tokens[other]!),
      })),
    ).filter(({ apart }) => apart < 0.05);
    expect(near).toEqual([]);
  });

  test("no colour is left out of the pairs", () => {
    const used = new Set(PAIRS.flat());
    const unused = Object.keys(tokens).filter((name) => !used.has(name));
    // Decoration only: never the one thing that tells something apart.
    expect(unused).toEqual(Object.hasOwn(tokens, "border") ? ["border"] : []);
  });
});

test("a theme chosen by hand has the very colours of the system's", () => {
  expect(tokensAfter(':root[data-theme="dark"]')).toEqual(DARK);
  expect(Object.keys(DARK)).toEqual(Object.keys(LIGHT));
});
