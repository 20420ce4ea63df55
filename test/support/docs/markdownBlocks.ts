/** The fenced blocks of a Markdown file, each with its language and the marker above it. */

/** `<!-- test: … -->` in the line above a block: how a test treats it, where its language alone does not say so. */
export type Marker =
  | { readonly kind: "keeps running" }
  | { readonly kind: "continues" }
  | { readonly kind: "other yaml" }
  | { readonly kind: "exits"; readonly code: number }
  | { readonly kind: "not run"; readonly reason: string };

export interface Block {
  /** As a person names it: `docs/recipes.md:12`. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
  readonly marker: Marker | null;
  /** The path that its first line names in a comment, where it names one: `# workflows/hello.yaml`. */
  readonly file: string | null;
}

const FENCE = /^( *)(`{3,}|~{3,})\s*(.*)$/;

/** Throws for what a reader or the test could misunderstand: no language, no end, a marker that is none or stands above nothing. */
export function blocksOf(document: string, markdown: string): Block[] {
  const lines = markdown.split("\n");
  const blocks: Block[] = [];
  let marker: { readonly line: string; readonly at: number } | null = null;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const place = `${document}:${at + 1}`;
    if (/^\s*<!-- *test:/.test(line)) marker = { line, at };
    else if (marker && marker.at === at - 1 && !FENCE.test(line)) {
      throw new Error(`${place}: the marker above stands above no block`);
    }
    const isPlainCode = /^( {4}|\t)\S/.test(line) && !/\S/.test(lines[at - 1] ?? "");
    if (isPlainCode && !isInList(lines, at)) {
      throw new Error(`${place}: code that is only indented has no language; fence it`);
    }
    const [, indent = "", fence, language = ""] = FENCE.exec(line) ?? [];
    if (fence === undefined) continue;
    const end = lines.findIndex((other, index) => index > at && other.trim() === fence);
    if (end === -1) throw new Error(`${place}: the block does not end`);
    if (!/^[a-z]+$/.test(language)) throw new Error(`${place}: the block has no language`);
    const content = lines.slice(at + 1, end).map((one) => one.replace(indent, ""));
    blocks.push({
      place,
      language,
      text: content.join("\n"),
      marker: marker?.at === at - 1 ? markerOf(marker.line, place) : null,
      file: fileNamedIn(content[0] ?? ""),
    });
    at = end;
  }
  return blocks;
}

/** Text that is indented below an item of a list belongs to it. */
function isInList(lines: readonly string[], at: number): boolean {
  const above = lines.slice(0, at).findLast((line) => /^\S/.test(line)) ?? "";
  return /^([-*+]|\d+\.) /.test(above);
}

function markerOf(line: string, place: string): Marker {
  const said = /^\s*<!-- *test: *(.*?) *-->\s*$/.exec(line)?.[1] ?? "";
  const [, code] = /^exits (\d+)$/.exec(said) ?? [];
  if (code !== undefined) return { kind: "exits", code: Number(code) };
  const [, reason] = /^not run: (.{8,})$/.exec(said) ?? [];
  if (reason !== undefined) return { kind: "not run", reason };
  if (said === "keeps running" || said === "continues" || said === "other yaml") {
    return { kind: said };
  }
  throw new Error(`${place}: "${said}" is no marker`);
}

const fileNamedIn = (line: string): string | null =>
  /^(?:#|\/\/|<!--) ?([\w.-]+(?:\/[\w.-]+)*\.[a-z]+)(?: *-->)?$/.exec(line.trim())?.[1] ?? null;
