#!/usr/bin/env node
/** The process: arguments, environment, signals, output, exit codes. Nothing else touches `process`. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir, hostname } from "node:os";
import type { WriteStream } from "node:tty";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import type { CliContext, EndSignal, Output } from "./cli/process/context.js";

const END_SIGNALS: readonly EndSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
const SIGPIPE = 13;

const args = process.argv.slice(2);
const stdout = outputTo(process.stdout);
// The one question that scripts ask at every turn needs no verb and no words.
if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  stdout.write(`${packageVersion()}\n`);
  await stdout.drained();
  process.exit(0);
}

const onStarted = args[0] === "serve" ? keepYoungSmall() : () => {};

// Loaded only now, so that a process without room for its own files can say so.
const { systemClock, runCli, runsOnExit, terminalInput, signalGroup, hasTerminal } = await orSayWhy(
  loadCommand(),
);

const context: CliContext = {
  program: { node: process.execPath, main: fileURLToPath(import.meta.url) },
  env: process.env,
  cwd: process.cwd(),
  ...homeOfUser(),
  pid: process.pid,
  hostname: hostname(),
  stdout,
  stderr: outputTo(process.stderr),
  input: {
    ...terminalInput(process.stdin, process.stderr, systemClock, () =>
      process.kill(process.pid, "SIGINT"),
    ),
    isOurs: () => hasTerminal(process.pid),
  },
  clock: systemClock,
  random: Math.random,
  onSignal: (listener) => {
    // A command that listened once ends by itself: a late signal that killed the process on its way out would skip what runs on exit.
    for (const signal of END_SIGNALS) process.on(signal, listener).on(signal, () => {});
    return () => {
      for (const signal of END_SIGNALS) process.off(signal, listener);
    };
  },
  onExit: runsOnExit(process),
  signalGroup,
  started: onStarted,
};

const exitCode = await runCli(args, packageVersion(), context);
// A pipe takes what it is given only as fast as it is read.
await Promise.all([context.stdout.drained(), context.stderr.drained()]);
// `exit` rather than waiting for the loop to run dry: the answer is known, and all of it is written.
process.exit(exitCode);

/**
 * V8's room for young objects grows with all that a start loads and reads, and some 8 MB of it would stay with a server for as long as it
 * lives: until it has started, the room keeps its size. Returns what lets it grow again, for the work that follows. Only with versions of
 * V8 that are known to have this switch.
 */
function keepYoungSmall(): () => void {
  const version = Number.parseInt(process.versions.v8, 10);
  if (version < 11 || version > 13) return () => {};
  const growBy = (factor: number) => setFlagsFromString(`--semi-space-growth-factor=${factor}`);
  growBy(1);
  return () => growBy(2);
}

/** As few files, where they are built: Node takes longer to load many than to run them. */
async function loadCommand(): Promise<typeof import("./cli/command.js")> {
  const built = fileURLToPath(new URL("../command/command.cjs", import.meta.url));
  return existsSync(built) ? createRequire(import.meta.url)(built) : import("./cli/command.js");
}

async function orSayWhy<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EMFILE" && code !== "ENFILE") throw error;
    process.stderr.write(
      `instep: This process may not open enough files (${code}). Raise the limit, e.g. with ulimit -n 1024.\n`,
    );
    process.exit(1);
  }
}

function outputTo(stream: WriteStream): Output {
  let reader: "needed" | "not needed" | "gone" = "needed";
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (reader !== "needed") reader = "gone";
    // `instep list | head` closes the pipe early: end as other programs do then, by SIGPIPE.
    else if (error.code === "EPIPE") process.exit(128 + SIGPIPE);
    else throw error;
  });
  return {
    write: (text) => {
      if (reader !== "gone") stream.write(text);
    },
    drained: async () => {
      if (reader !== "gone")
        await new Promise<void>((resolve) => stream.write("", () => resolve()));
    },
    outliveReader: () => {
      if (reader === "needed") reader = "not needed";
    },
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
  };
}

/** A container's user may have neither a home nor a name. */
function homeOfUser(): { home?: string } {
  try {
    return { home: homedir() };
  } catch {
    return {};
  }
}

/** Two folders up once built (dist/server), one up in the sources. */
function packageVersion(): string {
  for (const place of ["../../package.json", "../package.json"]) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), "utf8"));
      if (name === "instep") return version;
    } catch {
      // Not there; the next place.
    }
  }
  return "unknown";
}
