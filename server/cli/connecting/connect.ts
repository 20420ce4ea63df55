/** A client for a command: which server, with which token, and a clear sentence where nobody answers. */
import {
  type AskingMore,
  createRestClient,
  type RestOptions,
} from "../../../client/live/restClient.js";
import { withoutSlash } from "../../settings/defaultServer.js";
import { readServerAddress } from "../../settings/serverAddress.js";
import type { CliContext } from "../process/context.js";
import { nodeFetch } from "./nodeFetch.js";
import { type ServerFlags, tokenFor } from "./whichServer.js";

export { givenServer, type ServerFlags, serverFor } from "./whichServer.js";

/** For a command that asks; one that follows has `connectLive`. */
export function connect(url: string, flags: ServerFlags, context: CliContext): AskingMore {
  return createRestClient(clientOptions(url, flags, context));
}

export function clientOptions(url: string, flags: ServerFlags, context: CliContext): RestOptions {
  return {
    url,
    token: tokenFor(url, flags, context),
    fetch: nodeFetch,
    clock: context.clock,
    random: context.random,
  };
}

/** Where a person sees one workflow. */
export function workflowPage(url: string, workflow_id: string): string {
  return `${withoutSlash(url)}/w/${encodeURIComponent(workflow_id)}`;
}

/** The other way round, for an address copied from the browser, with the step and the lines that it shows; null where it is none. */
export function parseWorkflowPage(text: string): { server: string; workflow_id: string } | null {
  if (!text.includes("/w/")) return null;
  const address = readServerAddress(text);
  if (!address.ok || address.workflow_id === undefined) return null;
  return { server: address.url, workflow_id: address.workflow_id };
}
