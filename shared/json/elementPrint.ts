/** A number that stands for an element of a list while it is looked for elsewhere. Equal elements have equal numbers. */

/** Says where an element stands, so it says nothing about which one it is: the server renumbers it in every step. */
const PLACE_KEY = "index";
/** So it is with the elements of this list in an element, the branches of a step. */
const PARTS_KEY = "steps";
/** A longer text is told well enough by so many characters from both ends. */
const TEXT_END = 64;
/** And so many parts of a larger element. */
const MOST_PARTS = 256;

export function elementPrint(value: unknown): number {
  if (typeof value === "number") return numberPrint(value);
  return printOf(value, { parts: MOST_PARTS, isElement: true });
}

interface Walk {
  parts: number;
  isElement: boolean;
}

function printOf(value: unknown, walk: Walk): number {
  walk.parts -= 1;
  switch (typeof value) {
    case "string":
      return textPrint(value);
    case "number":
      return numberPrint(value);
    case "boolean":
      return value ? 3 : 5;
    case "object":
      if (value === null) return 7;
      return Array.isArray(value) ? listPrint(value, walk) : recordPrint(value, walk);
    default:
      return 7;
  }
}

function listPrint(list: readonly unknown[], walk: Walk, areElements = false): number {
  let print = mix(11, list.length);
  for (const value of list) {
    if (walk.parts <= 0) break;
    walk.isElement = areElements;
    print = mix(print, printOf(value, walk));
  }
  return print;
}

/** The order of keys means nothing. */
function recordPrint(record: object, walk: Walk): number {
  const { isElement } = walk;
  walk.isElement = false;
  let print = 13;
  for (const key of Object.keys(record)) {
    if (walk.parts <= 0) break;
    const value = (record as Record<string, unknown>)[key];
    if (value === undefined || (isElement && key === PLACE_KEY)) continue;
    const own =
      isElement && key === PARTS_KEY && Array.isArray(value)
        ? listPrint(value, walk, true)
        : printOf(value, walk);
    print = (print + mix(textPrint(key), own)) | 0;
  }
  return print;
}

function textPrint(text: string): number {
  let print = mix(17, text.length);
  const whole = text.length <= 2 * TEXT_END;
  for (let i = 0; i < (whole ? text.length : TEXT_END); i++) print = mix(print, text.charCodeAt(i));
  if (whole) return print;
  for (let i = text.length - TEXT_END; i < text.length; i++) print = mix(print, text.charCodeAt(i));
  return print;
}

const float = new Float64Array(1);
const bits = new Int32Array(float.buffer);

function numberPrint(value: number): number {
  if ((value | 0) === value) return mix(19, value);
  float[0] = value;
  return mix(mix(23, bits[0]!), bits[1]!);
}

function mix(print: number, more: number): number {
  const mixed = Math.imul(print ^ more, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
