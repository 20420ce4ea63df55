/** The ways out when a server cannot start, as command lines that work where they are read. */
import { existsSync } from "node:fs";
import type { ServeSettings } from "../../settings/config.js";
import { addressAt } from "../../settings/defaultServer.js";
import { type Flags, flagOf } from "../../settings/resolveSettings.js";
import { SETTINGS, type Setting } from "../../settings/settings.js";
import { serverToName } from "../connecting/nameToOthers.js";
import type { CliContext } from "../process/context.js";
import { commandLine, fileAsTyped } from "./calledAs.js";

export interface WaysOut {
  /** Ways out of a data folder that another server has. */
  readonly locked: () => readonly string[];
  /** Ways out of a port that another program has. */
  readonly portTaken: () => readonly string[];
}

/** For `instep serve`, called with these flags. */
export function waysOutOfServe(
  flags: Flags,
  { dataDir, host, port, basePath }: Pick<ServeSettings, "dataDir" | "host" | "port" | "basePath">,
  context: CliContext,
): WaysOut {
  const url = addressAt(host, port, basePath);
  const server = serverToName(url, context);
  const again = (other: Flags) =>
    commandLine(context, "serve", ...flagWords({ ...flags, ...other }));
  return {
    locked: () => [
      // It was probably started in the same way; on a free port nobody knows where it is.
      ...(port === 0
        ? []
        : [
            `To see what it runs: ${commandLine(context, "list", ...(server === null ? [] : ["--server", server]))}`,
          ]),
      `A second server, with a folder of its own: ${again({ dataDir: freshFolder(dataDir, context), port: "0" })}`,
    ],
    portTaken: () => [`On a free port: ${again({ port: "0" })}`],
  };
}

interface RunCall {
  /** As it was given. */
  readonly file: string;
  /** They are not said again: one of them may be a secret. */
  readonly hasInputs: boolean;
  readonly dataDir: string;
  /** Where a server that has the folder probably is. */
  readonly server: string;
  readonly context: CliContext;
}

/** For `instep run` without a server. */
export function waysOutOfRun(call: RunCall): WaysOut {
  const { file, hasInputs, dataDir, server, context } = call;
  const again = (...words: string[]) => commandLine(context, "run", file, ...words);
  const same = hasInputs ? ", with the same inputs" : "";
  return {
    locked: () => [
      `To show it there${same}: ${again("--server", server)}`,
      `With a folder of its own${same}: ${again("--data-dir", freshFolder(dataDir, context))}`,
    ],
    portTaken: () => [`On a free port${same}: ${again()}`],
  };
}

interface TakeUpCall {
  readonly id: string;
  /** Where a server that has the folder probably is. */
  readonly server: string;
  readonly context: CliContext;
}

/** For `instep run --take-up`. */
export const waysOutOfTakeUp = ({ id, server, context }: TakeUpCall): WaysOut => ({
  locked: () => [
    `It is driven there. To follow it: ${commandLine(context, "watch", id, "--server", server)}`,
  ],
  portTaken: () => [`On a free port: ${commandLine(context, "run", "--take-up", id)}`],
});

/** A folder beside it that is not there yet, as it is typed. */
function freshFolder(dataDir: string, context: Pick<CliContext, "env" | "cwd">): string {
  for (let number = 2; ; number++) {
    const folder = `${dataDir}-${number}`;
    if (!existsSync(folder)) return fileAsTyped(folder, context);
  }
}

function flagWords(flags: Flags): string[] {
  return Object.entries(SETTINGS).flatMap(([name, setting]: [string, Setting]) => {
    const given = flags[name];
    const flag = flagOf(setting);
    if (given === undefined || given === true) return [];
    return given === false ? [flag] : [given].flat().flatMap((value) => [flag, String(value)]);
  });
}
