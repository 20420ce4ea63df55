/** Trace context as the W3C has it (https://www.w3.org/TR/trace-context/): which trace a start belongs to, and under which part of it. */

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NONE = /^0+$/;

/** The context in a header, a field or a variable, in the form of version 00; undefined for anything that is none: that is ignored, never refused. */
export function readTraceparent(text: string | undefined): string | undefined {
  if (text === undefined || text.length > 512) return undefined;
  const [whole, version, trace = "", parent = "", flags, more] = FORM.exec(text.trim()) ?? [];
  if (whole === undefined || version === "ff" || NONE.test(trace) || NONE.test(parent))
    return undefined;
  // A later version may have more to say, and what it says first means the same.
  if (version === "00" && more !== undefined) return undefined;
  return `00-${trace}-${parent}-${flags}`;
}
