import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import { signalOfCode, signalWords } from "../../../../server/runner/process/signalReasons.js";

describe("an exit code above 128", () => {
  test.each([
    [130, "ended by SIGINT, as by Ctrl-C"],
    [134, "ended by SIGABRT, which a program sends itself when it finds a fault"],
    [137, "ended by SIGKILL, often by the kernel for lack of memory"],
    [139, "ended by SIGSEGV, a fault in the program (memory that is not its own)"],
    [141, "ended by SIGPIPE, as nobody read its output any more"],
    [143, "ended by SIGTERM, which something sent to end it"],
    // Programs give it for wrong usage, too.
    [129, "as after SIGHUP"],
    [138, "as after SIGUSR1"],
    [162, "as after signal 34"],
    [192, "as after signal 64"],
  ])("%i is the signal's", (code, words) => {
    expect(signalOfCode(code, false)).toBe(words);
  });

  test("an exit code above 128 is told for every signal there is", () => {
    for (const [name, number] of Object.entries(constants.signals))
      expect(signalOfCode(128 + number, false), name).toMatch(/^(ended by|as after) SIG/);
  });

  test.each([0, 1, 127, 128, 160, 193, 255])("an exit code of %i is no signal's", (code) => {
    expect(signalOfCode(code, false)).toBeNull();
  });

  test("an exit code above 128 says that memory was short where the kernel counted it", () => {
    expect(signalOfCode(137, true)).toBe("ended by SIGKILL, by the kernel for lack of memory");
    expect(signalWords("SIGSEGV", true)).toBe(signalWords("SIGSEGV", false));
  });
});
