/** What the help of every command is made of. */
import type { Command } from "commander";
import { DEFAULT_SERVER } from "./connect.js";

export function withServer(command: Command): Command {
  const own = command.name() === "run" ? "a server of its own" : DEFAULT_SERVER;
  return command
    .option("--server <url>", `the server to talk to (env INSTEP_URL, default: ${own})`)
    .option("--token <token>", "a token of that server; better in the variable INSTEP_TOKEN");
}

/** For an option that may be given several times. */
export const repeated = (value: string, before: string[] | undefined): string[] => [
  ...(before ?? []),
  value,
];

export function examples(
  ...lines: readonly (readonly [command: string, meaning: string])[]
): string {
  const width = Math.max(...lines.map(([command]) => command.length)) + 3;
  const shown = lines.map(([command, meaning]) => `  ${command.padEnd(width)}${meaning}`.trimEnd());
  return `\nExamples:\n${shown.join("\n")}\n`;
}
