/** Answers to questions of the server's own workflows: what is secret in them is kept where only the runner may see it. */
import { secretNames } from "../../shared/fields/fields.js";
import { CURRENT } from "../../shared/names.js";
import { readFields } from "../fields/fieldSchema.js";
import { checkGiven } from "../fields/givenValues.js";
import type { Outcome } from "../state/rules/outcome.js";
import type { SubmissionOf } from "../state/rules/submission.js";
import type { CrewsOptions } from "./crewsOptions.js";
import { OneByOne } from "./kept/oneByOne.js";

export class Answers {
  readonly #options: Pick<CrewsOptions, "workflows" | "runFiles">;
  /** Those with secrets in them, one after the other for each workflow. */
  readonly #answering = new OneByOne();

  constructor(options: Pick<CrewsOptions, "workflows" | "runFiles">) {
    this.#options = options;
  }

  /** Secrets in the answer are kept for the step that asked, where only we may see them. */
  async take(submission: SubmissionOf<"answer">): Promise<Outcome> {
    const { workflows } = this.#options;
    const repeated = workflows.findRepeated(submission);
    if (repeated) return repeated;
    const { record } = workflows.find(submission.command.workflow_id ?? CURRENT) ?? {};
    const fields = readFields(record?.state.block_info?.fields ?? {}) ?? {};
    const secret = secretNames(fields);
    if (secret.length === 0 || record?.run === undefined) return workflows.submit(submission);
    const { workflow_id } = record;
    return this.#answering.run(workflow_id, () =>
      this.#takeSecretly(submission, workflow_id, secret),
    );
  }

  /** The secrets are kept before the answer is taken: an answer that is taken is never half there. */
  async #takeSecretly(
    submission: SubmissionOf<"answer">,
    workflow_id: string,
    secret: readonly string[],
  ): Promise<Outcome> {
    const { workflows, runFiles } = this.#options;
    const { record } = workflows.find(workflow_id) ?? {};
    const { block_info: asked } = record?.state ?? {};
    const { answer, question } = submission.command;
    const data = record?.run === undefined ? undefined : runFiles.get(record.run);
    const isAsked = asked?.id !== undefined && (question === undefined || question === asked.id);
    const checked = checkGiven(readFields(asked?.fields ?? {}) ?? {}, answer);
    if (record?.run !== undefined && data && isAsked && checked.ok) {
      const told = Object.entries(checked.values).filter(([name]) => secret.includes(name));
      await runFiles.update(record.run, (known) => ({
        ...known,
        secret_answers: { ...known.secret_answers, [asked.id!]: Object.fromEntries(told) },
      }));
    }
    return workflows.submit(submission);
  }
}
