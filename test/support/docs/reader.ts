/** Somebody who reads a document from top to bottom and does what it says, in a fresh folder. */
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULTS } from "../../../shared/limits.js";
import { until } from "../deadline.js";
import { freePort } from "../links/freePort.js";
import { commandsOf, type TypedCommand } from "./commandLines.js";
import { blocksOfDocument } from "./documents.js";
import { type Block, blocksOf } from "./markdownBlocks.js";
import { clone, install, type Packed } from "./packedPackage.js";
import { PassingTime } from "./passingTime.js";
import { isShown } from "./shownOutput.js";
import { Terminal } from "./terminal.js";

const CLOCK = fileURLToPath(new URL("movableClock.mjs", import.meta.url));
/** Where a document says that its reader is. */
const HOME = "/home/you";

const PORTS = /(?:localhost:|127\.0\.0\.1:|\[::1\]:|--port[ =]|listen\(|\bport: )(\d{4,5})\b/g;

export interface Reading {
  /** As in the repository: `docs/recipes.md`. */
  readonly document: string;
  /** What it says, where it is another than what stands there. */
  readonly text?: string;
  /** Whether 40 s pass before each command. */
  readonly isSlow: boolean;
  /** Who reads the README has a clone, whoever reads one of docs/ an installed package; unless it is said otherwise. */
  readonly from?: "clone" | "package";
  /** Commands in the place of the document's own. */
  readonly instead?: ReadonlyMap<string, string>;
  readonly packed: Packed;
}

/** Does all of it. Rejects at the first command that does not do what the document says, and tells where and what it printed. */
export async function read(reading: Reading): Promise<void> {
  const root = mkdtempSync(path.join(tmpdir(), "instep-docs-"));
  try {
    await readIn(root, reading);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function readIn(
  root: string,
  { document, text, isSlow, packed, ...rest }: Reading,
): Promise<void> {
  const blocks = text === undefined ? blocksOfDocument(document) : blocksOf(document, text);
  if (!blocks.some(isDone)) return;
  const ports = await portsOf(blocks);
  const { from = document === "README.md" ? "clone" : "package", instead } = rest;
  const home = path.join(root, "home");
  const folder = path.join(home, from === "clone" ? "instep" : "project");
  for (const one of ["bin", "outputs", "tmp", "home"]) mkdirSync(path.join(root, one));
  const time = new PassingTime(path.join(root, "clock"));
  if (isSlow) time.hurrySleep(path.join(root, "bin"));
  const port = ports.get(String(DEFAULTS.port))!;
  if (from === "clone") clone(packed, folder, port);
  else install(packed, folder, port);
  putCommands(path.join(root, "bin"), home);
  const main = path.join(folder, from === "clone" ? "." : "node_modules/instep");
  const terminal = new Terminal({
    folder,
    outputs: path.join(root, "outputs"),
    env: {
      PATH: [path.join(root, "bin"), path.dirname(process.execPath), "/usr/bin:/bin"].join(":"),
      HOME: home,
      TMPDIR: path.join(root, "tmp"),
      LANG: "C.UTF-8",
      NODE_OPTIONS: `--import ${CLOCK}`,
      DOCS_CLOCK: path.join(root, "clock"),
      DOCS_MAIN: path.join(main, "dist/server/main.js"),
    },
  });
  const reader = new Reader(terminal, {
    folder,
    home,
    ports,
    ...(instead && { instead }),
    ...(isSlow && { time }),
  });
  try {
    for (const block of blocks) await reader.read(block);
  } finally {
    await terminal.close();
  }
}

const isDone = ({ marker, file, language }: Block): boolean =>
  marker?.kind !== "not run" && file === null && (language === "sh" || language === "console");

/** `npx` itself takes seconds each time; that it finds this package has a test of its own. */
function putCommands(bin: string, home: string): void {
  // What a server refuses is no success, though curl by itself would call it one.
  writeFileSync(path.join(home, ".curlrc"), "fail-with-body\nsilent\n");
  const scripts = {
    instep: 'exec node "$DOCS_MAIN" "$@"',
    npx: '[ "$1" = instep ] || { echo "npx $1: not here" >&2; exit 9; }; shift; exec instep "$@"',
  };
  for (const [name, script] of Object.entries(scripts)) {
    const file = path.join(bin, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }
}

/** Each port that a document names, the default among them, with a free one in its place. */
async function portsOf(blocks: readonly Block[]): Promise<ReadonlyMap<string, number>> {
  const named = blocks.flatMap(({ text }) => [...text.matchAll(PORTS)].map(([, port]) => port!));
  const all = [...new Set([String(DEFAULTS.port), ...named])];
  return new Map(await Promise.all(all.map(async (port) => [port, await freePort()] as const)));
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

interface Surroundings {
  readonly folder: string;
  readonly home: string;
  readonly ports: ReadonlyMap<string, number>;
  readonly instead?: ReadonlyMap<string, string>;
  readonly time?: PassingTime;
}

class Reader {
  readonly #terminal: Terminal;
  readonly #around: Surroundings;

  constructor(terminal: Terminal, around: Surroundings) {
    this.#terminal = terminal;
    this.#around = around;
  }

  async read(block: Block): Promise<void> {
    if (block.marker?.kind === "not run") return;
    if (block.file !== null) this.#save(block.file, block);
    else if (isDone(block)) await this.#do(block);
  }

  #save(name: string, { text, language }: Block): void {
    const file = path.join(this.#around.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${this.#here(text)}\n`);
    if (language === "sh") chmodSync(file, 0o755);
  }

  async #do(block: Block): Promise<void> {
    const { instead } = this.#around;
    const commands = commandsOf(block).map((command) => ({
      ...command,
      text: instead?.get(command.text) ?? command.text,
    }));
    for (const [index, command] of commands.entries()) {
      const { time, ports } = this.#around;
      await time?.pass([...ports.values()]);
      const next = commands[index + 1];
      if (block.marker?.kind === "keeps running" && !next) await this.#leaveRunning(block, command);
      else await this.#run(block, command, next);
    }
  }

  async #run(block: Block, command: TypedCommand, next: TypedCommand | undefined): Promise<void> {
    const { code, printed } = await this.#terminal.run(this.#here(command.text));
    const isAsked = next !== undefined && /\becho .*\$\?/.test(next.text);
    const wanted = block.marker?.kind === "exits" && !next ? block.marker.code : 0;
    if (code !== wanted && !isAsked)
      throw this.#fault(block, command, printed, `exit code ${code}`);
    if (command.shown && !isShown(this.#shown(command.shown), this.#lines(printed))) {
      throw this.#fault(block, command, printed, "other output than shown");
    }
  }

  /** Until the lines shown are there; where none are, until somebody listens on one of the ports. */
  async #leaveRunning(block: Block, command: TypedCommand): Promise<void> {
    const ports = [...this.#around.ports.values()];
    const before = await Promise.all(ports.map(isListening));
    const running = await this.#terminal.leaveRunning(this.#here(command.text));
    const { shown } = command;
    const isThere = async () => {
      if (shown) return isShown(this.#shown([...shown, "…"]), this.#lines(running.printed()));
      const now = await Promise.all(ports.map(isListening));
      return now.some((listens, index) => listens && !before[index]);
    };
    await until(
      async () => {
        if (await isThere()) return true;
        if (running.code() === null) return false;
        throw this.#fault(block, command, running.printed(), `it ended with ${running.code()}`);
      },
      () => this.#fault(block, command, running.printed(), "it is not there").message,
    );
  }

  /** With the ports of this reading. */
  #here(text: string): string {
    const { ports } = this.#around;
    return text.replace(/\b\d{4,5}\b/g, (number) => String(ports.get(number) ?? number));
  }

  #shown(lines: readonly string[]): readonly string[] {
    return lines.map((line) => this.#here(line));
  }

  #lines(printed: string): string[] {
    return printed.replaceAll(this.#around.home, HOME).split("\n");
  }

  #fault(block: Block, { text, shown }: TypedCommand, printed: string, what: string): Error {
    const wanted = shown ? `\nShown:\n${this.#shown(shown).join("\n")}` : "";
    const got = this.#lines(printed).join("\n");
    return new Error(`${block.place}: \`${text}\`: ${what}\nPrinted:\n${got}${wanted}`);
  }
}
