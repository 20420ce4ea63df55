/** The commands of a block as a person types them, and what the block shows below each. */
import { spawnSync } from "node:child_process";
import type { Block } from "./markdownBlocks.js";

export interface TypedCommand {
  readonly text: string;
  /** The lines shown below it; null where the block shows commands only. */
  readonly shown: readonly string[] | null;
}

/** Of a `sh` or `console` block. Throws where a command does not end within it. */
export function commandsOf({ language, text, place }: Block): TypedCommand[] {
  const lines = text.split("\n");
  return language === "console" ? withOutput(lines, place) : alone(lines, place);
}

function alone(lines: readonly string[], place: string): TypedCommand[] {
  const commands: TypedCommand[] = [];
  for (let at = 0; at < lines.length; ) {
    if (/^\s*(#.*)?$/.test(lines[at]!)) {
      at += 1;
      continue;
    }
    const { text, end } = wholeCommand(lines, at, place);
    commands.push({ text, shown: null });
    at = end;
  }
  return commands;
}

function withOutput(lines: readonly string[], place: string): TypedCommand[] {
  if (!lines[0]?.startsWith("$ ")) throw new Error(`${place}: a console begins with "$ "`);
  const commands: TypedCommand[] = [];
  for (let at = 0; at < lines.length; ) {
    const typed = lines.map((line, index) => (index === at ? line.slice(2) : line));
    const { text, end } = wholeCommand(typed, at, place);
    const next = lines.findIndex((line, index) => index >= end && line.startsWith("$ "));
    const after = next === -1 ? lines.length : next;
    commands.push({ text, shown: lines.slice(end, after) });
    at = after;
  }
  return commands;
}

/** As many lines as the shell needs to have a whole command. */
function wholeCommand(lines: readonly string[], from: number, place: string) {
  for (let end = from + 1; end <= lines.length; end++) {
    const text = lines.slice(from, end).join("\n");
    if (!/\\$/.test(lines[end - 1]!) && isWhole(text)) return { text, end };
  }
  throw new Error(`${place}: "${lines[from]}" is no whole command`);
}

function isWhole(text: string): boolean {
  // A quick look first: most lines open nothing that could go on.
  if (!/['"`({<\n]|\b(for|while|until|if|case|do|then)\b/.test(text)) return true;
  const { status, stderr } = spawnSync("bash", ["-n"], { input: `${text}\n`, encoding: "utf8" });
  return status === 0 && stderr === "";
}
