/** An SSH connection as people paste it (`ssh -p 2222 root@host -L 8080:localhost:8080`), read into where it goes. No option in it ever reaches ssh. */

export interface SshConnection {
  readonly host: string;
  readonly port: number;
  /** Null where ssh's own choice counts. */
  readonly user: string | null;
}

export type ParsedSshConnection =
  | {
      readonly ok: true;
      readonly connection: SshConnection;
      /** Options that do not say where to go, each with its value: `-L 8080:localhost:8080`. */
      readonly leftOut: readonly string[];
    }
  | { readonly ok: false; readonly why: string };

const USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9]([A-Za-z0-9_-]{0,62}))*\.?$/;
const IPV6 = /^[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9]{1,15})?$/;
const MOST_CHARACTERS = 400;
const SSH_PORT = 22;
const EXAMPLE = 'such as "ssh -p 2222 root@host"';

const QUOTED = /"[^"]*"|'[^']*'/g;
const WORD = /(?:"[^"]*"|'[^']*'|[^ "'])+/g;
const COMMENT = /(?:^| )#.*$/;
/** Without these the same machine is reached by the same way. */
const LEFT_OUT_FLAG = /[46AaCfgKkNnqTtvXxYy]/;
const LEFT_OUT_WITH_VALUE = /[LRDi]/;
const LEFT_OUT_SETTING =
  /^(?:StrictHostKeyChecking|\w+KnownHostsFile|CheckHostIP|UpdateHostKeys|LogLevel|ServerAlive\w+|TCPKeepAlive|Connect\w+|Compression|AddressFamily|RequestTTY|SessionType|BatchMode|Identi\w+|AddKeysToAgent|Control\w+|\w+Authentications?|\w+Algorithms|\w*Forward\w*)[ =]/i;

/**
 * `-p` and `-l` in any order and one destination `[user@]host` or `ssh://[user@]host[:port]`. What else is an option is left out
 * where the same machine is reached by the same way without it, and refused otherwise. No shell reads the text: quotes hold a word
 * together, and signs that only a shell understands are refused.
 */
export function parseSshConnection(text: string): ParsedSshConnection {
  if (text.length > MOST_CHARACTERS) return refused("is too long for a connection");
  if (!/^[\x20-\x7e]*$/.test(text))
    return refused(`must be one line of plain characters, ${EXAMPLE}`);
  const command = text.replace(COMMENT, "");
  const unquoted = command.replace(QUOTED, "");
  if (/["']/.test(unquoted)) return refused("has a quote that is not closed");
  const sign = /[;&|<>(){}`]/.exec(unquoted)?.[0];
  if (sign) return refused(`has ${shown(sign)} in it, which only a shell understands`);
  const words = (command.match(WORD) ?? []).map((word) => word.replace(/["']/g, ""));
  if (words[0] === "$") words.shift();
  if (words[0] === "ssh") words.shift();

  const given: { p?: string; l?: string } = {};
  const leftOut: string[] = [];
  let destination: string | null = null;
  while (words.length > 0) {
    const word = words.shift()!;
    if (word.startsWith("-")) {
      const why = readOptions(word, words, given, leftOut);
      if (why !== null) return refused(why);
    } else if (destination !== null) {
      return refused(`must name one host and no command, ${EXAMPLE}`);
    } else {
      destination = word;
    }
  }
  if (destination === null) return refused(`must name a host, ${EXAMPLE}`);
  const parsed = fromParts(destination, given.l ?? null, given.p ?? null);
  return parsed.ok ? { ...parsed, leftOut: [...new Set(leftOut)] } : parsed;
}

/** The same connection written in one way, for people to read. */
export function formatSshConnection({ host, port, user }: SshConnection): string {
  const destination = user === null ? host : `${user}@${host}`;
  return port === SSH_PORT ? `ssh ${destination}` : `ssh -p ${port} ${destination}`;
}

/** A sentence about the options that were left out; with `isPublic` without their values, which not everybody may see. Null where nothing was. */
export function leftOutWords(leftOut: readonly string[], isPublic = false): string | null {
  const said: string[] = [];
  let rest = leftOut;
  for (const [kind, words] of KINDS) {
    const some = rest.filter((option) => kind.test(option));
    rest = rest.filter((option) => !kind.test(option));
    if (some.length > 0) said.push(isPublic ? words : `${words}: ${some.join(" ")}`);
  }
  return said.join("; ") || null;
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^-(?:[LRD] |o (?:Local|Remote|Dynamic)Forward)/i, "port forwarding was left out"],
  [
    /^-(?:i |o Identity)/i,
    "the key was left out (the server has its own, or asks for one in another field)",
  ],
  [/^/, "options that do not say where to go were left out"],
];

/** One word of options, as ssh takes it apart: flags together, then one with a value, attached or in the next word. Null, or why not. */
function readOptions(
  word: string,
  next: string[],
  given: { p?: string; l?: string },
  leftOut: string[],
): string | null {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at]!;
    if (LEFT_OUT_FLAG.test(letter)) {
      leftOut.push(`-${letter}`);
      continue;
    }
    const isPlace = letter === "p" || letter === "l";
    if (!isPlace && letter !== "o" && !LEFT_OUT_WITH_VALUE.test(letter)) {
      return notAllowed(word);
    }
    const value = word.slice(at + 1) || next.shift();
    if (value === undefined) return `-${letter} needs a value`;
    if (isPlace) {
      if (given[letter] !== undefined) return `-${letter} is given twice`;
      given[letter] = value;
      return null;
    }
    const option = `-${letter} ${value.includes(" ") ? `"${value}"` : value}`;
    if (letter === "o" && !LEFT_OUT_SETTING.test(value)) return notAllowed(option);
    leftOut.push(option);
    return null;
  }
  return word === "-" ? notAllowed(word) : null;
}

const notAllowed = (option: string): string =>
  `the option ${shown(option)} is not allowed here; only -p and -l say where to go`;

function fromParts(
  destination: string,
  optionUser: string | null,
  optionPort: string | null,
): ParsedSshConnection {
  const url = /^ssh:\/\/(.*?)\/?$/.exec(destination);
  const place = url ? url[1]! : destination;
  const at = place.lastIndexOf("@");
  const placeUser = at === -1 ? null : place.slice(0, at);
  const { host, port: placePort } = url
    ? hostAndPort(place.slice(at + 1))
    : { host: place.slice(at + 1), port: null };
  if (placeUser !== null && optionUser !== null) return refused("names the user twice");
  if (placePort !== null && optionPort !== null) return refused("names the port twice");
  const user = placeUser ?? optionUser;
  const port = placePort ?? optionPort;
  if (user !== null && !USER.test(user)) return refused(`${shown(user)} is no user's name`);
  const bare = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  if (!HOST_NAME.test(bare) && !(bare.includes(":") && IPV6.test(bare))) {
    return refused(`${shown(host)} is no host's name or address`);
  }
  if (port !== null && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    return refused(`${shown(port)} is no port (1 to 65535)`);
  }
  return {
    ok: true,
    connection: { host: bare, port: port === null ? SSH_PORT : Number(port), user },
    leftOut: [],
  };
}

function hostAndPort(place: string): { host: string; port: string | null } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(place);
  return { host: match?.[1] ?? place, port: match?.[2] ?? null };
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 80));

const refused = (why: string): ParsedSshConnection => ({ ok: false, why });
