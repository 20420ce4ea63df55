/** `instep definitions`: what can be started on a server, and which of its files cannot be used. */
import type { DefinitionView } from "../../client/index.js";
import { printable } from "../runner/printable.js";
import { problemText } from "../runner/problemText.js";
import { asking, connect, type ServerFlags, serverFor } from "./connect.js";
import type { CliContext } from "./context.js";
import { ExitCode } from "./exitCodes.js";
import { colorsFor } from "./stepLine.js";

export interface DefinitionsFlags extends ServerFlags {
  readonly json?: boolean;
}

export async function definitions(flags: DefinitionsFlags, context: CliContext): Promise<number> {
  const url = serverFor(flags, context);
  const client = connect(url, flags, context);
  try {
    const { definitions, problems } = await asking(url, () => client.rest.definitions());
    for (const definition of definitions) {
      const text = flags.json ? `${JSON.stringify(definition)}\n` : described(definition, context);
      context.stdout.write(text);
    }
    if (definitions.length === 0 && !flags.json) context.stdout.write("No definitions.\n");
    if (problems.length === 0) return ExitCode.ok;
    if (!flags.json) context.stderr.write("These cannot be used:\n");
    for (const problem of problems)
      context.stderr.write(`${printable(problemText(problem), 1_000)}\n`);
    return ExitCode.failed;
  } finally {
    client.close();
  }
}

function described(definition: DefinitionView, context: CliContext): string {
  const { name, title, example, inputs, steps } = definition;
  const colors = colorsFor(context);
  const asked = Object.entries(inputs).map(
    ([input, field]) => `${input}${field.required ? "" : "?"}: ${field.type}`,
  );
  const actions = steps.map(({ action, enabled }) => (enabled ? action : `(${action})`));
  const lines = [
    `${colors.bold(printable(name))}${title === undefined ? "" : `  ${printable(title)}`}${example ? colors.dim("  (example)") : ""}`,
    ...(asked.length === 0 ? [] : [colors.dim(`  inputs  ${printable(asked.join(", "), 1_000)}`)]),
    colors.dim(`  steps   ${printable(actions.join(", "), 1_000)}`),
  ];
  return `${lines.join("\n")}\n`;
}
