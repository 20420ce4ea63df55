/** YAML text that nobody vouches for: bounded before it is composed, so that no file takes long or many levels of the stack. */
import {
  Composer,
  CST,
  type Document,
  isMap,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  visit,
  type YAMLMap,
} from "yaml";

export interface YamlProblem {
  readonly offset: number;
  readonly message: string;
}

export interface YamlText {
  readonly document: Document;
  /** Empty where the document is whole. */
  readonly problems: readonly YamlProblem[];
  /** From 1. */
  readonly at: (offset: number) => { line: number; column: number };
}

/** A recipe of 1,000 long steps has 43,000. */
export const MOST_TOKENS = 50_000;
/** Each level is one of the composer's calls: some thousands of them end the process. */
export const MOST_LEVELS = 32;
/** Anchors, aliases, tags and directives: each is looked up among the others. */
const MOST_REFERENCES = 200;

/** Never throws for what stands in the text. */
export function readYaml(source: string): YamlText {
  const lines = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const { tokens, refusal } = tokensOf(source, lines);
  // The uniqueness of keys is checked below, in linear time.
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, logLevel: "error" });
  const [document, second] = [...composer.compose(refusal ? [] : tokens, true, source.length)];
  if (refusal) return { document: document!, problems: [refusal], at };
  const problems: YamlProblem[] = [
    ...document!.errors.map(({ pos, message }) => ({ offset: pos[0], message })),
    ...(second ? [{ offset: second.range[0], message: "has more than one document" }] : []),
    ...repeatedKeys(document!),
  ];
  return { document: document!, problems, at };
}

function tokensOf(
  source: string,
  lines: LineCounter,
): { tokens: CST.Token[]; refusal: YamlProblem | null } {
  const tokens: CST.Token[] = [];
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let [count, references, documents, offset, isText] = [0, 0, 0, 0, false];
  const refuse = (message: string) => ({ tokens: [], refusal: { offset, message } });
  for (const lexeme of new Lexer().lex(source)) {
    const kind = isText ? "scalar" : CST.tokenType(lexeme);
    isText = lexeme === CST.SCALAR;
    count += 1;
    if (REFERENCES.has(kind)) references += 1;
    if (kind === "doc-start") documents += 1;
    tokens.push(...parser.next(lexeme));
    if (count > MOST_TOKENS) return refuse(`has more than ${MOST_TOKENS} words and signs`);
    if (parser.stack.length > MOST_LEVELS) return refuse(`is nested deeper than ${MOST_LEVELS}`);
    if (documents > 1) return refuse("has more than one document");
    if (references > MOST_REFERENCES)
      return refuse(`has more than ${MOST_REFERENCES} anchors, aliases, tags and directives`);
    if (!MARKS.has(lexeme)) offset += lexeme.length;
  }
  tokens.push(...parser.end());
  return { tokens, refusal: null };
}

const REFERENCES: ReadonlySet<CST.TokenType | null> = new Set([
  "anchor",
  "alias",
  "tag",
  "directive-line",
]);
/** Lexemes that the lexer puts in between and the text does not have. */
const MARKS: ReadonlySet<string> = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

function repeatedKeys(document: Document): YamlProblem[] {
  const problems: YamlProblem[] = [];
  visit(document, {
    Map: (_, map: YAMLMap) => {
      problems.push(...repeatedKeysOf(map));
    },
  });
  return problems;
}

const MERGED_TWICE = "stands twice: merge a list, `<<: [*one, *other]`";

/** Where a map says a key again. */
export function repeatedKeysOf({ items }: YAMLMap): YamlProblem[] {
  const seen = new Set<unknown>();
  return items.flatMap(({ key }) => {
    if (!isScalar(key)) return [];
    const isFirst = !seen.has(key.value);
    seen.add(key.value);
    const message = key.value === "<<" ? MERGED_TWICE : "Map keys must be unique";
    return isFirst ? [] : [{ offset: key.range?.[0] ?? 0, message }];
  });
}

/** The values of a map, by their keys; empty where it is none. */
export const entriesOf = (node: unknown): (readonly [string, unknown])[] =>
  isMap(node)
    ? node.items.flatMap(({ key, value }) =>
        isScalar(key) && typeof key.value === "string" ? [[key.value, value] as const] : [],
      )
    : [];
