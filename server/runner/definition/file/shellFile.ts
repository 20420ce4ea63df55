/** The shell of a step as it stands in a definition file. */
import * as z from "zod";
import { shellProblem } from "../scriptCall.js";
import { text, withoutNul } from "./values.js";

const MOST_WORDS = 100;

/** `sh`, `bash`, or a list. */
export const ShellFile = z
  .union([z.enum(["sh", "bash"]), z.array(withoutNul(text))], {
    error: ({ input }) => whyNoShell(input),
  })
  .superRefine((shell, context) => {
    const problem = typeof shell === "string" ? null : listProblem(shell);
    if (problem !== null) context.addIssue({ code: "custom", message: problem });
  });

const listProblem = (shell: readonly string[]): string | null =>
  shell.length > MOST_WORDS ? `must not have more than ${MOST_WORDS} words` : shellProblem(shell);

function whyNoShell(input: unknown): string {
  if (Array.isArray(input)) return "must be a list of text: the program and its arguments";
  const words = typeof input === "string" ? input.trim().split(/\s+/).slice(0, 10) : ["python3"];
  const shown = words.map((word) => (/^[\w./@%+=-]+$/.test(word) ? word : JSON.stringify(word)));
  return `must be sh, bash or a list, such as [${shown.join(", ")}]`;
}
