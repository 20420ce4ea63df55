/** The one door for commands: each goes straight to the authority, or to the runner where the server itself has something to do first. */
import type { Runner } from "./runner/runner.js";
import type { Outcome } from "./state/rules/outcome.js";
import type { Submission } from "./state/rules/submission.js";
import type { Workflows } from "./state/workflows.js";

export class Commands {
  readonly #workflows: Workflows;
  readonly #runner: Runner;

  constructor(workflows: Workflows, runner: Runner) {
    this.#workflows = workflows;
    this.#runner = runner;
  }

  /** Resolves once the command's effect is durable and announced; rejects with SyncError where it was refused. */
  take(submission: Submission): Promise<Outcome> {
    const { command } = submission;
    switch (command.kind) {
      case "start":
        return this.#runner.start({ ...submission, command });
      case "retry":
        return this.#runner.retry({ ...submission, command });
      case "resume":
        return this.#runner.resume({ ...submission, command });
      case "answer":
        return this.#runner.answer({ ...submission, command });
      case "stop":
        return this.#runner.stop({ ...submission, command });
      case "save":
      case "step":
      case "clear":
      case "restore":
      case "claim":
      case "release":
        return this.#workflows.submit(submission);
    }
  }
}
