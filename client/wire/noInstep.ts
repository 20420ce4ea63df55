/** One sentence for an address at which no Instep answers: the same whichever way was tried. */
import { type NoAnswerDetails, NoAnswerError } from "./noAnswer.js";

export const IN_TIME = "no answer came in time";
const MOST_ADDRESS_CHARACTERS = 200;

/** `why` is a part of a sentence. */
export function noInstepAt(mount: URL, why: string, details?: NoAnswerDetails): NoAnswerError {
  return new NoAnswerError(`No Instep server answers at ${addressText(mount)} (${why}).`, details);
}

/** Without a slash at the end, and without what may be secret in it. */
export function addressText({ origin, pathname }: URL): string {
  return (origin + pathname.replace(/\/+$/, "")).slice(0, MOST_ADDRESS_CHARACTERS);
}

/** Thrown by the reader of an answer: this is not how Instep answers. */
export class NotInstep extends Error {}

/** Something answered, and it was not Instep. `path` is what was asked for below the mount. */
export function strangerAt(mount: URL, path: string, response: Response): NoAnswerError {
  const { status } = response;
  if (isRedirect(response)) {
    return noInstepAt(mount, redirectWords(mount, path, response), { status, mayPass: false });
  }
  if (status >= 502 && status <= 504) {
    return noInstepAt(mount, `a proxy does not reach it: HTTP ${status}`, { status });
  }
  const mayPass = status >= 500 || status === 429;
  return noInstepAt(mount, `something else answers there: HTTP ${status}`, { status, mayPass });
}

/** Instep never redirects, and a call that followed would carry its body, and in it secrets, to another server. */
export const isRedirect = ({ status, type }: Response): boolean =>
  type === "opaqueredirect" || (status >= 300 && status < 400 && status !== 304);

/** Nothing answered: what `fetch` rejected with. */
export function unreachableAt(mount: URL, cause: unknown): NoAnswerError {
  const { code, message } = rootOf(cause);
  const [, words] = CODES.find(([pattern]) => pattern.test(code)) ?? [];
  const mayPass = !LASTING.test(code);
  return noInstepAt(
    mount,
    words ?? (code || message || `it cannot be reached${orNotLetIn(mount)}`),
    {
      cause,
      mayPass,
    },
  );
}

/** A browser hides why a page of another site got no answer: it may be that the server does not know that site. */
function orNotLetIn({ origin }: URL): string {
  const { origin: own = origin } = globalThis;
  return own === origin ? "" : `, or needs --allow-origin ${own}`;
}

function redirectWords(mount: URL, path: string, { headers }: Response): string {
  const location = headers.get("Location") ?? "";
  // A browser does not tell where.
  if (location === "" || !URL.canParse(location, mount)) return "it redirects elsewhere";
  const to = new URL(location, new URL(path, mount));
  if (to.pathname.endsWith(`/${path}`)) to.pathname = to.pathname.slice(0, -path.length);
  return `it redirects to ${addressText(to)}`;
}

/** Somebody is there, and will be the same tomorrow. */
const LASTING = /^HPE_|^EPROTO$|SSL|CERT|SIGNATURE|ALTNAME/;

/** Only Node gives these codes: a browser tells nobody why. */
const CODES: readonly [RegExp, string][] = [
  [/^ECONNREFUSED$/, "nothing listens there"],
  [/^ENOTFOUND$|^EAI_/, "its name is not known"],
  [/^ECONNRESET$|^EPIPE$|^UND_ERR_SOCKET$/, "it hangs up without an answer"],
  [/^HPE_/, "what answers there does not speak HTTP"],
  [/^EPROTO$|SSL/, "what answers there does not speak TLS"],
  [/CERT|SIGNATURE|ALTNAME/, "its certificate is not trusted"],
  [/UNREACH$/, "there is no way to it"],
  [/TIMEOUT|TIMEDOUT/, IN_TIME],
];

function rootOf(error: unknown): { code: string; message: string } {
  const { cause } = error as { cause?: { code?: unknown; message?: unknown } };
  return { code: String(cause?.code ?? ""), message: String(cause?.message ?? "") };
}
