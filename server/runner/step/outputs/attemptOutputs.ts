/** Gathers the outputs of one attempt, from what it prints, writes and returns: within its bounds, and each thing left out is said. */
import { OUTPUT_MARKER, parseMarker } from "../../../../shared/markers.js";
import {
  givenOutputs,
  MOST_OUTPUTS,
  outputVariable,
  type StepOutputs,
  variablePart,
  whyNoOutputName,
  whyNoOutputValue,
} from "../../../../shared/state/stepOutputs.js";
import type { WrittenListener } from "./outputFileText.js";
import { createOutputLines, type OutputLines } from "./outputLines.js";

/** The most that the outputs of all steps of a workflow may be, as they stand in the state. */
export const MOST_WORKFLOW_OUTPUT_BYTES = 256 * 1024;
/** The others are counted. */
const MOST_COMPLAINTS = 5;

export interface AttemptOutputsParts {
  readonly action: string;
  /** The outputs of the other steps, by the variable. */
  readonly others: ReadonlyMap<string, { readonly action: string; readonly name: string }>;
  /** Bytes that the others leave. */
  readonly room: number;
  /** There are new ones. */
  changed(): void;
  /** Something was left out: a whole sentence. */
  complain(sentence: string): void;
}

export class AttemptOutputs {
  readonly #parts: AttemptOutputsParts;
  readonly #values = new Map<string, string>();
  #bytes = 0;
  #complaints = 0;
  #isTold = false;

  constructor(parts: AttemptOutputsParts) {
    this.#parts = parts;
  }

  get values(): StepOutputs {
    return Object.fromEntries(this.#values);
  }

  /** For one stream of a command, before secrets are taken out of it. `found` hears of each line first. */
  lines(found: (line: string) => void = () => {}): OutputLines {
    return createOutputLines((line) => {
      found(line);
      this.#printed(line);
    });
  }

  /** For what stands in the file. */
  written(): WrittenListener {
    return {
      output: (name, value) => this.#add(name, value),
      problem: (what) => this.#complain(`$INSTEP_OUTPUT, ${what}.`),
    };
  }

  /** Takes the `outputs` out of the value that a function gave back. */
  returned(data: unknown): void {
    for (const [name, value] of givenOutputs(data)) this.#add(name, value);
  }

  /** Nothing comes any more. */
  end(): void {
    const untold = this.#complaints - MOST_COMPLAINTS;
    if (untold <= 0 || this.#isTold) return;
    this.#isTold = true;
    this.#parts.complain(`${untold} more like this.`);
  }

  #printed(line: string): void {
    const marker = parseMarker(line);
    if (marker?.kind === "output") return this.#add(marker.name, marker.value);
    const name = /^ *([A-Za-z_][A-Za-z0-9_]{0,63})=/.exec(line.slice(OUTPUT_MARKER.length))?.[1];
    this.#complain(
      name === undefined
        ? "A line that begins with ::output is no ::output name=value: it was left out."
        : `The output ${name} is too long for a line: write it to $INSTEP_OUTPUT. It was left out.`,
    );
  }

  #complain(sentence: string): void {
    this.#complaints += 1;
    if (this.#complaints <= MOST_COMPLAINTS) this.#parts.complain(sentence);
  }

  #add(name: string, value: string): void {
    const why = whyNoOutputName(name) ?? whyNoOutputValue(value) ?? this.#whyNoRoom(name, value);
    if (why !== null) return this.#complain(`The output ${name} ${why}: it was left out.`);
    const before = this.#values.get(name);
    this.#bytes += sizeOf(name, value) - (before === undefined ? 0 : sizeOf(name, before));
    this.#values.set(name, value);
    if (before === undefined) this.#sayWhereTaken(name);
    this.#parts.changed();
  }

  /** Null where there is room for it. */
  #whyNoRoom(name: string, value: string): string | null {
    const before = this.#values.get(name);
    if (before === undefined && this.#values.size === MOST_OUTPUTS)
      return `is one too many: a step hands on ${MOST_OUTPUTS}`;
    const bytes =
      this.#bytes + sizeOf(name, value) - (before === undefined ? 0 : sizeOf(name, before));
    if (bytes > this.#parts.room)
      return `has no room: all outputs of a workflow are at most ${MOST_WORKFLOW_OUTPUT_BYTES} bytes`;
    return null;
  }

  #sayWhereTaken(name: string): void {
    const { action, others } = this.#parts;
    const variable = outputVariable(action, name);
    const own = [...this.#values.keys()].find(
      (one) => one !== name && variablePart(one) === variablePart(name),
    );
    const other = others.get(variable);
    if (own === undefined && other === undefined) return;
    const whose = own === undefined ? `"${other!.name}" of "${other!.action}"` : `"${own}"`;
    this.#complain(
      `The outputs "${name}" and ${whose} are both ${variable}: later steps find the one that came last.`,
    );
  }
}

/** In the state. */
export const sizeOf = (name: string, value: string): number =>
  Buffer.byteLength(JSON.stringify(name)) + Buffer.byteLength(JSON.stringify(value)) + 2;
