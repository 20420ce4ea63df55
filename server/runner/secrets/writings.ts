/** The ways in which tools write a secret: as it is, escaped for JSON, addresses, shells and pages, and encoded. Pure. */

/** Shorter ones stand in ordinary text by chance. */
const SHORTEST_ENCODED = 7;
const SHORTEST_OTHER_CASE = 8;

/** All but the rare ones of `everyLetterEscaped`, each once, the plain one first. `secret` has no half characters. */
export function writingsOf(secret: string): readonly string[] {
  const writings = new Set([
    secret,
    ...forJson(secret),
    ...forAddresses(secret),
    ...forShells(secret),
    ...forPages(secret),
    ...inBase64(secret),
    ...inHex(secret),
    ...inOtherCase(secret),
  ]);
  return [...writings];
}

const jsonText = (text: string): string => JSON.stringify(text).slice(1, -1);
const escaped = (text: string, what: RegExp, isUpper = false): string =>
  text.replace(what, (char) => {
    const hex = char.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${isUpper ? hex.toUpperCase() : hex}`;
  });

/** As JavaScript and jq write it, as Python, Go, PHP and .NET do, and all that inside JSON once more. */
function forJson(secret: string): string[] {
  const plain = jsonText(secret);
  const asciiOnly = [false, true].map((isUpper) => escaped(plain, /[^ -~]/g, isUpper));
  const forMarkup = [false, true].flatMap((isUpper) => [
    escaped(plain, /[<>&\u2028\u2029]/g, isUpper),
    escaped(plain, /[^ -~]|[<>&'+`]/g, isUpper),
  ]);
  const all = [plain, ...asciiOnly, ...forMarkup];
  return [...all, ...all.map((text) => text.replaceAll("/", "\\/")), jsonText(plain)];
}

function forAddresses(secret: string): string[] {
  const component = encodeURIComponent(secret);
  const strict = component.replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const stricter = strict.replace(/~/g, "%7E");
  const kept = [component, strict, stricter].map((text) => text.replaceAll("%2F", "/"));
  const form = [strict, stricter].map((text) => text.replaceAll("%20", "+"));
  const whole = encodeURI(secret);
  const upper = [component, strict, stricter, ...kept, ...form, whole];
  return [...upper, ...upper.map((text) => text.replace(/%../g, (hex) => hex.toLowerCase()))];
}

function forShells(secret: string): string[] {
  const backslashed = (what: RegExp) => secret.replace(what, "\\$&");
  return [
    secret.replaceAll("'", "'\\''"),
    secret.replaceAll("'", `'"'"'`),
    backslashed(/[\\"$`]/g),
    backslashed(/[\\'"]/g),
    backslashed(/[\\']/g),
    // `printf %q` leaves letters of every language as they are; one of the two forms also leaves the tilde.
    backslashed(/[^\p{L}\p{M}\p{N}_@%+=:,./\n-]/gu),
    backslashed(/[^\p{L}\p{M}\p{N}_@%+=:,./~\n-]/gu),
  ];
}

function forPages(secret: string): string[] {
  const forms = [
    { quote: "&quot;", apostrophe: "&#39;" },
    { quote: "&#34;", apostrophe: "&#39;" },
    { quote: "&quot;", apostrophe: "&#x27;" },
    { quote: "&quot;", apostrophe: "&apos;" },
    { quote: '"', apostrophe: "'" },
  ];
  const escapedLess = secret
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
  return forms.map(({ quote, apostrophe }) =>
    escapedLess.replaceAll('"', quote).replaceAll("'", apostrophe),
  );
}

/**
 * At its three places among other bytes (`user:secret`): what of it does not depend on its neighbours, and what does not
 * where nothing follows.
 */
function inBase64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const forms = [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const from = Math.ceil((before * 8) / 6);
    const until = Math.floor(((before + bytes.length) * 8) / 6);
    return [encoded.slice(from, until), encoded.replace(/=+$/, "").slice(from)];
  });
  return [...forms, ...forms.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"))].filter(
    ({ length }) => length >= SHORTEST_ENCODED,
  );
}

function inHex(secret: string): string[] {
  const hex = Buffer.from(secret).toString("hex");
  return hex.length < SHORTEST_ENCODED ? [] : [hex, hex.toUpperCase()];
}

/** A word alone would be masked wherever it begins a sentence. */
function inOtherCase(secret: string): string[] {
  const isWord = !/[^\p{L}]/u.test(secret);
  if (isWord || secret.length < SHORTEST_OTHER_CASE) return [];
  return [secret.toUpperCase(), secret.toLowerCase()];
}

/** The ways that leave no letter as it is: the escapes of JSON, of addresses, of pages and of texts in programs and shells. */
export function everyLetterEscaped(secret: string): readonly string[] {
  const units = Array.from({ length: secret.length }, (_, at) => secret.charCodeAt(at));
  const points = Array.from(secret, (char) => char.codePointAt(0)!);
  const bytes = [...Buffer.from(secret)];
  const hex = (code: number, width = 0) => code.toString(16).padStart(width, "0");
  const all = (codes: readonly number[], write: (code: number) => string) =>
    codes.map(write).join("");
  const inHexadecimal = [
    all(units, (code) => `\\u${hex(code, 4)}`),
    all(bytes, (code) => `%${hex(code, 2)}`),
    all(bytes, (code) => `\\x${hex(code, 2)}`),
    all(points, (code) => `&#x${hex(code)};`),
  ];
  const inCapitals = inHexadecimal.map((text) =>
    text.replace(/[0-9a-f]+/g, (digits) => digits.toUpperCase()),
  );
  return [...inHexadecimal, ...inCapitals, all(points, (code) => `&#${code};`)];
}
