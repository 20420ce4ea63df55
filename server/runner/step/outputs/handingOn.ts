/** Hands on the outputs of an attempt, from what its commands print and write until they are kept: in the state, and the secret ones beside it. */
import { isRecord } from "../../../../shared/json/patch.js";
import { outputVariable, type StepOutputs } from "../../../../shared/state/stepOutputs.js";
import type { SecretOutputs } from "../../kept/secretOutputs.js";
import type { PlacedOutput } from "../../report/placedOutput.js";
import type { Redaction } from "../../secrets/redaction.js";
import { AttemptOutputs, MOST_WORKFLOW_OUTPUT_BYTES, sizeOf } from "./attemptOutputs.js";
import { type OutputFiles, readHanded } from "./outputFiles.js";

export interface HandingOnParts {
  readonly action: string;
  /** INSTEP_RUN of the attempt. */
  readonly run: string;
  readonly values: {
    /** The outputs of all other steps. */
    otherOutputs(action: string): readonly OtherOutput[];
    redaction(): Redaction;
  };
  readonly files: OutputFiles;
  readonly secrets: SecretOutputs;
  readonly updates: {
    outputs(outputs: () => StepOutputs): void;
    note(text: string): void;
  };
  readonly output: Pick<PlacedOutput, "say">;
}

/** A value that another step hands on. */
export interface OtherOutput {
  readonly action: string;
  readonly name: string;
  readonly value: string;
}

/** Where a command in its keeper's hands hands something on: it is still there for a later server. */
export interface KeptHanding {
  /** For INSTEP_OUTPUT. */
  readonly handedFile: string;
  /** A line that hands something on. */
  keepLine(line: string): void;
  /** All of those, as they were printed. */
  lines(): Buffer;
}

/** One of its commands, from before it begins to after its end. */
export interface HandingCommand {
  /** For INSTEP_OUTPUT. */
  readonly file: string;
  /** Bytes of its output, before secrets are taken out of them. */
  printed(bytes: Buffer): void;
  /** So many of them wait for the rest of their line. */
  readonly waiting: number;
  /** Nobody writes any more: what it wrote is read, and the file is gone. */
  end(): Promise<void>;
}

/** No beginning of a marker. */
const IN_LINE = Buffer.from(".");

export class HandingOn {
  readonly #parts: HandingOnParts;
  readonly #outputs: AttemptOutputs;
  #commands = 0;

  /** `known` is what this very attempt handed on before the server's end. */
  constructor(parts: HandingOnParts, known: StepOutputs = {}) {
    const { action, values, updates, output } = parts;
    this.#parts = parts;
    const others = values.otherOutputs(action);
    const taken = others.map(({ action, name }) => [
      outputVariable(action, name),
      { action, name },
    ]);
    this.#outputs = new AttemptOutputs({
      action,
      others: new Map(taken as [string, { action: string; name: string }][]),
      room: others.reduce(
        (room, { name, value }) => room - sizeOf(name, value),
        MOST_WORKFLOW_OUTPUT_BYTES,
      ),
      // A step may be marked as done after a crash: a masked value must not be handed on then as if it were the value.
      changed: () => updates.outputs(() => this.#split().open),
      complain: (sentence) => {
        const masked = values.redaction().text(sentence);
        updates.note(masked);
        output.say(masked);
      },
    });
    this.#outputs.returned({ outputs: known });
  }

  async command(): Promise<HandingCommand> {
    const { files, run } = this.#parts;
    this.#commands += 1;
    const name = `${run}.${this.#commands}`;
    const lines = this.#outputs.lines();
    return {
      file: await files.create(name),
      printed: (bytes) => lines.add(bytes),
      get waiting() {
        return lines.waiting;
      },
      end: async () => {
        lines.end();
        await files.take(name, this.#outputs.written());
      },
    };
  }

  /** The same of one that outlives this process. `isInLine`: its output goes on in the middle of a line. */
  kept(place: KeptHanding, isInLine: boolean): HandingCommand {
    const outputs = this.#outputs;
    outputs.lines().add(place.lines());
    const lines = outputs.lines((line) => place.keepLine(line));
    if (isInLine) lines.add(IN_LINE);
    return {
      file: place.handedFile,
      printed: (bytes) => lines.add(bytes),
      get waiting() {
        return lines.waiting;
      },
      end: async () => {
        lines.end();
        await readHanded(place.handedFile, outputs.written());
      },
    };
  }

  /** The attempt's end with what it hands on in its data. What is secret is durable by then. Rejects where the run is over. */
  async end<End extends { readonly data?: unknown }>(end: End): Promise<End> {
    const { secrets, action } = this.#parts;
    this.#outputs.returned(end.data);
    this.#outputs.end();
    await secrets.keep(action, this.#split().secret);
    return { ...end, data: withOutputs(end.data, this.#outputs.values) };
  }

  #split(): { open: StepOutputs; secret: StepOutputs } {
    const { text } = this.#parts.values.redaction();
    const isSecret = ([, value]: [string, string]) => text(value) !== value;
    const all = Object.entries(this.#outputs.values);
    return {
      open: Object.fromEntries(all.filter((one) => !isSecret(one))),
      secret: Object.fromEntries(all.filter(isSecret)),
    };
  }
}

/** Beside what a handler gave back, whatever that is; what was refused of it is gone. */
function withOutputs(data: unknown, outputs: StepOutputs): unknown {
  const given = isRecord(data) ? data.outputs : undefined;
  const isTold = Object.keys(outputs).length > 0;
  if (!isRecord(data)) {
    if (!isTold) return data;
    return data === undefined || data === null ? { outputs } : { result: data, outputs };
  }
  if (!isRecord(given)) return isTold ? { ...data, outputs } : data;
  const rest = Object.entries(given).filter(([, value]) => typeof value === "object");
  return { ...data, outputs: { ...Object.fromEntries(rest), ...outputs } };
}
