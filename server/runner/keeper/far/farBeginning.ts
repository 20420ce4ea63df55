/** Brings a command into the hands of a keeper on another machine, once, or finds out whether an earlier process did. */
import type { KeeperPrograms } from "../local/keeperPrograms.js";
import { farProgramsIn } from "./farPrograms.js";
import type { ErrandOptions } from "./link/errand.js";
import type { FarHost } from "./link/farHost.js";

export type Beginning =
  | { readonly is: "there" }
  /** Nothing of it ever ran, and nothing will. */
  | { readonly is: "never"; readonly why: string }
  /** Nobody here looks after it any more. */
  | { readonly is: "left" };

export interface FarBeginningParts {
  readonly id: string;
  readonly machine: string;
  readonly host: FarHost;
  /** Aborted once nobody here looks after it any more. */
  readonly left: AbortSignal;
}

export const UNBORN = "its keeper was ended before it began";
const UNWANTED = "it was not wanted any more";

export class FarBeginning {
  readonly #parts: FarBeginningParts;
  /** Aborted where a start that was not sent yet is not wanted any more. */
  readonly #unwanted = new AbortController();
  #mayBeThere = false;
  #notice: string | null = null;
  #whyUnwanted = UNWANTED;

  constructor(parts: FarBeginningParts) {
    this.#parts = parts;
  }

  /** Something of it may be on the other machine. */
  get mayBeThere(): boolean {
    return this.#mayBeThere;
  }

  /** As KeptProcess.notice. */
  get notice(): string | null {
    return this.#notice;
  }

  async start(code: (programs: KeeperPrograms) => string): Promise<Beginning> {
    const programs = await this.#programs();
    if ("is" in programs) return programs;
    const { id, left } = this.#parts;
    const isSent = () => this.#mayBeThere;
    const options: ErrandOptions = {
      // Once it was sent it may be there, whatever becomes of the link.
      get endsWhenRefused() {
        return !isSent();
      },
      signal: left,
    };
    return this.#claim(() => {
      const { aborted } = this.#unwanted.signal;
      if (aborted && !this.#mayBeThere) return null;
      this.#mayBeThere = true;
      return aborted ? `find ${id}` : code(programs);
    }, options);
  }

  /** Where its folder is not there it never will be: a shell that may still have been told to begin it is ended by the next one. */
  async takeUp(): Promise<Beginning> {
    const { id, left } = this.#parts;
    this.#mayBeThere = true;
    return this.#claim(() => `find ${id}`, { signal: left });
  }

  /** A start that was not sent yet is not wanted any more. */
  unwant(): void {
    this.#whyUnwanted = this.#parts.host.whyLost ?? UNWANTED;
    this.#unwanted.abort();
    this.#parts.host.wake();
  }

  /** Whether its keeper is gone and has begun nothing. It never will have, then. */
  async isUnborn(): Promise<boolean> {
    const { id, host, left } = this.#parts;
    let answer: string | undefined;
    const hear = ({ words }: { readonly words: readonly string[] }) => {
      answer = words[1];
    };
    await host.run({ code: () => `unborn ${id}`, hear }, { signal: left });
    return answer === "never";
  }

  async #programs(): Promise<KeeperPrograms | Beginning> {
    const { id, host, left, machine } = this.#parts;
    let text = "";
    const how = await host.run(
      {
        code: () => `programs ${id}`,
        hear: ({ kind, bytes }) => {
          if (kind === "T") text = bytes.toString("utf8");
        },
      },
      { endsWhenRefused: true, signal: AbortSignal.any([left, this.#unwanted.signal]) },
    );
    if (left.aborted) return { is: "left" };
    if (how !== "done") return never(how === "withdrawn" ? this.#whyUnwanted : how.why);
    const { missing, keeper, endsWithLogin } = farProgramsIn(text);
    this.#notice = endsWithLogin ? whyEnded(machine) : null;
    if (missing === "" && keeper !== null) return keeper;
    const named = missing || "a program";
    return never(`${machine} lacks what a command needs to be kept there: ${named}`);
  }

  async #claim(code: () => string | null, options: ErrandOptions): Promise<Beginning> {
    const { host, left, machine } = this.#parts;
    let answer: string | undefined;
    let detail = "";
    const how = await host.run(
      {
        code,
        hear: ({ kind, words }) => {
          if (kind === "S") [, answer, detail = ""] = words;
        },
      },
      options,
    );
    if (left.aborted) return { is: "left" };
    if (how === "withdrawn") return never(this.#whyUnwanted);
    if (how !== "done") return never(how.why);
    if (answer === "there" || answer === "started") return { is: "there" };
    if (answer === "never") return never(UNBORN);
    if (answer === "nofolder") return never(`there is no folder ${detail} on ${machine}`);
    return never(`no folder for it can be made on ${machine}`);
  }
}

const never = (why: string): Beginning => ({ is: "never", why });

const whyEnded = (machine: string): string =>
  `${machine} ends what a user runs when its last login ends (KillUserProcesses=yes); \`loginctl enable-linger\` there lets it go on`;
