import { describe, expect, test } from "vitest";
import { ErrorFinder } from "../../../shared/errorLines/errorFinder.js";
import { judgeLine, looksLikeError, severityOf } from "../../../shared/errorLines/errorLines.js";
import { REAL_OUTPUTS } from "../../support/samples/failedOutputs.js";

/** The line that says why, with its number from 1. */
function found(output: string): { text: string; line: number } | null {
  const finder = new ErrorFinder<number>();
  for (const [index, line] of output.split("\n").entries()) finder.line(line, () => index + 1);
  const { text, place } = finder.found ?? {};
  return text === undefined ? null : { text, line: place! };
}

const linesWith = (output: string, part: string): number =>
  output.split("\n").findIndex((line) => line.includes(part)) + 1;

describe("why a tool failed is found in what it prints", () => {
  test.each(REAL_OUTPUTS)("$tool", ({ output, says, at = says }) => {
    expect(found(output)).toEqual({ text: says, line: linesWith(output, at) });
  });

  test("the table has at least 25 tools", () => {
    expect(new Set(REAL_OUTPUTS.map(({ tool }) => tool.split(",")[0])).size).toBeGreaterThanOrEqual(
      25,
    );
  });
});

describe("what only resembles an error is none", () => {
  test.each([
    "Build finished with 0 errors",
    "0 errors, 0 warnings",
    "errors: 0",
    "Errors: none",
    '  "errors": [],',
    '"error": null,',
    "error=null status=ok",
    "failed=0    unreachable=0    changed=2",
    "web1 : ok=3 changed=1 unreachable=0 failed=0 skipped=0",
    "no errors, no failures",
    "Finished without errors",
    "writing to /var/log/nginx/error_log",
    "Opening error.log for writing",
    "curl --fail --silent https://x/",
    "rsync --on-error=stop a b",
    "mkfs.ext4 -e remount-ro --on-error continue",
    "Unpacking libgpg-error0:amd64 (1.46-1) ...",
    "Setting up libgpg-error-dev (1.47-3) ...",
    "   Compiling thiserror v1.0.40",
    " Downloading failure v0.1.8",
    "Creating fail2ban.service",
    "copying src/errors.ts -> dist/errors.js",
    "  client/ErrorBoundary.tsx  12.3 kB",
    "PASS test/errors.test.ts",
    " ✓ test/errors.test.ts > fails with an error when the disk is full (3 ms)",
    "ok 3 - throws an error for a wrong name",
    "test parser::reports_an_error ... ok",
    "test_error.py::test_fails PASSED",
    "+ echo 'error: nothing'",
    "checking for libfoo... not found",
    "If it fails, it is tried again",
    "error rate: 0.00%",
    "Setting the error handler",
    "on_error: continue",
    "terror in the mirror",
    "unfailing",
    "Failover finished",
    "Tests: 0 failed, 12 passed",
    "exited with code 0",
    "all is well",
    "",
  ])("%s", (line) => {
    expect(judgeLine(line)).toBeNull();
    expect(looksLikeError(line)).toBe(false);
  });

  test.each([
    "warning: unused variable: `error`",
    "main.c:3:5: warning: unused variable ‘error’ [-Wunused-variable]",
    "npm warn deprecated inflight@1.0.6: This module is not supported, and leaks memory",
    "npm WARN deprecated request@2.88.2: failed to be maintained",
    "W: Failed to fetch http://deb.example/InRelease  Could not resolve 'deb.example'",
    "Warning: Permanently added 'web-7' (ED25519) to the list of known hosts.",
    "(node:71) Warning: Accessing non-existent property 'x' of module exports inside circular dependency",
    "[WARN] the cache could not be read",
    "DeprecationWarning: the old error class is gone soon",
    "Error: connection refused, retrying in 5 s",
    "make: [Makefile:3: clean] Error 1 (ignored)",
  ])("a warning: %s", (line) => {
    expect(severityOf(line)).toBe("warning");
    expect(looksLikeError(line)).toBe(false);
  });
});

describe("of several lines", () => {
  test("a warning that was survived is never the reason", () => {
    expect(found("npm warn deprecated x: failed often\nall good\n")).toBeNull();
  });

  test("an error that the command went on after is not the reason where a later one is", () => {
    const output = [
      "curl: (22) The requested URL returned error: 404",
      "Going on without the cache",
      "Copying 12 files",
      "ssh: Could not resolve hostname web-7: Name or service not known",
    ].join("\n");
    expect(found(output)?.text).toBe(
      "ssh: Could not resolve hostname web-7: Name or service not known",
    );
  });

  test("a line whose tool says to go on after it is the reason only where nothing else is", () => {
    const retried = "Error: connection refused, retrying in 5 s";
    expect(found(`${retried}\n${retried}\ngiving up`)?.text).toBe("giving up");
    expect(found(`${retried}\nbye`)?.text).toBe(retried);
  });

  test("a line about something that failed because of the error is not the reason", () => {
    const output =
      "cp: cannot stat 'a': No such file or directory\nmake: *** [Makefile:2: all] Error 1";
    expect(found(output)?.text).toBe("cp: cannot stat 'a': No such file or directory");
    expect(found("make: *** [Makefile:2: all] Error 1")?.text).toBe(
      "make: *** [Makefile:2: all] Error 1",
    );
  });

  test("a clean-up that finds nothing to remove is not the reason", () => {
    const output = [
      "Error: the migration failed",
      "Cleaning up",
      "rm: cannot remove '/tmp/x': No such file or directory",
    ].join("\n");
    expect(found(output)?.text).toBe("Error: the migration failed");
  });

  test("words count before an earlier statement only far behind it and at the very end", () => {
    const early = "Error: the cache is cold";
    const many = Array.from({ length: 50 }, (_, n) => `copied file ${n}`).join("\n");
    expect(found(`${early}\n${many}\nThe host web-7 was not found.`)?.text).toBe(
      "The host web-7 was not found.",
    );
    expect(found(`${early}\nThe host web-7 was not found.\n${many}`)?.text).toBe(early);
  });

  test("the first error of a compiler counts, however much stands between its errors", () => {
    const one = (n: number) =>
      `a.c: In function 'f${n}':\na.c:${n}:5: error: no ${n}\n    5 | x\n      | ^`;
    expect(found([1, 2, 3].map(one).join("\n"))).toEqual({ text: "a.c:1:5: error: no 1", line: 2 });
  });

  test("a sentence has at most 300 characters and keeps both its ends", () => {
    const text = found(`Error: begins ${"x".repeat(5_000)} ends`)?.text ?? "";
    expect(text).toHaveLength(300);
    expect(text).toMatch(/^Error: begins x+…x+/);
  });
});

test("a flood of lines that look like errors takes time in proportion to it", () => {
  const nasty = [
    `${"a: ".repeat(200)}error`,
    `a:1:in '${"'".repeat(300)}: (x`,
    `${"A.".repeat(300)}Error`,
    `x: ${"cannot ".repeat(90)}`,
    `${"error ".repeat(100)}`,
    `a: ${"not found ".repeat(60)}!`,
    `thread '${"' ".repeat(280)}panicked at`,
    `${" ".repeat(600)}error`,
    `error: ${"0".repeat(590)}`,
    `${"1:".repeat(300)} error`,
  ];
  for (const line of nasty) {
    const begin = process.cpuUsage().user;
    for (let n = 0; n < 200; n++) judgeLine(line);
    const each = (process.cpuUsage().user - begin) / 200;
    expect([line.slice(0, 20), each < 1_000]).toEqual([line.slice(0, 20), true]);
  }
});
