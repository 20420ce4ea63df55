/** The token of a link: what it says is sealed, and nothing that was changed, cut or made elsewhere is read. */
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  isShareToken,
  readShareToken,
  shareTokenOf,
} from "../../../../server/ingress/access/shareToken.js";

const KEY = Buffer.alloc(32, 7);
const TERMS = {
  number: "123456",
  workflow_id: "deploy-1",
  epoch: "e1",
  ends_at: 1_800_000_000_000,
};
const token = shareTokenOf(TERMS, KEY);
const [, terms = "", seal = ""] = token.split(".");
const spelled = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const sealed = (text: string, key = KEY, purpose = "instep link 1\n") =>
  `share.${text}.${createHmac("sha256", key)
    .update(purpose + text)
    .digest("base64url")}`;

describe("the token of a link", () => {
  it("the token of a link says what it was made with, and goes into a header and an address as it is", () => {
    expect(readShareToken(token, KEY)).toEqual(TERMS);
    expect(token).toMatch(/^share\.[\w-]+\.[\w-]+$/);
    expect([isShareToken(token), isShareToken("a-token-that-drives")]).toEqual([true, false]);
  });

  it("the token of a link is none after any change of one character", () => {
    for (let at = 0; at < token.length; at++) {
      for (const other of ["A", "B", "-", "."]) {
        if (token[at] === other) continue;
        const changed = token.slice(0, at) + other + token.slice(at + 1);
        expect([changed, readShareToken(changed, KEY)]).toEqual([changed, null]);
      }
    }
  });

  it.each([
    ["one that is cut", token.slice(0, -1)],
    ["one with more behind it", `${token}A`],
    ["one with a part more", `${token}.x`],
    ["one without a seal", `share.${terms}.`],
    ["one without terms", `share..${seal}`],
    ["the prefix alone", "share."],
    ["one of another key", sealed(terms, Buffer.alloc(32, 8))],
    ["a seal that was made for something else", sealed(terms, KEY, "")],
    [
      "another workflow under the same seal",
      `share.${spelled(["123456", "other", "e1", 1_800_000_000_000])}.${seal}`,
    ],
    [
      "another end under the same seal",
      `share.${spelled(["123456", "deploy-1", "e1", 9_900_000_000_000])}.${seal}`,
    ],
    ["sealed terms of another shape", sealed(spelled({ workflow_id: "deploy-1" }))],
    ["a sealed id with a star in it", sealed(spelled(["123456", "*", "e1", 1_800_000_000_000]))],
    ["a sealed text that is no JSON", sealed("AAAA")],
    ["one of 100 kB", `share.${"A".repeat(100_000)}.${seal}`],
  ])("%s is none", (_, given) => {
    expect(readShareToken(given, KEY)).toBe(null);
  });
});
