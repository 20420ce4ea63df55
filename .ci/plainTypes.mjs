/** Writes out the types that zod infers from the schemas: whoever follows and drives workflows then compiles without zod. */
import path from "node:path";
import ts from "typescript";
import { ROOT } from "./tools.mjs";

const SCHEMAS = path.join("shared", "schema");
/** What cannot be said without a schema. */
const NEEDS_SCHEMA = /\bz\.|\btypeof\b/;

/** For Rollup, before the plug-in that joins declarations: gives it each schema's declaration as its exported types alone. */
export function plainTypes() {
  const folder = path.join(ROOT, "dist", SCHEMAS);
  let declarations;
  return {
    name: "plain-types",
    load(id) {
      if (path.dirname(id) !== folder) return null;
      declarations ??= declarationsOf(path.join(ROOT, SCHEMAS));
      return declarations.get(path.basename(id, ".d.ts"));
    },
  };
}

/** By the name of each file of `folder`, without its ending. */
function declarationsOf(folder) {
  const config = ts.getParsedCommandLineOfConfigFile(
    path.join(ROOT, "tsconfig.json"),
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: ({ messageText }) => fail(messageText) },
  );
  const files = ts.sys.readDirectory(folder, [".ts"]);
  const program = ts.createProgram(files, config.options);
  const checker = program.getTypeChecker();
  return new Map(
    files.map((file) => {
      const source = program.getSourceFile(file);
      return [path.basename(file, ".ts"), declarationOf(source, checker)];
    }),
  );
}

function declarationOf(source, checker) {
  const exported = source.statements.filter(
    (node) =>
      (ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)) &&
      node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
  );
  const named = new Set(exported.map((node) => checker.getSymbolAtLocation(node.name)));
  const lines = exported.map((node) => {
    if (ts.isInterfaceDeclaration(node) || !NEEDS_SCHEMA.test(node.getText())) {
      return node.getFullText().trim();
    }
    const type = checker.getTypeAtLocation(node.name);
    const text = new Printer(checker, named).shape(type, "");
    return `${leading(node, source)}export type ${node.name.text} = ${text};`;
  });
  return `${lines.join("\n")}\nexport {};\n`;
}

const leading = (node, source) =>
  source.text.slice(node.getFullStart(), node.getStart(source)).trimStart();

/** Prints a type with all that is in it; only types that are exported beside it keep their names. */
class Printer {
  #checker;
  #named;

  constructor(checker, named) {
    this.#checker = checker;
    this.#named = named;
  }

  text(type, indent) {
    if (this.#named.has(type.aliasSymbol)) return type.aliasSymbol.name;
    return this.shape(type, indent);
  }

  /** The same without its own name. */
  shape(type, indent) {
    if (type.flags & SIMPLE) return this.#checker.typeToString(type, undefined, WHOLE);
    if (type.isUnion()) return this.#union(type.types, indent);
    if (type.isIntersection()) {
      return type.types.map((part) => this.#inParts(part, indent)).join(" & ");
    }
    if (this.#checker.isArrayType(type)) {
      const [item] = this.#checker.getTypeArguments(type);
      return `${this.#inParts(item, indent)}[]`;
    }
    return this.#object(type, indent);
  }

  #inParts(type, indent) {
    const text = this.text(type, indent);
    const isJoined = type.isUnion() || type.isIntersection();
    return isJoined && !this.#named.has(type.aliasSymbol) ? `(${text})` : text;
  }

  /** What may be missing stands last, as people write it. */
  #union(types, indent) {
    const rank = ({ flags }) =>
      flags & ts.TypeFlags.Undefined ? 2 : flags & ts.TypeFlags.Null ? 1 : 0;
    const texts = types
      .toSorted((one, other) => rank(one) - rank(other))
      .map((type) => this.#inParts(type, indent));
    return [...new Set(texts)]
      .join(" | ")
      .replace(/\b(?:false \| true|true \| false)\b/, "boolean");
  }

  #object(type, indent) {
    const properties = this.#checker.getPropertiesOfType(type);
    const indexes = this.#checker.getIndexInfosOfType(type);
    const calls = [...type.getCallSignatures(), ...type.getConstructSignatures()];
    if (!(type.flags & ts.TypeFlags.Object) || calls.length > 0) {
      fail(`${this.#checker.typeToString(type)} is of a kind that plainTypes.mjs cannot write`);
    }
    const inner = `${indent}    `;
    const lines = [
      ...indexes.map(
        ({ keyType, type: value }) =>
          `${inner}[key: ${this.text(keyType, inner)}]: ${this.text(value, inner)};`,
      ),
      ...properties.map((property) => this.#property(property, inner)),
    ];
    return `{\n${lines.join("\n")}\n${indent}}`;
  }

  #property(property, indent) {
    const optional = property.flags & ts.SymbolFlags.Optional ? "?" : "";
    const said = ts.displayPartsToString(property.getDocumentationComment(this.#checker));
    const comment = said && `${indent}/** ${said.replaceAll("\n", " ")} */\n`;
    const type = this.text(this.#checker.getTypeOfSymbol(property), indent);
    return `${comment}${indent}${property.name}${optional}: ${type};`;
  }
}

const SIMPLE =
  ts.TypeFlags.Any |
  ts.TypeFlags.Unknown |
  ts.TypeFlags.Never |
  ts.TypeFlags.String |
  ts.TypeFlags.Number |
  ts.TypeFlags.Boolean |
  ts.TypeFlags.StringLiteral |
  ts.TypeFlags.NumberLiteral |
  ts.TypeFlags.BooleanLiteral |
  ts.TypeFlags.Undefined |
  ts.TypeFlags.Null;
const WHOLE = ts.TypeFormatFlags.NoTruncation;

function fail(why) {
  throw new Error(`The types of the client cannot be written: ${why}.`);
}
