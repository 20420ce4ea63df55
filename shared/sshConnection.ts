/** An SSH connection as people paste it (`ssh -p 2222 root@host`), read into its parts. Whatever could be an option of ssh is refused. */

export interface SshConnection {
  readonly host: string;
  readonly port: number;
  /** Null where ssh's own choice counts. */
  readonly user: string | null;
}

export type ParsedSshConnection =
  | { readonly ok: true; readonly connection: SshConnection }
  | { readonly ok: false; readonly why: string };

const USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9]([A-Za-z0-9_-]{0,62}))*\.?$/;
const IPV6 = /^[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9]{1,15})?$/;
const MOST_CHARACTERS = 400;
const SSH_PORT = 22;
const EXAMPLE = 'such as "ssh -p 2222 root@host"';

/**
 * The seed's form: `ssh`, `-p` and `-l` in any order, one destination `[user@]host` or `ssh://[user@]host[:port]`. No shell
 * reads it, so quotes and escapes mean nothing and are refused with everything else that is no part of a name.
 */
export function parseSshConnection(text: string): ParsedSshConnection {
  if (text.length > MOST_CHARACTERS) return refused("is too long for a connection");
  if (!/^[\x20-\x7e]*$/.test(text))
    return refused(`must be one line of plain characters, ${EXAMPLE}`);
  const words = text.split(" ").filter((word) => word !== "");
  if (words[0] === "ssh") words.shift();
  let port: string | null = null;
  let user: string | null = null;
  let destination: string | null = null;
  while (words.length > 0) {
    const word = words.shift()!;
    const option = /^-([pl])(.*)$/.exec(word);
    if (option) {
      const value = option[2] === "" ? words.shift() : option[2];
      if (value === undefined) return refused(`${word} needs a value`);
      if (option[1] === "p" && port === null) port = value;
      else if (option[1] === "l" && user === null) user = value;
      else return refused(`${word.slice(0, 2)} is given twice`);
    } else if (word.startsWith("-")) {
      return refused(`the option ${shown(word)} is not allowed here; only -p and -l are`);
    } else if (destination !== null) {
      return refused(`must name one host and no command, ${EXAMPLE}`);
    } else {
      destination = word;
    }
  }
  if (destination === null) return refused(`must name a host, ${EXAMPLE}`);
  return fromParts(destination, user, port);
}

/** The same connection written in one way, for people to read. */
export function formatSshConnection({ host, port, user }: SshConnection): string {
  const destination = user === null ? host : `${user}@${host}`;
  return port === SSH_PORT ? `ssh ${destination}` : `ssh -p ${port} ${destination}`;
}

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
  };
}

function hostAndPort(place: string): { host: string; port: string | null } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(place);
  return { host: match?.[1] ?? place, port: match?.[2] ?? null };
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 80));

const refused = (why: string): ParsedSshConnection => ({ ok: false, why });
