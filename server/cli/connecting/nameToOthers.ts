/** How a server, or a workflow on it, is named to another command: not at all where that command means it anyway. */

import { withoutSlash } from "../../settings/defaultServer.js";
import type { CliContext } from "../process/context.js";
import { serverFor, workflowPage } from "./connect.js";

type Surroundings = Pick<CliContext, "env" | "cwd" | "home" | "config">;

/** Variables that name the server. They may be set for one call only, so a printed command names the server where one is set. */
const VARIABLES = ["INSTEP_URL", "INSTEP_PORT", "PORT", "INSTEP_HOST", "INSTEP_CONFIG"];

/** Without a slash at the end; null where a command in this folder means it without a word, in any shell. */
export function serverToName(url: string, context: Surroundings): string | null {
  const isSaid = context.config?.isNamed || VARIABLES.some((name) => context.env[name]);
  const usual = isSaid ? null : serverFor({}, context);
  return usual !== null && withoutSlash(url) === withoutSlash(usual) ? null : withoutSlash(url);
}

/** Its id, or the address of its page where its server has to be named. */
export function workflowToName(url: string, workflow_id: string, context: Surroundings): string {
  const named = serverToName(url, context);
  return named === null ? workflow_id : workflowPage(named, workflow_id);
}
