/** The verdicts and the tokens of a host, as tables: what counts as a user, and what is refused rather than guessed at. */
import { describe, expect, it } from "vitest";
import { rightsIn, tokensIn, WrongVerdict } from "../../../../server/ingress/access/who.js";

const ANN = { user: "ann", can: "drive" };

describe("the verdict of a host's hook", () => {
  it.each([
    ["a plain user", ANN, "ann"],
    ["one with a full name", { user: "Åsa Öberg 🦊", can: "watch" }, "Åsa Öberg 🦊"],
    ["one whose name looks like HTML", { user: "<b>ann</b>", can: "admin" }, "<b>ann</b>"],
    ["one whose name looks masked", { user: "***", can: "watch" }, "***"],
    ["the longest name there may be", { user: "a".repeat(128), can: "watch" }, "a".repeat(128)],
  ])("%s counts", (_, given, user) => {
    expect(rightsIn(given)).toMatchObject({ user, can: given.can });
  });

  it("a user sees all workflows, or those that fit the patterns", () => {
    expect(rightsIn(ANN)?.scope.has("anything")).toBe(true);
    const bound = rightsIn({ ...ANN, workflows: ["deploy-*"] })?.scope;
    expect([bound?.has("deploy-1"), bound?.has("build-1")]).toEqual([true, false]);
    expect(rightsIn({ ...ANN, workflows: [] })?.scope.has("deploy-1")).toBe(false);
  });

  it("null is nobody", () => {
    expect(rightsIn(null)).toBe(null);
  });

  it.each([
    ["undefined", undefined, "what it gives"],
    ["true", true, "what it gives"],
    ["a text", "ann", "what it gives"],
    ["a list", [ANN], "what it gives"],
    ["no name", { can: "drive" }, "user"],
    ["a number for a name", { user: 7, can: "drive" }, "user"],
    ["an empty name", { user: " ", can: "drive" }, "user"],
    ["a name of two lines", { user: "ann\nroot", can: "drive" }, "user"],
    ["a name that steers a terminal", { user: "ann\u001b[2J", can: "drive" }, "user"],
    ["a name that turns the text", { user: "ann\u202egpj", can: "drive" }, "user"],
    ["half a character", { user: "ann\ud83d", can: "drive" }, "user"],
    ["a name of 10 kB", { user: "a".repeat(10_000), can: "drive" }, "user"],
    ["no right", { user: "ann" }, "can"],
    ["an unknown right", { user: "ann", can: "root" }, "can"],
    ["a list of rights", { user: "ann", can: ["drive"] }, "can"],
    ["a pattern that is none", { ...ANN, workflows: ["../etc"] }, "workflows.0"],
    ["a text for patterns", { ...ANN, workflows: "deploy-*" }, "workflows"],
    ["101 patterns", { ...ANN, workflows: Array(101).fill("a") }, "workflows"],
    ["a bound that is misspelt", { ...ANN, workflow: ["deploy-*"] }, "what it gives"],
  ])("%s is refused, and the refusal names the field", (_, given, field) => {
    const read = () => rightsIn(given);
    expect(read).toThrow(WrongVerdict);
    expect(read).toThrow(`authorize: ${field} is not as it must be`);
  });

  it("the refusal shows nothing of what was given", () => {
    expect(() => rightsIn({ user: "secret\nname", can: "drive" })).not.toThrow(/secret/);
  });
});

const DRIVE = { token: "0123456789abcdef", can: "drive" };

describe("the tokens of a host", () => {
  it.each([
    ["none at all", []],
    ["a plain one", [DRIVE]],
    ["one with all it may have", [{ ...DRIVE, workflows: ["deploy-*"], name: "Ann" }]],
    ["one whose other words are undefined", [{ ...DRIVE, workflows: undefined, name: undefined }]],
    ["one that is bound to nothing", [{ ...DRIVE, workflows: [] }]],
    ["one that only scrapes", [{ ...DRIVE, can: "scrape" }]],
  ])("%s counts", (_, given) => {
    expect(tokensIn(given)).toEqual(given);
  });

  it.each([
    ["a text in place of a list", "secret", "tokens: is not"],
    ["null", null, "tokens: is not"],
    ["a text in it", [DRIVE, "secret"], "tokens: entry 2: is not"],
    ["a token that is missing", [{ can: "drive" }], "tokens: entry 1: token is not"],
    ["an empty token", [{ token: "", can: "drive" }], "tokens: entry 1: token is not"],
    ["a token of two words", [{ token: "a b", can: "drive" }], "tokens: entry 1: token is not"],
    ["no right", [{ token: "secret" }], "tokens: entry 1: can is not"],
    ["an unknown right", [{ ...DRIVE, can: "root" }], "tokens: entry 1: can is not"],
    ["a text for patterns", [{ ...DRIVE, workflows: "*" }], "tokens: entry 1: workflows is not"],
    ["a bound that is misspelt", [{ ...DRIVE, workflow: ["a"] }], "tokens: entry 1: is not"],
    ["a name of two lines", [{ ...DRIVE, name: "a\nb" }], "tokens: entry 1: name is not"],
  ])("%s is refused, and the refusal names the field and shows no token", (_, given, words) => {
    expect(() => tokensIn(given)).toThrow(words);
    expect(() => tokensIn(given)).not.toThrow(/secret|0123456789/);
  });
});
