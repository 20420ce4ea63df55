/** Makes the gate of one server, and the parts that it asks: by what names it is reached, and by what tokens, links, nodes and users. */
import { DEFAULTS } from "../shared/limits.js";
import type { Basis } from "./basis.js";
import { Gate } from "./ingress/access/access.js";
import { ForeignPages } from "./ingress/access/foreignPages.js";
import { Grants } from "./ingress/access/grants.js";
import { HostHook } from "./ingress/access/hostHook.js";
import { NodeGate } from "./ingress/access/nodeGate.js";
import { OwnNames } from "./ingress/access/ownNames.js";
import type { OwnPorts } from "./ingress/access/ownPorts.js";
import type { Shares } from "./ingress/access/shares.js";
import { tokensIn } from "./ingress/access/who.js";
import { WrongTokens } from "./ingress/access/wrongTokens.js";
import { Forwarded } from "./ingress/proxies/forwarded.js";
import type { InstepOptions } from "./instepOptions.js";
import type { Storage } from "./storage.js";

/** The options that say who may come in, and by which name. */
export type GateOptions = Pick<
  InstepOptions,
  "tokens" | "allowedHosts" | "allowedOrigins" | "trustProxy" | "authorize" | "authorizeAgainMs"
>;

export interface OpenedGate {
  readonly gate: Gate;
  readonly grants: Grants;
  /** Null where the host has no word in who comes in. */
  readonly host: HostHook | null;
}

/** Throws where an option is not as it must be. The host's part has to be closed by the caller. */
export function openGate(
  options: GateOptions,
  ownPorts: OwnPorts,
  { shared, shares }: { readonly shared?: Storage["shared"]; readonly shares: Shares },
  { clock, limits, log, lines }: Basis,
): OpenedGate {
  const { tokens, allowedHosts = [], allowedOrigins = [], trustProxy = [] } = options;
  for (const [name, given] of Object.entries({ allowedHosts, allowedOrigins, trustProxy }))
    if (!isTexts(given)) throw new Error(`${name}: must be a list of texts`);
  const { authorize, authorizeAgainMs: againMs = DEFAULTS.authorizeAgainMs } = options;
  if (authorize !== undefined && typeof authorize !== "function")
    throw new Error("authorize must be a function");
  if (typeof againMs !== "number" || !(againMs >= 1))
    throw new Error("authorizeAgainMs must be at least 1 (in ms)");
  // An empty list lets nobody in: whoever gave it meant to name who may come.
  const isClosed = authorize !== undefined || tokens !== undefined;
  const grants = new Grants(tokensIn(tokens ?? []), isClosed);
  const host = authorize ? new HostHook({ authorize, againMs, clock, lines }) : null;
  const forwarded = new Forwarded(trustProxy);
  const foreign = new ForeignPages(allowedOrigins);
  const names = new OwnNames(allowedHosts, ownPorts, forwarded);
  const wrongTokens = new WrongTokens(clock, log, limits);
  const calls = shared?.calls;
  const nodes = calls ? new NodeGate({ calls, lines }) : null;
  const gate = new Gate({ names, grants, wrongTokens, nodes, host, foreign, forwarded, shares });
  return { gate, grants, host };
}

const isTexts = (given: unknown): boolean =>
  Array.isArray(given) && given.every((one) => typeof one === "string");
