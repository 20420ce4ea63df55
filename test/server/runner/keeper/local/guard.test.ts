/** Real commands under a guard: they begin and go on only while their node surely counts as there, by the file in which its server says so. */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { bootIdOrNull, machineUp } from "../../../../../server/machine/processes.js";
import { GUARD_GRACE_S } from "../../../../../server/runner/keeper/guardTimes.js";
import { keeperProcesses } from "../../../../../server/runner/keeper/local/whoIsThere.js";
import { until } from "../../../../support/deadline.js";
import { type KeepOptions, keep, marked } from "./keeping.js";
import { machines } from "./machines.js";

interface Word {
  readonly boot?: string | null;
  readonly stay?: string;
  /** In seconds from now. */
  readonly for?: number;
}

const wordOf = ({ boot = bootIdOrNull(), stay = "s1", for: seconds = 30 }: Word = {}) =>
  `${boot} ${stay} ${Math.floor(machineUp()! + seconds)} .\n`;

/** The file of a server, and commands whose guards read it. */
function node(first: string | null = wordOf()) {
  const folder = mkdtempSync(join(tmpdir(), "instep-guard-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, ".node");
  const say = (text: string) => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  if (first !== null) say(first);
  const guarded = (run: string, { leaves = false, ...more }: GuardedOptions = {}) =>
    keep(run, { ...more, guard: { file, stay: "s1", leaves } });
  return { folder, file, say, guarded };
}

type GuardedOptions = Omit<KeepOptions, "guard"> & { readonly leaves?: boolean };

/** A shell and programs of each kind; the usual ones are among them under their own name. */
const kinds = machines().filter(({ title }) => !/^the usual|^an env/.test(title));

const NO_WORDS: readonly (readonly [claim: string, word: string | null])[] = [
  ["the deadline has passed", wordOf({ for: -1 })],
  ["the word is of another stay", wordOf({ stay: "s2" })],
  ["the word is of another boot of the machine", wordOf({ boot: "another" })],
  ["the deadline is further away than any", wordOf({ for: 36_000 })],
  ["there is no word", null],
  ["the word is cut short", wordOf().slice(0, -3)],
  ["the word is no number", wordOf().replace(/\d+ \.$/m, "soon .")],
  ["the word is garbage", "\0\0\0"],
];

describe.each(kinds)("with $title", ({ programs }) => {
  test("a guard does not let its command begin without a word of now", async () => {
    await Promise.all(
      NO_WORDS.map(async ([claim, word]) => {
        const { folder, guarded } = node(word);
        const ran = join(folder, "ran");
        const { keeper, output } = guarded(`echo ran >${ran}`, { programs });
        expect(await keeper.ended, claim).toEqual({ kind: "cut off" });
        expect(await keeper.begun, claim).toBeNull();
        expect(await output(), claim).toBe("");
        expect(existsSync(ran), claim).toBe(false);
      }),
    );
  });

  test("a guard ends its command once the deadline has passed, or the node has begun another stay, and kills what ignores that", async () => {
    const late = async () => {
      const { guarded } = node(wordOf({ for: 3 }));
      const { keeper, mark, takeUp } = guarded("sleep 61 & exec sleep 60", { programs });
      expect(await keeper.begun).not.toBeNull();
      expect(await keeper.ended).toEqual({ kind: "cut off" });
      await until(() => marked(mark).length === 0, "all of it is gone");
      expect(await takeUp().ended).toEqual({ kind: "cut off" });
    };
    const another = async () => {
      const { say, guarded } = node(wordOf({ for: 40 }));
      const { keeper } = guarded("exec sleep 60", { programs });
      await keeper.begun;
      say(wordOf({ stay: "s2", for: 40 }));
      expect(await keeper.ended).toEqual({ kind: "cut off" });
    };
    const deaf = async () => {
      const { folder, guarded } = node(wordOf({ for: 2 }));
      const last = join(folder, "last");
      const run = `trap '' TERM; while :; do cut -d' ' -f1 /proc/uptime >${last}; sleep 0.2; done`;
      const begun = machineUp()!;
      const { keeper, mark } = guarded(run, { programs });
      expect(await keeper.ended).toEqual({ kind: "cut off" });
      await until(() => marked(mark).length === 0, "all of it is gone");
      expect(Number(readFileSync(last, "utf8")) - begun).toBeGreaterThan(GUARD_GRACE_S);
    };
    await Promise.all([late(), another(), deaf()]);
  });

  test("a guard lets its command be while newer deadlines come, and to its own end", async () => {
    const { folder, say, guarded } = node(wordOf({ for: 2 }));
    const gate = join(folder, "gate");
    const run = `until [ -e ${gate} ]; do sleep 0.1; done; exit 3`;
    const { keeper, takeUp } = guarded(run, { programs });
    await keeper.begun;
    say(wordOf({ for: 30 }));
    const past = machineUp()! + 3;
    await until(() => machineUp()! > past, "the first deadline to pass");
    writeFileSync(gate, "");
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 3 });
    expect(await takeUp().ended).toMatchObject({ kind: "ended", exitCode: 3 });
  });
});

const LOSSES: readonly (readonly [claim: string, lose: (file: string, folder: string) => void])[] =
  [
    ["its file is gone", (file) => rmSync(file)],
    ["its file is garbage", (file) => writeFileSync(file, "nothing")],
    ["its command's folder was moved away", (_, folder) => renameSync(folder, `${folder}.x`)],
    [
      "the whole data folder was moved away",
      (file) => renameSync(dirname(file), `${dirname(file)}.x`),
    ],
  ];

describe("a guard", () => {
  test("a guard holds to the last deadline that it knows where it reads no other", async () => {
    await Promise.all(
      LOSSES.map(async ([claim, lose]) => {
        const { folder: data, file, guarded } = node(wordOf({ for: 5 }));
        onTestFinished(() => rmSync(`${data}.x`, { recursive: true, force: true }));
        const { folder, keeper, mark } = guarded("exec sleep 60");
        onTestFinished(() => rmSync(`${folder}.x`, { recursive: true, force: true }));
        const { pid } = (await keeper.begun)!;
        // What a server would do of it itself is not what this is about.
        await keeper.leave();
        const seen = machineUp()! + 1.5;
        await until(() => machineUp()! > seen, "the guard looks");
        expect(marked(mark), claim).toContain(pid);
        lose(file, folder);
        await until(() => marked(mark).length === 0, `nothing runs, though ${claim}`);
      }),
    );
  });

  test("what a command left behind when it ended by itself ends with the deadline", async () => {
    const { guarded } = node(wordOf({ for: 3 }));
    const { keeper, mark } = guarded("sleep 60 & setsid sleep 61 & exit 0");
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 0 });
    expect(marked(mark).length).toBe(2);
    await until(() => marked(mark).length === 0, "what was left has ended");
  });

  test("what a command may leave running lives on", async () => {
    const { folder, guarded } = node(wordOf({ for: 3 }));
    const {
      keeper,
      mark,
      folder: own,
    } = guarded("sleep 60 >/dev/null 2>&1 & exit 0", {
      leaves: true,
    });
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 0 });
    expect(existsSync(join(own, "own"))).toBe(true);
    const past = machineUp()! + 5;
    await until(() => machineUp()! > past, "the deadline passes");
    expect(marked(mark).length).toBe(1);
    expect(existsSync(folder)).toBe(true);
  });

  test("a keeper that was killed does not keep its guard from ending the command", async () => {
    const { guarded } = node(wordOf({ for: 3 }));
    const { keeper, mark, folder } = guarded("exec sleep 60");
    await keeper.begun;
    await keeper.leave();
    for (const pid of keeperProcesses(folder)) process.kill(pid, "SIGKILL");
    await until(() => marked(mark).length === 0, "the command has ended");
  });
});
