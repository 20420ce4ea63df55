/** A step's command and its keeper: whether it has one, its folder before the attempt begins, and what an earlier server left of it. */
import type { Clock } from "../../../shared/clock.js";
import type { Step } from "../../../shared/schema/workflow.js";
import { errorCode } from "../../machine/systemErrors.js";
import { definedAt } from "../definition/definedSteps.js";
import type { DefinedStep, WorkflowDefinition } from "../definition/definition.js";
import { stopManner } from "../definition/stopManner.js";
import type { KeeperFolder } from "../keeper/keeperFolder.js";
import type { KeptJob } from "../keeper/keptJob.js";
import type { TakenUp } from "../kept/keepers.js";
import type { Reporter } from "../report/reporter.js";
import type { CommandParts } from "./commandRun.js";
import { HeldCommand } from "./heldCommand.js";
import { hashOfSecrets, secretsInProcess } from "./keeping/olderSecrets.js";
import { RUN_VARIABLE, type RunValues } from "./runValues.js";

export interface StepKeepingParts {
  readonly definition: WorkflowDefinition;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly values: RunValues;
  readonly commands: Pick<CommandParts, "keepers">;
}

export class StepKeeping {
  readonly #parts: StepKeepingParts;
  readonly #index: number;
  readonly #defined: DefinedStep;
  /** The command that an earlier server left, until it is gone on with. */
  readonly left: TakenUp | null;
  #taken: TakenUp | null = null;
  #folder: KeeperFolder | null = null;
  #problem: string | null = null;
  #isHidden = false;

  constructor(parts: StepKeepingParts, index: number) {
    this.#parts = parts;
    this.#index = index;
    this.#defined = definedAt(parts.definition, index);
    const { keepers } = parts.commands;
    const epoch = parts.reporter.epoch;
    this.left = (epoch !== undefined && keepers?.takenUp({ epoch, index })) || null;
  }

  /** The attempt at work is one that an earlier server began. */
  get isTaken(): boolean {
    return this.#taken !== null;
  }

  /** Why the attempt's command cannot be started. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Before the attempt begins: its command is there already, or its folder is. */
  prepare(attempt: number, tried: number): void {
    this.#taken = null;
    this.#folder = null;
    this.#problem = null;
    const { keepers } = this.#parts.commands;
    const { on } = this.#defined;
    const { epoch } = this.#parts.reporter;
    // It never runs on this machine instead.
    if (on && (!keepers || epoch === undefined)) this.#problem = NEEDS_SERVER;
    const endsWithNode = this.#parts.definition.onNodeLoss === "resume";
    if (endsWithNode && keepers?.mayBeGuarded === false && this.#defined.argv)
      this.#problem = NOT_GUARDED;
    if (!keepers || !this.#isKept) return;
    const { left } = this;
    if (left?.folder.job.attempt === attempt && left.keeper !== null) {
      this.#taken = left;
      this.#folder = left.folder;
      return;
    }
    if (epoch === undefined) return;
    const far = on ? this.#parts.values.farConnection(on) : { connection: null };
    if ("problem" in far) {
      this.#problem = far.problem;
      return;
    }
    try {
      this.#folder = keepers.prepare(
        this.#job(epoch, attempt, tried, far.connection),
        endsWithNode,
      );
    } catch (error) {
      this.#problem = `the folder of its keeper could not be written (${errorCode(error) ?? String(error)})`;
    }
  }

  /** Before anything that the attempt printed is read: a secret that only the server has may be another one by now. */
  async learnSecrets(): Promise<void> {
    const { values, definition } = this.#parts;
    const taken = this.#taken;
    this.#isHidden = false;
    if (!taken) return;
    const { job } = taken.folder;
    const run = values.runOf({ index: this.#index, attempt: job.attempt });
    if (job.secrets === hashOfSecrets(values.serverSecrets, run)) return;
    const isHere = taken.standing === "at work" && job.far === null;
    const process = isHere ? await taken.keeper?.begun : null;
    const older = process ? secretsInProcess(process.pid, values.serverSecrets, definition) : null;
    if (older === null) this.#isHidden = true;
    else values.hideToo(older);
  }

  /** The attempt's command; undefined where it ends with this process. */
  held(known: Step): HeldCommand | undefined {
    const { clock, reporter, commands } = this.#parts;
    const taken = this.#taken;
    const folder = this.#folder;
    if (!folder || !commands.keepers) return undefined;
    const { index, attempt } = folder.job;
    const keeper = taken?.keeper;
    return new HeldCommand({
      ...{ keepers: commands.keepers, folder, clock, known, isHidden: this.#isHidden },
      taken: keeper
        ? { ...taken, keeper, past: reporter.past?.(index, attempt) ?? nothing() }
        : null,
    });
  }

  #job(
    epoch: string,
    attempt: number,
    tried: number,
    far: KeptJob["far"],
  ): Omit<KeptJob, "version" | "stay"> {
    const { reporter, values } = this.#parts;
    const { stopSignal, stopTimeoutMs, leaves, timeoutMs } = this.#defined;
    const run = values.runOf({ index: this.#index, attempt });
    return {
      ...{ epoch, attempt, tried, index: this.#index },
      workflow_id: reporter.workflow_id,
      mark: `${RUN_VARIABLE}=${run}`,
      stop: stopManner({ stopSignal, stopTimeoutMs }),
      leaves: leaves === true,
      timeoutMs: timeoutMs ?? null,
      far,
      secrets: hashOfSecrets(values.serverSecrets, run),
    };
  }

  get #isKept(): boolean {
    const { argv, handler, tty, survives, on } = this.#defined;
    if (on) return true;
    const works = this.#parts.commands.keepers?.works === true;
    return works && argv !== undefined && !handler && tty !== true && survives !== false;
  }
}

const NEEDS_SERVER = "a command on another machine needs a server (instep serve)";

/** Beside `on_node_loss: resume`, where nothing can end a command with its node. */
export const NOT_GUARDED =
  "on_node_loss: resume needs a Linux with /proc on each node: nothing on this one could end the command when the node is lost";

async function* nothing(): AsyncGenerator<never> {}
