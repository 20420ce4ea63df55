/** An answer that stays open: what a step has printed, then what it prints, until its attempt or its workflow is over. */
import type { Request, Response } from "express";
import { isOver } from "../../output/attempts.js";
import type { OutputName, OutputStore } from "../../output/outputStore.js";
import type { Workflows } from "../../state/workflows.js";
import type { HeldAnswers } from "./heldAnswers.js";
import type { OutputStream } from "./outputStream.js";

export interface FollowedOutputParts {
  readonly workflows: Workflows;
  readonly outputs: OutputStore;
  readonly held: HeldAnswers;
}

export class FollowedOutput {
  readonly #parts: FollowedOutputParts;

  constructor(parts: FollowedOutputParts) {
    this.#parts = parts;
  }

  /** Ends the answer at the output's end; cuts it short where the server ends first, so that nobody takes it for all. */
  async send(
    request: Request,
    response: Response,
    output: OutputName,
    stream: OutputStream,
  ): Promise<void> {
    await this.#parts.held.whileHeld(response, async () => {
      // nginx buffers an answer before it passes it on, unless this header says no: a followed output would come late or never.
      response.setHeader("X-Accel-Buffering", "no");
      response.flushHeaders();
      if (request.method === "GET") await this.#sendAll(stream, output);
      response.end();
    });
  }

  async #sendAll(stream: OutputStream, output: OutputName): Promise<void> {
    const { workflows, outputs, held } = this.#parts;
    while (!stream.closed.aborted && !held.closing.aborted) {
      const record = workflows.find(output.workflow_id)?.record;
      if (record?.epoch !== output.epoch) return;
      // Asked before the end is read: bytes that come in between are sent in the next round.
      const over = isOver(outputs, record, output.step, output.attempt);
      const end = outputs.next(output);
      if (stream.at < end) await stream.sendUpTo(end);
      else if (over) return;
      else await held.nextOutput(output.workflow_id, stream.closed);
    }
  }
}
