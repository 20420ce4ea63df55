/** What the package's own types say of its options: read from the sources, so that no list of them has to be kept. */
import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { ROOT } from "./packedPackage.js";

export interface DeclaredOption {
  readonly name: string;
  /** As it stands in the source, without what only says that it may be missing. */
  readonly type: string;
  readonly isRequired: boolean;
  /** What its comment says; null where it says nothing of a default. */
  readonly byDefault: string | null;
}

/** By its name, each type of options that this entry exports; its own options, not those of what it extends, nor old names of others. */
export function declaredOptions(entry: string): Map<string, readonly DeclaredOption[]> {
  const found = new Map<string, readonly DeclaredOption[]>();
  for (const [name, file] of exportsOf(entry)) {
    if (!/Options$|^Code/.test(name)) continue;
    const declared = sourceOf(file).statements.filter(ts.isInterfaceDeclaration);
    const own = declared.find((one) => one.name.text === name);
    if (own) found.set(name, optionsOf(own));
  }
  return found;
}

/** The names that a module exports, each with the file it is declared in. */
function exportsOf(file: string): [name: string, file: string][] {
  const imported = new Map<string, string>();
  const exported: [string, string][] = [];
  for (const statement of sourceOf(file).statements) {
    if (ts.isInterfaceDeclaration(statement)) exported.push([statement.name.text, file]);
    if (ts.isImportDeclaration(statement)) {
      const names = statement.importClause?.namedBindings;
      if (!names || !ts.isNamedImports(names)) continue;
      const from = beside(file, statement.moduleSpecifier);
      for (const { name } of names.elements) imported.set(name.text, from);
    }
    if (ts.isExportDeclaration(statement)) {
      const names = statement.exportClause;
      if (!names || !ts.isNamedExports(names)) continue;
      for (const { name } of names.elements) {
        const { moduleSpecifier } = statement;
        const from = moduleSpecifier ? beside(file, moduleSpecifier) : imported.get(name.text);
        exported.push([name.text, from ?? file]);
      }
    }
  }
  return exported;
}

const beside = (file: string, module: ts.Expression): string =>
  path.join(path.dirname(file), (module as ts.StringLiteral).text.replace(/\.js$/, ".ts"));

const sourceOf = (file: string): ts.SourceFile =>
  ts.createSourceFile(
    file,
    readFileSync(path.join(ROOT, file), "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );

/** The names that a closed list of `shared/statuses.ts` has a type of, as the union of its words: people who read the docs do not have that file. */
function asUnion(type: string): string {
  const lists = readFileSync(path.join(ROOT, "shared/statuses.ts"), "utf8");
  const list = new RegExp(`export type ${type} = \\(typeof (\\w+)\\)`).exec(lists)?.[1];
  const words = new RegExp(`export const ${list} = \\[([^\\]]*)\\]`).exec(lists)?.[1];
  return words === undefined
    ? type
    : words
        .split(",")
        .map((word) => word.trim())
        .join(" | ");
}

function optionsOf({ members }: ts.InterfaceDeclaration): DeclaredOption[] {
  const current = members.filter(
    (member) => ts.isPropertySignature(member) && !ts.getJSDocDeprecatedTag(member),
  );
  return current.filter(ts.isPropertySignature).map((member) => ({
    name: member.name.getText(),
    type: asUnion(oneLine(member.type?.getText() ?? "").replace(/ \| undefined$/, "")),
    isRequired: !member.questionToken,
    byDefault: defaultOf(member),
  }));
}

function defaultOf(member: ts.Node): string | null {
  const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "default");
  const text = ts.getTextOfJSDocComment(tag?.comment);
  return text === undefined ? null : oneLine(text);
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
