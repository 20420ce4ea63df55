import { describe, expect, test } from "vitest";
import {
  questionCall,
  scriptCall,
  shellProblem,
} from "../../../../server/runner/definition/scriptCall.js";

const TEXT = "echo one\necho two\n";
const LONG = `: ${"é𝄞x".repeat(60_000)}\n`;

describe("a script", () => {
  test.each([
    [undefined, ["/bin/sh", "-e", "-c", TEXT]],
    ["sh", ["/bin/sh", "-e", "-c", TEXT]],
    ["bash", ["bash", "-eo", "pipefail", "-c", TEXT]],
    [["bash"], ["bash", "-c", TEXT]],
    [
      ["/usr/bin/bash", "-eu"],
      ["/usr/bin/bash", "-eu", "-c", TEXT],
    ],
    [
      ["bash", "-euc"],
      ["bash", "-euc", TEXT],
    ],
    [["python3"], ["python3", "-c", TEXT]],
    [
      ["python3.12", "-u"],
      ["python3.12", "-u", "-c", TEXT],
    ],
    [
      ["python3", "-c"],
      ["python3", "-c", TEXT],
    ],
    [["node"], ["node", "-e", TEXT]],
    [
      ["node", "--input-type=module", "-e"],
      ["node", "--input-type=module", "-e", TEXT],
    ],
    [["perl"], ["perl", "-e", TEXT]],
    [["fish"], ["fish", "-c", TEXT]],
    [
      ["docker", "exec", "box", "sh", "-ec"],
      ["docker", "exec", "box", "sh", "-ec", TEXT],
    ],
    [
      ["sudo", "-u", "www", "bash", "-ec"],
      ["sudo", "-u", "www", "bash", "-ec", TEXT],
    ],
    [
      ["nix", "shell", "-c", "sh", "-c", "{{script}}"],
      ["nix", "shell", "-c", "sh", "-c", TEXT],
    ],
  ] as const)("a script for %j is a part of its arguments", (shell, argv) => {
    expect(scriptCall(TEXT, shell)).toEqual({ argv });
  });

  test.each([
    [
      ["awk", "-f"],
      ["awk", "-f", "{{file}}"],
    ],
    [
      ["uv", "run", "python"],
      ["uv", "run", "python", "{{file}}"],
    ],
    [
      ["bash", "-x", "{{file}}", "more"],
      ["bash", "-x", "{{file}}", "more"],
    ],
  ] as const)("a script for %j is a file", (shell, argv) => {
    expect(scriptCall(TEXT, shell)).toEqual({ argv, scriptFile: TEXT });
  });

  test("a script is quoted for the shell behind ssh, which is given one text", () => {
    const quoted = "'echo it'\\''s'";
    for (const end of [["-ec"], ["-ec", "{{script}}"]])
      expect(scriptCall("echo it's", ["ssh", "web-7", "sh", ...end]).argv.at(-1)).toBe(quoted);
    expect(scriptCall("echo it's", ["ssh", "web-7", "{{script}}"]).argv).toEqual([
      "ssh",
      "web-7",
      "echo it's",
    ]);
  });

  test("a script that is too long for one argument comes in parts, or in a file", () => {
    for (const shell of ["sh", "bash", ["zsh", "-ec"]] as const) {
      const { argv } = scriptCall(LONG, shell);
      const parts = argv.slice(argv.findIndex((word) => word.startsWith("eval ")) + 2);
      expect(parts.join("")).toBe(LONG);
      for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThan(131_072);
      expect(Buffer.from(parts.join("")).toString()).toBe(
        parts.map((one) => Buffer.from(one).toString()).join(""),
      );
    }
    for (const shell of [["python3"], ["python3", "-c"]])
      expect(scriptCall(LONG, shell)).toEqual({ argv: ["python3", "{{file}}"], scriptFile: LONG });
  });

  test("a script that asks has no failure before its last command", () => {
    expect(questionCall(TEXT)).toEqual({ argv: ["/bin/sh", "-c", TEXT] });
    expect(questionCall(TEXT, "bash")).toEqual({ argv: ["bash", "-c", TEXT] });
    expect(questionCall(TEXT, ["python3"])).toEqual({ argv: ["python3", "-c", TEXT] });
  });

  test("a script keeps what looks like a sign of a replacement", () => {
    expect(scriptCall("echo $& $1 {{file}}", ["sh", "-c", "{{script}}"])).toEqual({
      argv: ["sh", "-c", "echo $& $1 {{file}}"],
    });
  });
});

describe("a list that cannot be a shell", () => {
  test.each([
    [[], "must name a program"],
    [[""], "must name a program"],
    [["bash", "-e", "{0}"], 'write "{{file}}" for the script\'s file'],
    [["ssh", "web-7", "sh"], /^ssh runs it elsewhere/],
    [["/usr/bin/docker", "exec", "box", "sh"], /^docker runs it elsewhere/],
  ])("a list that cannot be a shell is told: %j", (shell, words) => {
    expect(shellProblem(shell)).toMatch(words);
  });

  test("a list that ends in a shell, or has a place for the script, can be a shell", () => {
    for (const shell of [["python3"], ["ssh", "h", "sh", "-ec"], ["ssh", "h", "{{script}}"]])
      expect(shellProblem(shell)).toBeNull();
  });
});
