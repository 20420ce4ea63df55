/** The address of a server as people type or paste it: with or without http://, of this machine by its port alone, of one of its pages. Pure. */
import { DEFAULTS } from "../../shared/limits.js";
import { printable } from "../../shared/text/printable.js";
import { DEFAULT_SERVER } from "./defaultServer.js";

export type ServerAddress =
  | {
      readonly ok: true;
      /** Where Instep is mounted: without the place of a page, a query and what stands behind #. */
      readonly url: string;
      /** The token of a link to sign in, `…/#t=<token>`. */
      readonly token?: string;
      /** The workflow of a page's address. */
      readonly workflow_id?: string;
    }
  /** A predicate, without what may be a secret. */
  | { readonly ok: false; readonly why: string };

/** A predicate's end: what an address looks like. */
const FORMS = `must be an address like ${DEFAULT_SERVER} or localhost:${DEFAULTS.port}`;
const MOST_SHOWN = 100;
const MOST_CHARACTERS = 2_000;

/** Plain http is taken for granted for this machine only: to another one it would carry a token for everybody to read. */
export function readServerAddress(given: string): ServerAddress {
  const text = given.trim();
  if (text.length > MOST_CHARACTERS) return refused(FORMS);
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") return addressOf(text, text);
  if (scheme !== undefined) return refused(`${FORMS}, not ${shown(scheme)}://`);
  const local = onThisMachine(text);
  if (local !== null) return addressOf(local, text);
  const other = addressOf(`http://${text}`, text);
  if (!other.ok || !OTHER_HOST.test(text)) return other.ok ? notLike(text) : other;
  const [plain, safe] = ["http", "https"].map((one) => `${one}://${withoutExtras(text)}`);
  return refused(`must begin with http:// or https:// for another machine: ${plain} or ${safe}`);
}

const SCHEME = /^([a-z][a-z\d+.-]*):\/\//i;
const THIS_MACHINE = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])(:\d+)?(|[/?#].*)$/i;
const OTHER_HOST = /^(?:\[[\da-f:.]+\]|[\p{L}\p{N}_][\p{L}\p{N}_.-]*)(?::\d+)?(?:[/?#]|$)/iu;
/** The places of the page: a workflow's, and those of the start forms. */
const PAGE = /^(.*\/)(?:w\/([^/]+)\/?|start(?:\/[^/]*)?\/?)$/;

/** `localhost:4747`, `[::1]`, `:4747`, `4747`: with http://, and with the usual port where none is given; null for anything else. */
function onThisMachine(text: string): string | null {
  if (/^\d{1,5}$/.test(text)) return `http://127.0.0.1:${text}`;
  if (/^:\d/.test(text)) return `http://127.0.0.1${text}`;
  if (text === "::1") return `http://[::1]:${DEFAULTS.port}`;
  const [, host, port = `:${DEFAULTS.port}`, rest] = THIS_MACHINE.exec(text) ?? [];
  return host === undefined ? null : `http://${host}${port}${rest}`;
}

function addressOf(address: string, text: string): ServerAddress {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || url.port === "0") return notLike(text);
  if (url.username !== "" || url.password !== "") return refused(NO_PASSWORD);
  const [, mount = url.pathname, workflow_id] = PAGE.exec(url.pathname) ?? [];
  const token = new URLSearchParams(url.hash.slice(1)).get("t");
  return {
    ok: true,
    url: `${url.origin}${mount}`,
    ...(token ? { token } : {}),
    // The colon is the only character of an id that is written otherwise in an address.
    ...(workflow_id === undefined ? {} : { workflow_id: workflow_id.replace(/%3a/gi, ":") }),
  };
}

const NO_PASSWORD =
  "must be an address without a user and a password; give a token with --token or INSTEP_TOKEN";

function notLike(text: string): ServerAddress {
  const [, port = text] = /:(\d+)(?:[/?#]|$)/.exec(text) ?? [];
  if (/^\d+$/.test(port) && (Number(port) === 0 || Number(port) > 65_535))
    return refused(`${FORMS}: a port is a number from 1 to 65535, not ${shown(port)}`);
  // In front of @ there may be a password.
  return refused(text.includes("@") ? FORMS : `${FORMS}, not "${withoutExtras(text)}"`);
}

/** Behind # there may be a token, in a query anything. */
const withoutExtras = (text: string): string => shown(text.replace(/[?#].*$/s, ""));
const shown = (text: string): string => printable(text, MOST_SHOWN);

const refused = (why: string): ServerAddress => ({ ok: false, why });
