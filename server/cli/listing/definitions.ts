/** `instep definitions`: what can be started on a server, and which of its files cannot be used. */

import type { DefinitionProblem, DefinitionView } from "../../../client/index.js";
import { hint, quotedName } from "../../../shared/text/nearest.js";
import { printable } from "../../../shared/text/printable.js";
import { problemText } from "../../runner/definition/problemText.js";
import { connect, type ServerFlags, serverFor } from "../connecting/connect.js";
import { colorsFor } from "../display/stepLine.js";
import type { CliContext } from "../process/context.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { asking } from "../refusals/asking.js";
import { jsonLine } from "../text/jsonLine.js";
import { definitionPage } from "./definitionPage.js";

export interface DefinitionsFlags extends ServerFlags {
  readonly json?: boolean;
}

/** All of them, or the one of that name. */
export async function definitions(
  name: string | undefined,
  flags: DefinitionsFlags,
  context: CliContext,
): Promise<number> {
  const url = serverFor(flags, context);
  const client = connect(url, flags, context);
  try {
    const { definitions, problems } = await asking(url, () => client.rest.definitions());
    if (name !== undefined) {
      const found = definitions.find((definition) => definition.name === name);
      if (!found) throw notThere(name, definitions, problems);
      await write(found, flags, context, () => definitionPage(found, url, context));
      return ExitCode.ok;
    }
    for (const definition of definitions) {
      await write(definition, flags, context, () => described(definition, context));
    }
    if (definitions.length === 0 && !flags.json) context.stdout.write("No definitions.\n");
    if (problems.length === 0) return ExitCode.ok;
    if (!flags.json) context.stderr.write("These cannot be used:\n");
    for (const problem of problems) {
      const text = () => `${printable(problemText(problem), 1_000)}\n`;
      context.stderr.write(flags.json ? jsonLine({ note: problem }) : text());
    }
    return ExitCode.failed;
  } finally {
    client.close();
  }
}

async function write(
  definition: DefinitionView,
  { json }: DefinitionsFlags,
  { stdout }: CliContext,
  text: () => string | Promise<string>,
): Promise<void> {
  stdout.write(json ? jsonLine(definition) : await text());
}

/** Its file may be there, and be none that can be used. */
function notThere(
  name: string,
  definitions: readonly DefinitionView[],
  problems: readonly DefinitionProblem[],
): CliError {
  const own = problems.filter(({ file }) => file.replace(/\.ya?ml$/, "") === name).map(problemText);
  const known = definitions.map((definition) => definition.name);
  const why = own.length > 0 ? ": its file cannot be used:" : `; ${hint(name, known)}`;
  const said = `There is no definition ${quotedName(name)}${why}`;
  return new CliError(ExitCode.failed, [said, ...own].join("\n  "));
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
