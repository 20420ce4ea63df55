/** Puts the settings of a cluster together, with the files that they name. */
import type { ClusterOptions } from "../cluster/clusterOptions.js";
import { nodeNameOf } from "../cluster/nodeName.js";
import { isSecured, readStoreAddress, type StoreAddress } from "../cluster/storeAddress.js";
import { CLUSTER_SETTINGS } from "./clusterSettings.js";
import { addressAt } from "./defaultServer.js";
import { readSettingFile } from "./privateFile.js";
import { flagOf, type Given, readSetting, resolve, sourceOf } from "./resolveSettings.js";
import { SettingError } from "./settingError.js";
import type { SettingName } from "./settings.js";
import { isLoopback } from "./settingValues.js";

type ClusterSetting = keyof typeof CLUSTER_SETTINGS;

/** The settings that only a server of a cluster has. */
export const CLUSTER_NAMES = Object.keys(CLUSTER_SETTINGS) as readonly ClusterSetting[];

interface Around {
  readonly host: string;
  readonly port: number;
  /** The name of this machine. */
  readonly machine: string;
}

/** Null for a server alone. Throws SettingError for all that cannot be used, and for what means nothing to a server alone. */
export function readCluster(given: Given, { host, port, machine }: Around): ClusterOptions | null {
  const store = readSetting("store", given);
  if (store === undefined) {
    const alone = CLUSTER_NAMES.find((name) => isGiven(name, given));
    if (alone === undefined) return null;
    throw refused(alone, given, "means nothing without --store: a server alone has no others");
  }
  const address = readStoreAddress(store);
  const url = readSetting("nodeUrl", given);
  if (url === undefined) checkReach(address, addressAt(host, port), given);
  const nodeCa = pemOf("nodeCa", given);
  const outputDir = readSetting("outputDir", given);
  return {
    ...readStoreAccess(store, given),
    node: readSetting("node", given) ?? nodeNameOf(machine),
    labels: readSetting("nodeLabel", given),
    ...(url !== undefined && { url }),
    ...(nodeCa !== undefined && { nodeCa }),
    ...(outputDir !== undefined && { outputDir }),
  };
}

/** The way to a store that is named otherwise: by whom it is vouched for, and who we are there. Throws SettingError as `readCluster`. */
export function readStoreAccess(
  store: string,
  given: Given,
): { store: string } & Pick<ClusterOptions, "tls" | "auth"> {
  const tls = tlsOf(readStoreAddress(store), given);
  const auth = authOf(given);
  return { store, ...(tls && { tls }), ...(auth && { auth }) };
}

const isGiven = (name: ClusterSetting, given: Given): boolean =>
  resolve(name, given).texts.length > 0;

function refused(name: SettingName, given: Given, why: string): SettingError {
  return new SettingError(`${sourceOf(name, resolve(name, given).origin)}: ${why}`);
}

/** Members elsewhere mean servers elsewhere, and those cannot come to a loopback address. */
function checkReach({ endpoints }: StoreAddress, own: string, given: Given): void {
  if (!isLoopback(hostOf(own)) || endpoints.every((one) => isLoopback(hostOf(one)))) return;
  throw refused(
    "nodeUrl",
    given,
    `the other servers cannot reach this one at ${own}: give the address that leads to it from their machines, such as ${exampleUrl(own)}`,
  );
}

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, "");

const exampleUrl = (own: string): string => `http://10.0.0.2:${new URL(own).port || 80}`;

function tlsOf(address: StoreAddress, given: Given): ClusterOptions["tls"] | null {
  const names = ["storeCa", "storeCert", "storeKey"] as const;
  const first = names.find((name) => isGiven(name, given));
  if (first === undefined) return null;
  if (!isSecured(address)) throw refused(first, given, "is for a store with TLS: etcds://");
  checkPair("storeCert", "storeKey", given);
  return {
    ca: pemOf("storeCa", given),
    cert: pemOf("storeCert", given),
    key: pemOf("storeKey", given, "private"),
  };
}

function authOf(given: Given): ClusterOptions["auth"] | null {
  checkPair("storeUser", "storePasswordFile", given);
  const user = readSetting("storeUser", given);
  if (user === undefined) return null;
  const [password = ""] = textOf("storePasswordFile", given, "private")!.split(/\r?\n/, 1);
  if (password === "")
    throw refused("storePasswordFile", given, "has no password in its first line");
  return { user, password };
}

function checkPair(one: ClusterSetting, other: ClusterSetting, given: Given): void {
  if (isGiven(one, given) === isGiven(other, given)) return;
  const [there, lacking] = isGiven(one, given) ? [one, other] : [other, one];
  throw refused(there, given, `needs ${flagOf(CLUSTER_SETTINGS[lacking])} beside it`);
}

type FileSetting = "storeCa" | "storeCert" | "storeKey" | "storePasswordFile" | "nodeCa";

function pemOf(
  name: FileSetting,
  given: Given,
  kind: "private" | "public" = "public",
): string | undefined {
  const text = textOf(name, given, kind);
  if (text === undefined || text.includes("-----BEGIN ")) return text;
  throw refused(name, given, "has nothing in PEM in it: -----BEGIN …-----");
}

function textOf(name: FileSetting, given: Given, kind: "private" | "public"): string | undefined {
  const file = readSetting(name, given);
  if (file === undefined) return undefined;
  try {
    return readSettingFile(file, kind);
  } catch (error) {
    throw refused(name, given, (error as Error).message);
  }
}
