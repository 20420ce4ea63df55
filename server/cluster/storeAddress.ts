/** The address of a cluster's store as people write it: `etcd://h1:2379,h2:2379/prefix`. Pure. */

/** A cluster of etcd, and the part of its keys that is ours. */
export interface StoreAddress {
  /** `http://h1:2379`; with TLS `https://h1:2379`. At least one. */
  readonly endpoints: readonly string[];
  /** Begins and ends with a slash. */
  readonly prefix: string;
}

/** The prefix where nobody names one. */
export const DEFAULT_PREFIX = "/instep/v1/";
/** Etcd's own port for its clients. */
const ETCD_PORT = 2379;
const MOST_ENDPOINTS = 15;
const MOST_CHARACTERS = 2_000;
const FORM = "must be an address like etcd://host1:2379,host2:2379 or etcds://host1:2379/prefix";
const NO_PASSWORD =
  "must be an address without a user and a password: give --store-user and --store-password-file";

/** Throws with a sentence that says what is wrong, and shows nothing that may be a password. */
export function readStoreAddress(text: string): StoreAddress {
  const [, scheme, rest = ""] = /^(etcds?):\/\/(.*)$/is.exec(text) ?? [];
  // In front of @ there may be a password.
  if (text.includes("@")) throw new Error(scheme === undefined ? FORM : NO_PASSWORD);
  if (scheme === undefined || text.length > MOST_CHARACTERS) throw new Error(FORM);
  const slash = rest.indexOf("/");
  const hosts = slash === -1 ? rest : rest.slice(0, slash);
  const protocol = scheme.toLowerCase() === "etcds" ? "https" : "http";
  const endpoints = hosts.split(",").map((host) => `${protocol}://${endpointOf(host.trim())}`);
  return checkedStoreAddress({ endpoints, prefix: slash === -1 ? "/" : rest.slice(slash) });
}

/** The same where its parts were given: without a prefix, or with a bare slash, the default. Throws as `readStoreAddress`. */
export function checkedStoreAddress({
  endpoints,
  prefix = "/",
}: {
  readonly endpoints: readonly string[];
  readonly prefix?: string | undefined;
}): StoreAddress {
  if (endpoints.length === 0 || endpoints.length > MOST_ENDPOINTS)
    throw new Error(`must name 1 to ${MOST_ENDPOINTS} members`);
  const protocols = new Set(endpoints.map((endpoint) => endpoint.split("://", 1)[0]));
  const isEach = endpoints.every((one) => /^https?:\/\/[^/?#@\s]+$/.test(one) && URL.canParse(one));
  if (!isEach || protocols.size > 1)
    throw new Error("must name its members as http://HOST:PORT, or all as https://HOST:PORT");
  if (new Set(endpoints).size < endpoints.length) throw new Error("names a member twice");
  return { endpoints, prefix: prefixOf(prefix) };
}

/** Whether its members are reached with TLS. */
export const isSecured = ({ endpoints }: StoreAddress): boolean =>
  endpoints.every((endpoint) => endpoint.startsWith("https://"));

function endpointOf(host: string): string {
  const [, name, port = String(ETCD_PORT)] =
    /^(\[[\da-f:.]+\]|[a-z\d_](?:[a-z\d_.-]*[a-z\d_])?)(?::(\d{1,5}))?$/i.exec(host) ?? [];
  const isPort = Number(port) >= 1 && Number(port) <= 65_535;
  if (name === undefined || !isPort)
    throw new Error(`${FORM}: ${JSON.stringify(host.slice(0, 100))} is no HOST:PORT`);
  return `${name.toLowerCase()}:${Number(port)}`;
}

function prefixOf(text: string): string {
  const whole = text.endsWith("/") ? text : `${text}/`;
  if (whole === "/") return DEFAULT_PREFIX;
  if (/^(?:\/[A-Za-z0-9._-]+)+\/$/.test(whole) && whole.length <= 128) return whole;
  throw new Error(
    "has a prefix that is none: words of letters, digits, dots, - and _ with slashes between them, at most 126 characters",
  );
}
