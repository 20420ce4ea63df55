/** Every verb of the command line, in the order in which the help lists them. */
import type { Command } from "commander";
import { addAnswer } from "./answer.js";
import type { Call } from "./call.js";
import { addCancel } from "./cancel.js";
import { addCheck, addDoctor } from "./check.js";
import { addClear } from "./clear.js";
import { addCompletion } from "./completion.js";
import { addConfig } from "./config.js";
import { addDefinitions } from "./definitions.js";
import { addList } from "./list.js";
import { addDeliveries, addLogs } from "./logs.js";
import { addBackup, addMigrate, addRestore } from "./migrate.js";
import { addNew } from "./new.js";
import { addOpen, addShare } from "./open.js";
import { addResume } from "./resume.js";
import { addRetry } from "./retry.js";
import { addRun } from "./run.js";
import { addSchema } from "./schema.js";
import { addServe } from "./serve.js";
import { addStart } from "./start.js";
import { addWatch } from "./watch.js";

const VERBS = [
  addServe,
  addRun,
  addNew,
  addCheck,
  addSchema,
  addDefinitions,
  addStart,
  addCancel,
  addResume,
  addRetry,
  addAnswer,
  addList,
  addWatch,
  addLogs,
  addDeliveries,
  addOpen,
  addShare,
  addClear,
  addBackup,
  addRestore,
  addMigrate,
  addConfig,
  addDoctor,
  addCompletion,
];

export function addVerbs(program: Command, call: Call): void {
  for (const add of VERBS) add(program, call);
}
