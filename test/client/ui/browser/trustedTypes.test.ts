/** What the page may load as a script where the browser asks. */
import { expect, test } from "vitest";
import { trustOwnWorker } from "../../../../client/ui/browser/trustedTypes.js";

type Rules = Record<string, (address: string) => string | null>;

test("the page trusts only scripts beside its own, and no text as HTML", () => {
  const made: [string, Rules][] = [];
  const trustedTypes = { createPolicy: (name: string, rules: Rules) => made.push([name, rules]) };
  trustOwnWorker("https://host/mount/assets/index-1.js", { trustedTypes });
  const [[name, rules]] = made as [[string, Rules]];
  expect([name, Object.keys(rules)]).toEqual(["default", ["createScriptURL"]]);
  const own = "https://host/mount/assets/searchWorker-2.js";
  expect(rules.createScriptURL!(own)).toBe(own);
  for (const other of [
    "https://evil.example/x.js",
    "data:text/javascript,1",
    "blob:https://host/1",
    "https://host/mount/assets/../w/x",
    "//evil.example/mount/assets/x.js",
  ])
    expect([other, rules.createScriptURL!(other)]).toEqual([other, null]);
  trustOwnWorker("https://host/assets/index-1.js", {});
});
