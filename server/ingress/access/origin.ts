/** An origin as `--allow-origin` takes it: exactly as a browser sends it in `Origin`. Pure. */

const FORM = "must be an origin such as https://app.example.com";

/** The text itself. Throws with a predicate that says what is wrong, and where it can be told, what to write in its place. */
export function readOrigin(text: string): string {
  if (text === "*")
    throw new Error(`${FORM}: * would let in the pages of every site that somebody visits`);
  if (text === "null")
    throw new Error(`${FORM}: null is what files and sandboxed pages of anybody send`);
  const meant = originIn(text);
  if (meant === text) return text;
  const words = meant === null ? "" : `; as a browser sends it, that is ${meant}`;
  throw new Error(`${FORM}, not ${JSON.stringify(text)}${words}`);
}

/** Null where the text is no address of a site. */
function originIn(text: string): string | null {
  if (!/^https?:\/\/[^\s\\*,]+$/i.test(text) || !URL.canParse(text)) return null;
  const { origin, username, password } = new URL(text);
  return username === "" && password === "" ? origin : null;
}
