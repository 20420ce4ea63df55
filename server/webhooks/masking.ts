/** Hides what a webhook is sent with in what its receiver says of it: a receiver may say a part of that back, in other words. Pure. */
import type { ReadWebhook } from "./keptTexts.js";

const MASK = "***";
/** A shorter text says nothing, and would be found everywhere. */
const SHORTEST = 4;
/** The words that say how a header proves who sends it. */
const SCHEMES = /^(?:basic|bearer|digest|token|apikey)$/i;

/** The function shows of a text all but the secret, the headers, and the address behind its host: whole, each part of them, and as they are written without their escapes. */
export function maskOf({ url, secret, headers }: ReadWebhook): (text: string) => string {
  const address = [url.pathname, url.search, ...url.pathname.split("/")];
  const said = [secret ?? "", ...Object.values(headers).flatMap(partsOf)];
  const values = [...said, ...url.searchParams.values(), ...address, ...address.map(unescaped)];
  const hidden = [...new Set(values)]
    .filter((value) => value.length >= SHORTEST)
    .sort((one, other) => other.length - one.length);
  return (text) => hidden.reduce((left, value) => left.replaceAll(value, MASK), text);
}

/** A header whole, and its words; of `Basic`, user and password, too. */
function partsOf(header: string): readonly string[] {
  const words = header.split(/[\s,;"]+|=(?=.)/).filter((word) => !SCHEMES.test(word));
  const [, basic] = /^basic +(\S+)$/i.exec(header.trim()) ?? [];
  const login = basic === undefined ? "" : Buffer.from(basic, "base64").toString();
  return [header, ...words, login, login.slice(login.indexOf(":") + 1)];
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
