/** Finds the server that a command talks to, and the token for it: from a flag, a variable or the file, or else where `instep serve` would listen here. */
import { DEFAULTS } from "../../../shared/limits.js";
import { addressAt, withoutSlash } from "../../settings/defaultServer.js";
import { type Given, readSetting, resolve, sourceOf } from "../../settings/resolveSettings.js";
import { readServerAddress } from "../../settings/serverAddress.js";
import { SettingError } from "../../settings/settingError.js";
import type { SettingName } from "../../settings/settings.js";
import { isLoopback } from "../../settings/settingValues.js";
import { checkVariables } from "../../settings/variables.js";
import type { CliContext } from "../process/context.js";

export interface ServerFlags {
  readonly server?: string | undefined;
  readonly token?: string | undefined;
}

export type Surroundings = Pick<CliContext, "env" | "cwd" | "home" | "config">;

/** Everything that may say what a setting is, for one call of a command. */
export const givenTo = (
  flags: Given["flags"],
  { env, cwd, home, config }: Surroundings,
): Given => ({ flags, env, cwd, home, file: config });

/** The server that a command talks to. Throws SettingError where what names it is no address. */
export const serverFor = (flags: ServerFlags, context: Surroundings): string =>
  givenServer(flags, context) ?? usualServer(flags, context);

/** The server that somebody named; null where nobody did. Throws SettingError as `serverFor` does. */
export function givenServer(flags: ServerFlags, context: Surroundings): string | null {
  checkVariables(context.env);
  const given = givenTo({ server: flags.server }, context);
  const url = readSetting("server", given);
  if (url === undefined) return null;
  keepToken(url, "server", flags, given);
  return url;
}

/** Where `instep serve` would listen here, without a flag of its own. */
export function usualServer(flags: ServerFlags, context: Surroundings): string {
  const given = givenTo({}, context);
  const host = readSetting("host", given);
  // A free port is known to nobody but to whoever reads the greeting.
  const port = readSetting("port", given) || DEFAULTS.port;
  const url = addressAt(host, port, readSetting("basePath", given));
  keepToken(url, "host", flags, given);
  return url;
}

/** The file's own token goes to the file's own server, and to no other one that a flag or a variable names. */
export function tokenFor(
  url: string,
  flags: ServerFlags,
  context: Surroundings,
): string | undefined {
  const { env } = context;
  const { token } = flags;
  const ofLink = token === undefined ? tokenInLink(url, flags.server ?? env.INSTEP_URL) : undefined;
  // One that no header could carry is refused here: whatever came of it, the server would be blamed.
  const said = () => readSetting("token", { ...givenTo({ token }, context), file: null });
  const given = token === "" ? undefined : (ofLink ?? said());
  if (given || !context.config) return given;
  const ofFile = serverFor({}, { ...context, env: { ...env, INSTEP_URL: undefined } });
  if (withoutSlash(url) !== withoutSlash(ofFile)) return undefined;
  return readSetting("token", givenTo({}, context));
}

/** The one behind # of a link to sign in: it belongs to the server of that link, INSTEP_TOKEN perhaps to another one. */
function tokenInLink(url: string, text = ""): string | undefined {
  const link = readServerAddress(text);
  return link.ok && link.url === url ? link.token : undefined;
}

/** A file that came with a folder, as in a clone of somebody's, must not have INSTEP_TOKEN sent to a machine of its choice. */
function keepToken(url: string, name: SettingName, { token }: ServerFlags, given: Given): void {
  const { origin } = resolve(name, given);
  if (origin.from !== "file" || origin.file.isNamed) return;
  if (!given.env.INSTEP_TOKEN || token !== undefined || isLoopback(hostOf(url))) return;
  throw new SettingError(
    `${sourceOf(name, origin)}: INSTEP_TOKEN is not sent to another machine (${url}) only because a file that lies in the folder says so: name the server with --server or INSTEP_URL, or the file with --config.`,
  );
}

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, "");
