/** The REST door's answers, as types: what PROTOCOL.md section 2 promises. */
import type { ErrorCode, FieldError } from "../errors.js";
import type { Fields, FieldValues } from "../fields/fields.js";
import type { WorkflowState } from "../schema/workflow.js";
import type { Progress, Summary } from "../state/summary.js";
import type { OnRestart, StepWhen, WhenBusy, WorkflowStatus } from "../statuses.js";
import type { LogTimes } from "./logTimes.js";

export const TOKEN_HEADER = "Instep-Token";
/** The ETag of "nothing there", so that a poller can wait for something. */
export const NOTHING_TAG = '"none"';
export const DAMAGED_TAG = '"damaged"';

export const entityTag = (epoch: string, revision: number): string => `"${epoch}.${revision}"`;

/** Headers of an answer with output: which attempt it is, at which offset it begins, and where to go on. */
export const LOG_HEADERS = {
  attempt: "Instep-Log-Attempt",
  from: "Instep-Log-From",
  next: "Instep-Log-Next",
  /** "no" where bytes of the attempt are not kept any more. */
  whole: "Instep-Log-Whole",
} as const;

export type StateAnswer =
  | { success: true; active: false; state: null; damaged?: DamagedWorkflow }
  | { success: true; active: boolean; state: WorkflowState; epoch: string; revision: number };

/** A workflow whose record cannot be read. Its file is there still. */
export interface DamagedWorkflow {
  /** The id; or the name of the file, where nothing says the id any more. */
  workflow_id: string;
  file: string;
  why: string;
  /** When that was found. */
  at: string;
  in_history: boolean;
  /** The version before it, where one was kept: `POST /workflow/restore` brings it back. */
  backup: { saved_at: string; status: WorkflowStatus } | null;
}

export interface SavedAnswer {
  success: true;
  message: "Workflow state saved";
  workflow_id: string;
  epoch: string;
  revision: number;
}

export interface ClearedAnswer {
  success: true;
  message: "Workflow state cleared";
}

export interface SummaryAnswer {
  success: true;
  summary: Progress;
}

export interface ListAnswer {
  success: true;
  workflows: readonly Summary[];
  /** On the first page, where there are any. */
  damaged?: readonly DamagedWorkflow[];
  /** Where it was asked for: how many fit in each status, whatever statuses were asked for. */
  counts?: Readonly<Record<string, number>>;
  next: string | null;
}

export interface DefinedStepView {
  action: string;
  title?: string;
  /** False: left out unless it is switched on at the start. */
  enabled: boolean;
  idempotent: boolean;
  /** It will ask somebody. */
  asks: boolean;
  /** The branches of a parallel step, which run at the same time. */
  parallel?: readonly DefinedStepView[];
  /** So many of them at once; all where missing. */
  max?: number;
}

/** A definition as those who start it see it. */
export interface DefinitionView {
  name: string;
  title?: string;
  description?: string;
  /** The file it comes from; missing where it was given in code. */
  file?: string;
  /** It came with the package; the operator's own stand before it, and win its name. */
  example?: boolean;
  on_restart: OnRestart;
  /** How many of its group run at once, and what one does that comes too early; missing for any number. */
  concurrency?: { group: string; limit: number; when_busy: WhenBusy };
  inputs: Fields;
  steps: readonly DefinedStepView[];
  /** The one started last of its workflows that have ended; null where there is none. Missing where no server was asked. */
  last?: PastRun | null;
  /** How long one usually takes: the median of the last five that were completed, retries not counted; null where there is none. */
  usual_ms?: number | null;
}

/** A step as a start would run it. */
export interface PlannedStep {
  /** From 1: `3`, and `3.2` for a branch. */
  number: string;
  action: string;
  title?: string;
  /** False: it is switched off. */
  runs: boolean;
  when: StepWhen;
  /** The question that somebody is asked before it, and the names of its fields. */
  asks?: { prompt: string; fields: readonly string[]; deadline_ms?: number; conditional: boolean };
  timeout_ms?: number;
  retries: number;
  continue_on_error: boolean;
  idempotent: boolean;
  /** The names of the variables that its command finds. Outputs of earlier steps come to them. */
  variables: readonly string[];
  /** The branches of a parallel step. */
  steps?: readonly PlannedStep[];
  max?: number;
  /** Only where it comes from a file at hand: a server shows its commands to nobody. */
  command?: readonly string[];
}

/** The plan of a start. */
export interface StartPlan {
  name: string;
  title?: string;
  /** As they would be used, with defaults; secrets are `***`. */
  inputs: FieldValues;
  /** Sentences about the options of a connection that would be left out. */
  notes: readonly string[];
  timeout_ms?: number;
  /** The group it would run in, as its inputs make it. */
  concurrency?: { group: string; limit: number; when_busy: WhenBusy };
  steps: readonly PlannedStep[];
}

export interface PlanAnswer {
  success: true;
  message: "Nothing was started";
  plan: StartPlan;
}

/** A workflow that has ended, as its definition remembers it. */
export interface PastRun {
  workflow_id: string;
  status: WorkflowStatus;
  ended_at: string;
}

/** A definition that cannot be used, and why. Lines and columns count from 1. */
export interface DefinitionProblem {
  file: string;
  line: number | null;
  column: number | null;
  /** Its path, with indices from 0: `steps.0.run`. */
  field: string | null;
  /** The same for people, who count from 1: `step 1 (copy): run`; missing where `field` says it. */
  where?: string;
  message: string;
}

/** Parts of a command line, quoted for a shell. */
export interface CommandLine {
  /** How this server's command is called where it runs: `npx instep`. */
  program: string;
  /** The file of an example, as it is typed there; missing where there is none. */
  example?: string;
  /** The folder in which both hold; null where they hold in any. */
  folder: string | null;
}

export interface DefinitionsAnswer {
  success: true;
  /** For those who may drive, where the server was started from a command line. */
  command_line?: CommandLine;
  definitions: readonly DefinitionView[];
  problems: readonly DefinitionProblem[];
}

/** A link that shows one workflow, as those who may drive see it: not its token. */
export interface ShareView {
  /** By which people name the link: it opens nothing. */
  number: string;
  workflow_id: string;
  /** The life of the workflow that it shows. */
  epoch: string;
  /** RFC 3339. */
  ends_at: string;
  made_at: string;
  /** The user who made it, where the server knew the name. */
  by?: string;
}

export interface ShareMadeAnswer {
  success: true;
  message: "Link made";
  share: ShareView;
  /** Shown this once. */
  token: string;
  /** The page of the workflow with the token in it, below the mount. */
  path: string;
}

/** How a request came in, for `GET /workflow/request`. */
export interface RequestAnswer {
  success: true;
  /** The address that the server is called from: the nearest proxy's where there is one. Null where it is not known. */
  peer: string | null;
  /** Whether what that one says of the client counts. */
  trusted: boolean;
  /** The client's address, by which wrong tokens and pace are counted. */
  client: string | null;
  /** The header `Host`. */
  host: string | null;
  /** The `X-Forwarded-*` that came, by their last words, as they came; and `Forwarded`. */
  forwarded: Partial<Record<"for" | "host" | "prefix" | "proto" | "forwarded", string>>;
}

export interface SharesAnswer {
  success: true;
  /** Those that have not ended, the newest first. */
  shares: readonly ShareView[];
}

/** The link that was taken back. */
export interface ShareAnswer {
  success: true;
  message: "Link taken back";
  share: ShareView;
}

export interface LogAppendedAnswer {
  success: true;
  message: "Output kept";
  workflow_id: string;
  step: number;
  attempt: number;
  /** The offsets where it begins and ends. */
  from: number;
  next: number;
}

export interface LogTimesAnswer {
  success: true;
  workflow_id: string;
  step: number;
  attempt: number;
  from: number;
  /** How far this answer tells: less than was asked for where that would be too long. */
  next: number;
  times: LogTimes;
}

/** RFC 9457, with the seed's `success` and `message` inside. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  success: false;
  message: string;
  code: ErrorCode;
  retry: boolean;
  errors: readonly FieldError[];
  epoch?: string | null;
  revision?: number | null;
  /** For `offset_moved`. */
  next?: number;
}
