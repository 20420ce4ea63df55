/** Programs and scripts that the system does not run, each told apart: real files, started as steps. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { type RunnerWorld, runnerTest as test } from "../../../support/servers/runnerWorld.js";

const elf = (machine: number): Buffer => {
  const head = Buffer.alloc(64);
  head.write("\x7fELF\x02\x01\x01", "latin1");
  head.writeUInt16LE(2, 16);
  head.writeUInt16LE(machine, 18);
  return head;
};
const OTHER_MACHINE = process.arch === "arm64" ? 62 : 183;

/** The error of a step with these lines, which begins in a folder with these files. */
async function errorOf(
  world: RunnerWorld,
  folder: string,
  step: string,
  files: Readonly<Record<string, string | Buffer>> = {},
): Promise<string | null | undefined> {
  const place = join(folder, "place");
  mkdirSync(join(place, "sub"), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(place, name), content);
    chmodSync(join(place, name), 0o755);
  }
  world.define("one.yaml", `name: one\nsteps:\n  - action: work\n    cwd: ${place}\n    ${step}\n`);
  const { steps } = await world.ended(await world.start("one"));
  return steps[0]?.error;
}

const CRLF = "#!/bin/sh\r\necho hi\r\n";
const NO_ENDS =
  'work.sh has Windows line ends (CRLF): its interpreter "/bin/sh\\r" is not there (exit code 127)';

describe("a program that does not run is told apart", () => {
  for (const [name, step, files, error] of [
    ["with Windows line ends", "argv: [./work.sh]", { "work.sh": CRLF }, `./${NO_ENDS}`],
    ["with Windows line ends, in a shell", "run: ./work.sh", { "work.sh": CRLF }, `./${NO_ENDS}`],
    [
      "with Windows line ends behind env",
      "argv: [./work]",
      { work: "#!/usr/bin/env sh\r\n" },
      './work has Windows line ends (CRLF): its interpreter "/usr/bin/env sh\\r" is not there (exit code 127)',
    ],
    [
      "whose interpreter is not there",
      "argv: [./work]",
      { work: "#!/opt/none/python2\nprint 1\n" },
      "the first line of ./work asks for /opt/none/python2, which is not there (exit code 127)",
    ],
    [
      "whose interpreter is not there, in a shell",
      "run: ./work",
      { work: "#!/opt/none/python2\n" },
      "the first line of ./work asks for /opt/none/python2, which is not there (exit code 127)",
    ],
    [
      "whose interpreter env does not find",
      "{ argv: [./work], env: { PATH: /usr/bin } }",
      { work: "#!/usr/bin/env nodeless\n" },
      "the first line of ./work asks for nodeless, which is not in PATH=/usr/bin (exit code 127)",
    ],
    [
      "that gives env two words",
      "argv: [./work]",
      { work: "#!/usr/bin/env sh -u\n" },
      'the first line of ./work gives env one name, "sh -u": write #!/usr/bin/env -S sh -u (exit code 127)',
    ],
    [
      "for another machine",
      "argv: [./work]",
      { work: elf(OTHER_MACHINE) },
      /^\.\/work is a program for \S+, and this machine is \S+ \(exit code 126\)$/,
    ],
    [
      "for Windows",
      "argv: [./work.exe]",
      { "work.exe": Buffer.from("MZ\x90\0\x03\0\0\0") },
      /^\.\/work\.exe is a program for Windows \(exit code 12[67]\)$/,
    ],
    ["that is a folder", "argv: [./sub]", {}, "./sub is a folder (exit code 126)"],
    ["that is a folder, in a shell", "run: ./sub", {}, "./sub is a folder (exit code 126)"],
    ["that is not there", "argv: [./none]", {}, "there is no file ./none (exit code 127)"],
    [
      "that is not in PATH, but beside",
      "{ argv: [work.sh], env: { PATH: /usr/bin } }",
      { "work.sh": "#!/bin/sh\n" },
      "there is no program work.sh in PATH=/usr/bin; the one in the step's folder is ./work.sh (exit code 127)",
    ],
    ["whose name is empty", 'argv: [""]', {}, "the name of its program is empty (exit code 126)"],
    [
      "that calls one that is not there",
      "run: ./none",
      {},
      "/bin/sh: 1: ./none: not found (exit code 127)",
    ],
    [
      "that a shell reads with Windows line ends",
      "argv: [sh, work.sh]",
      { "work.sh": "set -e\r\necho hi\r\n" },
      /^exit code 2: .*; work\.sh has Windows line ends \(CRLF\), which a shell takes for a part of each line$/,
    ],
    ["that ends so by itself", "run: exit 127", {}, "exit code 127: there is no such command"],
    [
      "that ends so by itself",
      "run: exit 126",
      {},
      "exit code 126: the command cannot be executed",
    ],
  ] as const) {
    test(`a program ${name} is told apart: ${step}`, async ({ runnerWorld, folder }) => {
      const line = step.startsWith("{") ? step.slice(2, -2).replace(", env:", "\n    env:") : step;
      const said = await errorOf(await runnerWorld(), folder, line, files);
      if (typeof error === "string") expect(said).toBe(error);
      else expect(said).toMatch(error);
    });
  }

  test("a program that is not executable is told apart from a link to nothing", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld();
    mkdirSync(join(folder, "place"));
    writeFileSync(join(folder, "place", "work"), "#!/bin/sh\n", { mode: 0o644 });
    symlinkSync("nowhere", join(folder, "place", "link"));
    expect(await errorOf(world, folder, "argv: [./work]")).toBe(
      "./work is not executable (chmod +x makes it so) (exit code 126)",
    );
    expect(await errorOf(world, folder, "run: ./work")).toBe(
      "./work is not executable (chmod +x makes it so) (exit code 126)",
    );
    expect(await errorOf(world, folder, "argv: [./link]")).toBe(
      "./link is a link to what is not there (exit code 127)",
    );
  });

  test("a file without a first line for the system is run by sh, as in a terminal", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld();
    expect(await errorOf(world, folder, "argv: [./work]", { work: "exit 3\n" })).toBe(
      "exit code 3",
    );
  });

  test("an argument, a variable or a folder that a program cannot start with is named", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld();
    const long = "x".repeat(140_000);
    expect(await errorOf(world, folder, `argv: ["true", ${long}]`)).toBe(
      "did not start: argument 1 of true is too long, more than the 131071 bytes that one may have",
    );
    expect(await errorOf(world, folder, `run: "true"\n    env: { LONG: ${long} }`)).toBe(
      "did not start: env.LONG: its value is too long, more than the 131071 characters that one may have",
    );
    writeFileSync(join(folder, "file"), "");
    world.define(
      "cwd.yaml",
      `name: cwd\nsteps:\n  - { action: a, run: "true", cwd: ${join(folder, "file")} }\n`,
    );
    const { steps } = await world.ended(await world.start("cwd"));
    expect(steps[0]?.error).toBe(`did not start: ${join(folder, "file")} is no folder`);
  });
});

describe("a command that a signal ended", () => {
  for (const [name, run, error] of [
    ["itself", "kill -9 $$", "was ended by SIGKILL, often by the kernel for lack of memory"],
    ["in a shell", "sh -c 'kill -9 $$'; exit $?", /^exit code 137: ended by SIGKILL, often by the/],
    ["by SIGSEGV", "sh -c 'kill -11 $$'; exit $?", /^exit code 139: ended by SIGSEGV, a fault in/],
    [
      "by a code alone",
      "exit 143",
      "exit code 143: ended by SIGTERM, which something sent to end it",
    ],
    [
      "by SIGPIPE",
      "exit 141",
      "exit code 141: ended by SIGPIPE, as nobody read its output any more",
    ],
    ["perhaps", "exit 129", "exit code 129, as after SIGHUP"],
  ] as const) {
    test(`a command that a signal ended says so: ${name}`, async ({ runnerWorld, folder }) => {
      const said = await errorOf(await runnerWorld(), folder, `run: ${JSON.stringify(run)}`);
      if (typeof error === "string") expect(said).toBe(error);
      else expect(said).toMatch(error);
    });
  }

  test("an ssh whose connection broke is told as that", async ({ runnerWorld, folder }) => {
    const world = await runnerWorld();
    const files = { ssh: "#!/bin/sh\nexit 255\n" };
    expect(await errorOf(world, folder, "argv: [./ssh, web-7, uptime]", files)).toBe(
      "exit code 255: the connection to the other machine failed or broke",
    );
    expect(await errorOf(world, folder, "run: exit 255")).toBe("exit code 255");
  });
});
