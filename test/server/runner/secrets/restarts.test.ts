/** The masking of a stream begins anew in the middle, and what comes out is as if it had never stopped. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedaction, type Redaction } from "../../../../server/runner/secrets/redaction.js";

const ESC = "\u001b";
const SECRETS = [
  ["hunter22"],
  ["abcd", "bcda"],
  ["abab", "ababcabab", "babb"],
  ["aaaa"],
  ["S3cr3t-Välue", "line one is here\nline two is here"],
  ["pass\u200b—word\u00ad€", "sec\u001bret-x"],
  ["ab\u0008cdef", "cdefab"],
  ["häß€", "€€€€", "_u_n_d_e_r"],
  ["x".repeat(150), "0123456789".repeat(30)],
];

/** Something that is printed, made of a secret or of its letters. */
function partOf(secrets: readonly string[]): fc.Arbitrary<Buffer> {
  const secret = fc.constantFrom(...secrets);
  const letter = fc.constantFrom(...new Set(secrets.flatMap((one) => [...one.slice(0, 40)])));
  const between = fc.constantFrom(
    ...[
      "\b",
      "x\b",
      "é\b",
      "_\b",
      "\b_",
      " \b",
      "xy\b\b",
      "\n",
      "\r\n",
      "\u0000",
      "\u200b",
      "\u009d",
    ],
    ...[
      `${ESC}[31m`,
      `${ESC}[m`,
      `${ESC}]8;;${ESC}\\`,
      `${ESC}]0;t\u0007`,
      `${ESC}(B`,
      "\n".repeat(3),
    ],
    ...["\u0000".repeat(1_030), `${ESC}[${"1;".repeat(40)}m`],
  );
  const text = fc.oneof(
    { weight: 4, arbitrary: secret },
    { weight: 3, arbitrary: letter },
    { weight: 2, arbitrary: fc.tuple(secret, fc.nat(12)).map(([one, most]) => one.slice(0, most)) },
    { weight: 2, arbitrary: fc.tuple(secret, between).map(([one, by]) => [...one].join(by)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(secret, between, fc.nat(12))
        .map(([one, by, at]) => one.slice(0, at) + by + one.slice(at)),
    },
    { weight: 3, arbitrary: between },
    { weight: 1, arbitrary: fc.constantFrom("a word: ", "wait? ", "é€ß", "日本", "\b\b\b") },
    {
      weight: 1,
      arbitrary: fc
        .tuple(secret, fc.constantFrom(`${ESC}]0;`, `${ESC}P`, `${ESC}[`, `${ESC}]8;;http://a/?`))
        .map(([one, open]) => open + one),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(`${ESC}]0;${"t".repeat(5_000)}`, `${ESC}]a`.repeat(30), "\u0018"),
    },
    { weight: 1, arbitrary: secret.map((one) => Buffer.from(one).toString("base64")) },
  );
  const broken = fc.constantFrom(
    ...[[0xc2], [0xe2, 0x80], [0xe2], [0xf3, 0xa0], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80], [0xff]],
  );
  return fc.oneof(
    { weight: 12, arbitrary: text.map((one) => Buffer.from(one)) },
    { weight: 1, arbitrary: broken.map((bytes) => Buffer.from(bytes)) },
  );
}

const printed = fc
  .constantFrom(...SECRETS)
  .chain((secrets) =>
    fc
      .tuple(fc.array(partOf(secrets), { maxLength: 14 }), fc.array(fc.nat(), { maxLength: 10 }))
      .map(([parts, cuts]) => ({ secrets, bytes: Buffer.concat(parts), cuts })),
  );

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)];
  return places.map((from, index) => bytes.subarray(from, places[index + 1]));
}

function masked(redaction: Redaction, bytes: Buffer, cuts: readonly number[] = []): Buffer {
  const stream = redaction.stream();
  return Buffer.concat([...pieces(bytes, cuts).map((one) => stream.add(one)), stream.end()]);
}

/** The same where another stream goes on with it after each piece that `isCut` says. */
function maskedByMany(
  redaction: Redaction,
  { bytes, cuts }: { bytes: Buffer; cuts: readonly number[] },
  isCut: (piece: number) => boolean,
): { out: Buffer; farthest: number } {
  let stream = redaction.restartable();
  let added = 0;
  let farthest = 0;
  const out: Buffer[] = [];
  for (const [index, piece] of pieces(bytes, cuts).entries()) {
    out.push(stream.add(piece));
    added += piece.length;
    if (!isCut(index)) continue;
    const { back, skip } = stream.restart();
    farthest = Math.max(farthest, back);
    stream = redaction.restartable(skip);
    out.push(stream.add(bytes.subarray(added - back, added)));
  }
  return { out: Buffer.concat([...out, stream.end()]), farthest };
}

const RUNS = Number(process.env.INSTEP_RUNS ?? 300);
const everyByte = (bytes: Buffer): number[] => [...bytes.keys()];

describe("masked output", () => {
  test("masked output is the same wherever its pieces are cut, also where letters are taken back", () => {
    fc.assert(
      fc.property(printed, ({ secrets, bytes, cuts }) => {
        const redaction = createRedaction(secrets);
        const whole = masked(redaction, bytes).toString("latin1");
        expect(masked(redaction, bytes, cuts).toString("latin1")).toBe(whole);
        expect(masked(redaction, bytes, everyByte(bytes)).toString("latin1")).toBe(whole);
      }),
      { numRuns: RUNS },
    );
  });

  test("masked output goes on to the byte in a new stream, begun after any piece, once or again and again", () => {
    fc.assert(
      fc.property(printed, fc.nat(10), ({ secrets, bytes, cuts }, at) => {
        const redaction = createRedaction(secrets);
        const whole = masked(redaction, bytes).toString("latin1");
        for (const isCut of [(piece: number) => piece === at, () => true]) {
          const { out } = maskedByMany(redaction, { bytes, cuts }, isCut);
          expect(out.toString("latin1")).toBe(whole);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test("masked output is begun anew not far back, though a title or a sequence does not end", () => {
    const open = [
      `${ESC}]0;`,
      `${ESC}]a`,
      `${ESC}[`,
      `${ESC}P`,
      "abcd",
      "abca\b",
      "ab\ncd",
      "a\u0000",
    ];
    for (const text of open) {
      const bytes = Buffer.from(text + text.repeat(200_000 / text.length) + "t".repeat(2_000));
      const redaction = createRedaction(["abcd", "bcdabcda"]);
      const cuts = Array.from({ length: 40 }, (_, index) => index * 5_003 + 1);
      const { out, farthest } = maskedByMany(redaction, { bytes, cuts }, () => true);
      expect(out.equals(masked(redaction, bytes))).toBe(true);
      expect(farthest).toBeLessThanOrEqual(16 * 1024);
    }
  });

  test("masked output hides a secret though the new stream has no place to begin from", () => {
    const redaction = createRedaction(["abcdef", "cdefab"]);
    // Each letter taken back leads to another beginning of a secret, for ever.
    const bytes = Buffer.from(`${"abcdecd\b\b".repeat(20_000)}abcdef`);
    const { out, farthest } = maskedByMany(
      redaction,
      { bytes, cuts: [150_000, 170_003] },
      () => true,
    );
    expect(farthest).toBeLessThanOrEqual(64 * 1024);
    expect(out.toString()).not.toContain("abcdef");
  });
});

test("nothing is to be done again where nothing is secret", () => {
  const stream = createRedaction([]).restartable(3);
  expect(stream.add(Buffer.from("abcdef")).toString()).toBe("def");
  expect(stream.restart()).toEqual({ back: 0, skip: 0 });
});

test("a single letter typed wrong and taken back does not show the secret, byte by byte or whole", () => {
  for (const text of ["hunx\bter22", "hunterx\b \bé\b22", "h_\bu_\bn_\bter22"]) {
    const bytes = Buffer.from(text);
    for (const cuts of [[], everyByte(bytes)])
      expect(masked(createRedaction(["hunter22"]), bytes, cuts).toString()).toBe("***");
  }
});

test("a question is shown to its end, whatever letter is before it", () => {
  for (const question of ["Enter the code:", "the path? ", "who>"]) {
    const stream = createRedaction(["hunter22", "e-secret", "hidden-thing", "oak-table"]).stream();
    expect(stream.add(Buffer.from(question)).toString()).toBe(question);
  }
});
