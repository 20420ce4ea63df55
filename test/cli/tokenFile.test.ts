import { describe, expect, test } from "vitest";
import { parseTokens, readTokenFile } from "../../server/cli/tokenFile.js";

const LONG = "0123456789abcdef";

describe("a token file", () => {
  test("says who may drive and who may watch", () => {
    const text = `# ours\n\ndrive ${LONG}\n  watch\t${LONG}-2  \r\n`;
    expect(parseTokens(text)).toEqual([
      { can: "drive", token: LONG },
      { can: "watch", token: `${LONG}-2` },
    ]);
  });

  test.each([
    ["nothing", "# only a comment", "has no token in it"],
    ["another right", `admin ${LONG}`, "line 1: must be"],
    ["a word too many", `drive ${LONG} please`, "line 1: must be"],
    ["no token", "\ndrive", "line 2: must be"],
    ["a short one", "drive secret", "line 1: a token must have at least 16 characters"],
    ["one that no header carries", `drive ${LONG}é`, "line 1: a token must be visible ASCII"],
    ["one twice", `drive ${LONG}\nwatch ${LONG}`, "line 2: this token was given before"],
  ])("with %s is refused by its line", (_, text, expected) => {
    expect(() => parseTokens(text)).toThrow(expected);
  });

  test("never shows a token in its complaints", () => {
    expect(() => parseTokens("drive topsecret")).toThrow(/^(?!.*topsecret)/);
    expect(() => parseTokens("topsecret")).toThrow(/^(?!.*topsecret)/);
  });

  test("that is not there is named", () => {
    expect(() => readTokenFile("/nowhere/tokens")).toThrow("cannot read /nowhere/tokens (ENOENT)");
  });
});
