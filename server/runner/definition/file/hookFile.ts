/** A command that is told of what happens to a workflow, as it stands in a definition file, and the same as the runner uses it. */
import * as z from "zod";
import type { HookCommand } from "../definition.js";
import { type Shell, scriptCall } from "../scriptCall.js";
import { ShellFile } from "./shellFile.js";
import { Argv, duration, line, ShellCommand, Variables } from "./values.js";

const HOOK_MS = 60_000;

export const HookFile = z
  .strictObject(
    {
      run: ShellCommand.optional(),
      argv: Argv.optional(),
      shell: ShellFile.optional(),
      cwd: line.optional(),
      env: Variables.default({}),
      timeout: duration(1).default(HOOK_MS),
    },
    { error: "must have `run`" },
  )
  .superRefine(({ run, argv, shell }, context) => {
    const complain = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (run !== undefined && argv !== undefined) complain("argv", "cannot stand beside `run`");
    if (run === undefined && argv === undefined) complain("run", "is required (or `argv`)");
    if (shell !== undefined && run === undefined) complain("shell", "is for `run`");
  });

/** `usual` is the definition's own shell. */
export function hookOf(
  file: z.infer<typeof HookFile> | undefined,
  usual: Shell | undefined,
): HookCommand | undefined {
  if (!file) return undefined;
  const { run, argv = [], shell = usual, cwd, env, timeout } = file;
  const call = run === undefined ? { argv } : scriptCall(run, shell);
  return { ...call, env, timeoutMs: timeout, ...(cwd !== undefined && { cwd }) };
}
