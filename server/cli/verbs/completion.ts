/** The words of `instep completion`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { examples } from "./sharedOptions.js";

export function addCompletion(program: Command, { context, ends }: Call): void {
  program
    .command("completion")
    .description(
      "Print the script with which a shell completes verbs, options, ids, definitions, steps and inputs.",
    )
    .argument("[shell]", "bash, zsh or fish (default: what SHELL names)")
    .addHelpText(
      "after",
      `${examples(
        ["source <(instep completion bash)", "in this shell, or for good in ~/.bashrc"],
        ["source <(instep completion zsh)", "the same in ~/.zshrc"],
        ["instep completion fish > ~/.config/fish/completions/instep.fish", ""],
      )}
Ids, definitions, steps and inputs come from the server that the line means; where none answers at once, they are left out.
`,
    )
    .action(async (shell: string | undefined) => {
      ends((await import("../completion/scripts.js")).completion(shell, context));
    });
}
