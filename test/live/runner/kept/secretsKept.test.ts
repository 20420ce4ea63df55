/** Secrets that a command prints before a kill of the server, while there is none, and under the next one: never shown, in no file, also where the server has got another one. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { until } from "../../../support/deadline.js";
import { awaits, own, printed, says, betweenTest as test } from "./killedBetween.js";

const TYPED = "typed-secret-4711";
const OLD = "old-token-of-server";
const NEW = "new-token-of-server";
const HIDDEN = expect.stringMatching(/left out: a secret that may stand in it was changed/);
/** Cut in its middle by the kill. */
const halves = (name: string) => `\${${name}%\${${name}#??????}}`;
const RECIPE = `name: secrets
inputs:
  typed: { type: secret }
  token: { type: secret, from: { env: REGISTRY_TOKEN } }
steps:
  - action: work
    run: |
      echo "begin $INPUT_TYPED $INPUT_TOKEN"
      echo begun
      printf '%s' "${halves("INPUT_TYPED")}"
      touch half
      ${awaits("away")}
      printf '%s\\n' "\${INPUT_TYPED#??????}"
      echo "away $INPUT_TYPED $INPUT_TOKEN"
      printf '%s' "${halves("INPUT_TOKEN")}"
      touch said
      ${awaits("go")}
      printf '%s\\n' "\${INPUT_TOKEN#??????}"
      echo "after $INPUT_TYPED $INPUT_TOKEN"
  - action: next
    run: echo "next $INPUT_TYPED $INPUT_TOKEN"; test "$INPUT_TOKEN" = "$(cat expected)"
`;

/** What stands in the files of logs, of workflows and of the journal. */
function keptTexts(folder: string): string {
  return ["logs", "workflows", "journal"]
    .map((name) => path.join(folder, ".instep", name))
    .flatMap((at) =>
      readdirSync(at, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => textOf(path.join(entry.parentPath, entry.name))),
    )
    .join("\n");
}

/** Nothing where it is being replaced right now: its successor has the same. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

describe("a secret that a command prints", () => {
  test.for([
    ["the same", OLD],
    ["another", NEW],
  ] as const)(
    "a secret that a command prints is masked by the next server as by the one before, also where that has %s secret of its own",
    async ([, token], { between, lives, folder }) => {
      const first = await lives.beginning({ REGISTRY_TOKEN: OLD }).ready;
      first.define("secrets.yaml", RECIPE);
      first.define("expected", token);
      const id = await first.start("secrets", { inputs: { typed: TYPED } });
      await first.until(id, says(0, "begun"));
      await between.written("half");
      const second = await between.next(
        first,
        () => {
          between.give("away");
          return between.written("said");
        },
        { REGISTRY_TOKEN: token },
      );
      await until(
        async () => printed(await second.outputOf(id, 0)).includes("away"),
        "what was printed meanwhile is in the log",
      );
      const third = await between.next(second, () => between.give("go"), { REGISTRY_TOKEN: token });
      const { status, steps } = await third.ended(id);
      expect([status, steps[0]?.attempt, steps[1]?.attempt]).toEqual(["completed", 1, 1]);
      const log = await third.outputOf(id, 0);
      const seen = "begin *** ***\nbegun\n***\naway *** ***\n";
      // It ended while nobody was there, and the server that finds it cannot know any more what was secret.
      if (token === NEW) expect(own(log)).toContainEqual(HIDDEN);
      expect(printed(log)).toBe(token === NEW ? seen : `${seen}***\nafter *** ***\n`);
      expect(await third.outputOf(id, 1)).toBe("next *** ***\n");
      const texts = keptTexts(folder);
      expect(texts).toContain("begin *** ***");
      for (const secret of [TYPED, OLD, NEW])
        for (const part of [secret, secret.slice(0, 8), secret.slice(6)])
          expect(texts).not.toContain(part);
      // The pieces that were printed raw went with the keeper.
      await until(
        () =>
          readdirSync(path.join(folder, ".instep", "keepers")).every((name) =>
            name.startsWith("."),
          ),
        "nothing is kept",
      );
    },
  );
});
