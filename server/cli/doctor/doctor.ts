/** `instep doctor`: looks whether a server can work here, and whether one is reached through its proxy. It changes nothing. */
import path from "node:path";
import { counted } from "../../../shared/text/counted.js";
import { printable } from "../../../shared/text/printable.js";
import { readServeSettings } from "../../settings/config.js";
import { addressAt } from "../../settings/defaultServer.js";
import { readStoreAccess } from "../../settings/readCluster.js";
import { type Flags, type Given, resolve } from "../../settings/resolveSettings.js";
import { readServerAddress } from "../../settings/serverAddress.js";
import { SettingError } from "../../settings/settingError.js";
import type { SettingName } from "../../settings/settings.js";
import { type NamedConfig, readConfig } from "../config/findConfig.js";
import { givenTo, tokenFor } from "../connecting/whichServer.js";
import { colorsFor } from "../display/stepLine.js";
import type { CliContext } from "../process/context.js";
import { ExitCode } from "../process/exitCodes.js";
import { stateHome } from "../process/stateHome.js";
import { jsonLine } from "../text/jsonLine.js";
import { type Finding, fine, type Result, wrong } from "./finding.js";
import { judgeFolder } from "./folder.js";
import { seeFolder } from "./lookAtFolder.js";
import { judgeNode, judgeSync, judgeTools } from "./machine.js";
import { type Network, nodeNetwork } from "./network.js";
import { judgePort } from "./port.js";
import { onPath, seeRecipes } from "./recipes.js";
import { saidBy } from "./saidBy.js";
import { syncTimes } from "./syncTimes.js";
import { askList, throughUrl } from "./throughUrl.js";

/** Besides those of the settings. */
export interface DoctorFlags extends NamedConfig {
  /** A server to be asked through its proxy. */
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Prints each finding once it is known. Exit code 0 where nothing is wrong, 1 otherwise. Throws SettingError where `--url` is no address. */
export async function doctor(
  { url, token, json = false, config, ...flags }: Flags & DoctorFlags,
  context: CliContext,
): Promise<number> {
  const address = url === undefined ? null : addressOf(url);
  const network = nodeNetwork(context.clock);
  const counts: Record<Result, number> = { ok: 0, warning: 0, wrong: 0 };
  for await (const finding of findings({ config, flags, address, url, token }, network, context)) {
    counts[finding.result]++;
    context.stdout.write(json ? jsonLine(finding) : lineOf(finding, context));
  }
  if (!json) context.stdout.write(`\n${summary(counts)}\n`);
  return counts.wrong === 0 ? ExitCode.ok : ExitCode.failed;
}

interface Asked extends NamedConfig {
  readonly flags: Flags;
  /** As it was given, and as it is asked. */
  readonly url: string | undefined;
  readonly address: string | null;
  readonly token: string | undefined;
}

async function* findings(
  { config, flags, url, address, token }: Asked,
  network: Network,
  context: CliContext,
): AsyncGenerator<Finding> {
  yield judgeNode(process.version, context.clock.now());
  let here = context;
  try {
    const file = await readConfig({ config }, context);
    here = { ...context, config: file };
    readServeSettings(givenTo(flags, here));
    const where = file === null ? "There is no instep.yaml here" : `${file.shown} can be read`;
    yield fine("settings", `${where}, and all settings can be used.`);
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    const text = error.message.replace(/\n\s*/g, "; ");
    yield wrong("settings", printable(text, 2_000), "Mend them; `instep config` shows each one.");
  }
  yield* ofThisMachine(givenTo(flags, here), network, here);
  if (url === undefined || address === null) return;
  yield* throughUrl(network, address, tokenFor(address, { server: url, token }, here));
}

/** A setting that cannot be used was told already: the checks that need it are left out. */
async function* ofThisMachine(
  given: Given,
  network: Network,
  context: CliContext,
): AsyncGenerator<Finding> {
  const [dataDir, host, port] = [used("dataDir", given), used("host", given), used("port", given)];
  let isHeld = false;
  if (dataDir !== undefined) {
    const store = resolve("store", given);
    const isNode = store.ok ? store.value !== undefined : null;
    const seen = await seeFolder(path.resolve(dataDir), { isNode, ...stateHome(context) });
    isHeld = seen.lock.kind === "held";
    yield* judgeFolder(seen);
    if (seen.trouble === null && seen.isThere && seen.isWritable)
      yield await syncing(seen.dataDir, context);
  }
  if (host !== undefined && port !== undefined) {
    const { code } = await network.listen(port, host);
    const url = addressAt(host, port, used("basePath", given) ?? "");
    const heard = code === "EADDRINUSE" ? await askList(network, url, undefined) : null;
    const isInstep = heard !== null && !("why" in heard) && saidBy(heard).kind !== "other";
    yield judgePort({ host, port, code, isInstep, isHeld });
  }
  const store = used("store", given);
  const access = store === undefined ? null : accessTo(store, given);
  if (access) {
    const { storeClocks } = await import("./storeClock.js");
    yield* await storeClocks(network, access);
  }
  const folder = used("workflows", given);
  if (folder === undefined) return;
  const { findings: found, overSsh } = await seeRecipes(folder);
  yield* found;
  yield judgeTools(overSsh, overSsh.length > 0 ? await onPath("ssh", context.env.PATH) : null);
}

async function syncing(folder: string, context: CliContext): Promise<Finding> {
  try {
    return judgeSync(await syncTimes(folder, context));
  } catch (error) {
    const text = `A small file could not be written to ${folder}: ${(error as Error).message}.`;
    return wrong("disk", printable(text, 1_000), "Make the disk writable, and make room on it.");
  }
}

/** Null where it cannot be used, which was told already. */
function accessTo(store: string, given: Given) {
  try {
    return readStoreAccess(store, given);
  } catch (error) {
    if (error instanceof SettingError) return null;
    throw error;
  }
}

function used<N extends SettingName>(name: N, given: Given) {
  const found = resolve(name, given);
  return found.ok ? found.value : undefined;
}

function addressOf(url: string): string {
  const address = readServerAddress(url);
  if (address.ok) return address.url;
  throw new SettingError(`--url: ${address.why}`);
}

function lineOf({ check, result, text, todo }: Finding, context: CliContext): string {
  const { green, yellow, red, dim } = colorsFor(context);
  const paint = { ok: green, warning: yellow, wrong: red }[result];
  const line = `${paint(result.padEnd(7))}  ${dim(check.padEnd(11))}  ${printable(text, 2_000)}\n`;
  return todo === null ? line : `${line}${" ".repeat(22)}→ ${printable(todo, 2_000)}\n`;
}

function summary({ ok, warning, wrong }: Readonly<Record<Result, number>>): string {
  const bad = [
    ...(wrong === 0 ? [] : [`${wrong} wrong`]),
    ...(warning === 0 ? [] : [counted(warning, "warning")]),
  ];
  const all = counted(ok + warning + wrong, "finding");
  return `${[all, ...(bad.length === 0 ? ["nothing wrong"] : bad)].join(", ")}.`;
}
