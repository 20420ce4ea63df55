import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "../../../server/log/log.js";
import { followTokenFile, parseTokens, readTokenFile } from "../../../server/settings/tokenFile.js";
import { manualClock } from "../../support/clocks/manualClock.js";

const LONG = "0123456789abcdef";

describe("a token file", () => {
  test("a token file says who may drive, who may watch and who may only scrape", () => {
    const text = `# ours\n\ndrive ${LONG}\n  watch\t${LONG}-2  \r\nscrape ${LONG}-3 name=prometheus`;
    expect(parseTokens(text)).toEqual([
      { can: "drive", token: LONG },
      { can: "watch", token: `${LONG}-2` },
      { can: "scrape", token: `${LONG}-3`, name: "prometheus" },
    ]);
  });

  test("a token file binds a token to workflows", () => {
    expect(parseTokens(`drive ${LONG} workflows=deploy-*,backup`)).toEqual([
      { can: "drive", token: LONG, workflows: ["deploy-*", "backup"] },
    ]);
    for (const wrong of ["workflows=", "workflows=a,", "workflows=../x", "workflows=a b"])
      expect(() => parseTokens(`drive ${LONG} ${wrong}`)).toThrow("line 1: ");
  });

  test("a token file says whose a token is, before or behind its workflows", () => {
    const named = { can: "admin", token: LONG, name: "ann", workflows: ["deploy-*"] };
    expect(parseTokens(`admin ${LONG} name=ann workflows=deploy-*`)).toEqual([named]);
    expect(parseTokens(`admin ${LONG} workflows=deploy-* name=ann`)).toEqual([named]);
    for (const wrong of ["name=", "name=a name=b", `name=${"a".repeat(129)}`, "name=a\u202eb"])
      expect(() => parseTokens(`drive ${LONG} ${wrong}`)).toThrow("line 1: ");
  });

  test.each([
    ["nothing", "# only a comment", "has no token in it"],
    ["another right", `root ${LONG}`, "line 1: must be"],
    ["a bound for metrics", `scrape ${LONG} workflows=a`, "line 1: metrics are of all"],
    ["a word too many", `drive ${LONG} please`, "line 1: must be"],
    ["no token", "\ndrive", "line 2: must be"],
    ["a short one", "drive secret", "line 1: a token must have at least 16 characters"],
    ["one that no header carries", `drive ${LONG}é`, "line 1: a token must be visible ASCII"],
    ["one twice", `drive ${LONG}\nwatch ${LONG}`, "line 2: this token was given before"],
  ])("with %s is refused by its line", (_, text, expected) => {
    expect(() => parseTokens(text)).toThrow(expected);
  });

  test("a token file never shows a token in its complaints", () => {
    expect(() => parseTokens("drive topsecret")).toThrow(/^(?!.*topsecret)/);
    expect(() => parseTokens("topsecret")).toThrow(/^(?!.*topsecret)/);
  });

  test("a token file that is not there is named", () => {
    expect(() => readTokenFile("/nowhere/tokens")).toThrow("there is no file /nowhere/tokens");
  });
});

describe("a token file on the disk", () => {
  let file: string;
  beforeEach(() => {
    file = path.join(mkdtempSync(path.join(tmpdir(), "instep-tokens-")), "tokens");
  });
  afterEach(() => rmSync(path.dirname(file), { recursive: true }));

  const write = (text: string) => writeFileSync(file, text, { mode: 0o600 });

  test.each([0o640, 0o604, 0o620, 0o602, 0o644])(
    "a token file on the disk with the mode %o is refused",
    (mode) => {
      write(`drive ${LONG}\n`);
      chmodSync(file, mode);
      expect(() => readTokenFile(file)).toThrow(`chmod 600 ${file}`);
    },
  );

  test("a token file on the disk that is a folder, a pipe or much too large is refused; of a link counts where it leads", () => {
    write(`drive ${LONG}\n`);
    symlinkSync(file, `${file}-link`);
    expect(readTokenFile(`${file}-link`)).toEqual(readTokenFile(file));
    chmodSync(file, 0o644);
    expect(() => readTokenFile(`${file}-link`)).toThrow("chmod 600");
    mkdirSync(`${file}-folder`, { mode: 0o700 });
    expect(() => readTokenFile(`${file}-folder`)).toThrow("no regular file");
    execFileSync("mkfifo", ["-m", "600", `${file}-pipe`]);
    expect(() => readTokenFile(`${file}-pipe`)).toThrow("no regular file");
    chmodSync(file, 0o600);
    write("#".repeat(300_000));
    expect(() => readTokenFile(file)).toThrow("over 256 KiB");
  });

  test("a token file on the disk is read again once it was changed and lies still; one that cannot be used changes nothing", () => {
    const clock = manualClock();
    const heard: string[][] = [];
    const complaints: object[] = [];
    const log = { ...silentLog, error: (details: object) => void complaints.push(details) };
    write(`drive ${LONG}\n`);
    const stop = followTokenFile(file, { clock, log }, (tokens) =>
      heard.push(tokens.map(({ token }) => token)),
    );
    for (let i = 0; i < 5; i++) clock.advance(1_000);
    expect(heard).toEqual([[LONG]]);
    write(`drive ${LONG}-2\n`);
    clock.advance(1_000);
    expect(heard).toHaveLength(1);
    clock.advance(1_000);
    expect(heard[1]).toEqual([`${LONG}-2`]);
    for (const spoil of [
      () => write("drive x\n"),
      () => chmodSync(file, 0o644),
      () => rmSync(file),
    ]) {
      spoil();
      for (let i = 0; i < 5; i++) clock.advance(1_000);
    }
    expect(heard).toHaveLength(2);
    expect(complaints).toHaveLength(3);
    expect(JSON.stringify(complaints)).not.toContain(LONG);
    write(`watch ${LONG}-3\n`);
    for (let i = 0; i < 2; i++) clock.advance(1_000);
    expect(heard[2]).toEqual([`${LONG}-3`]);
    stop();
    expect(clock.waiting).toBe(0);
  });
});
