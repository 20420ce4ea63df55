/** The server that `instep run` has of its own, on a free port, for as long as it runs. */
import { DEFAULTS } from "../../../shared/limits.js";
import type { WorkflowDefinition } from "../../runner/definition/definition.js";
import { readFreePort } from "../../settings/config.js";
import type { WaysOut } from "../printed/waysOut.js";
import type { CliContext } from "../process/context.js";
import { createLogger } from "../serve/logger.js";
import { type FolderSwitches, type StartedServer, startServer } from "../serve/startServer.js";

export interface OwnServer extends Pick<StartedServer, "url" | "atWork" | "untilTold"> {
  close(): Promise<void>;
}

interface Settings extends FolderSwitches {
  readonly dataDir: string;
  /** As it was given. */
  readonly port: string | undefined;
  readonly definitions?: readonly WorkflowDefinition[];
  readonly waysOut: WaysOut;
}

/** A page that follows gets its goodbye; nobody waits for one that does not answer. */
const DRAIN_MS = 1_000;

export async function ownServer(
  { port, ...settings }: Settings,
  context: CliContext,
): Promise<OwnServer> {
  const { close, ...server } = await startServer(
    {
      ...settings,
      ...{ port: readFreePort(port), host: DEFAULTS.host },
      commandEnv: withoutToken(context.env),
    },
    createLogger("error", context),
    context,
  );
  // Its own workflow has ended, or its cancel is on the disk; others of the folder are the next server's.
  return { ...server, close: () => close(DRAIN_MS, "keep") };
}

/** The token lets whoever has it drive every workflow: a step's command does not need that. */
export function withoutToken(env: CliContext["env"]): CliContext["env"] {
  const { INSTEP_TOKEN: _, ...rest } = env;
  return rest;
}
