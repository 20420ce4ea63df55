/** Reads the text that Prometheus scrapes, and throws on whatever it would not take. */

/** One line of it. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = '([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\\n]|\\\\[\\\\"n])*)"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{((?:${LABEL},?)*)\\})? (\\S+)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const HELP = new RegExp(`^# HELP (${NAME}) .+$`);

/** Throws an error that quotes the first line that is none; also where a sample has no type, or stands twice. */
export function promText(text: string): Sample[] {
  if (!text.endsWith("\n")) throw new Error("it does not end with a line break");
  const types = new Map<string, string>();
  const seen = new Set<string>();
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || HELP.test(line)) continue;
    const type = TYPE.exec(line);
    if (type) {
      if (types.has(type[1]!)) throw new Error(`a second type: ${line}`);
      types.set(type[1]!, type[2]!);
      continue;
    }
    const sample = SAMPLE.exec(line);
    const value = numberOf(sample?.at(-1) ?? "");
    if (!sample || value === null) throw new Error(`no sample: ${line}`);
    const key = line.slice(0, line.lastIndexOf(" "));
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    const [, name = "", labels = ""] = sample;
    const family = name.replace(/_(bucket|sum|count)$/, "");
    if (!types.has(name) && !types.has(family)) throw new Error(`no type: ${line}`);
    const pairs = [...labels.matchAll(new RegExp(LABEL, "g"))].map(([, key, text]) => [key, text]);
    samples.push({ name, labels: Object.fromEntries(pairs), value });
  }
  return samples;
}

function numberOf(text: string): number | null {
  if (text === "Nan" || text === "NaN") return Number.NaN;
  if (/^[+-]?Inf$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : null;
}
