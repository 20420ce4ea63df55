/** The js and ts blocks of the documents, compiled against the package as it is installed. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import type { Block } from "./markdownBlocks.js";

/** What the compiler says, each with the place in the document; nothing where all is well. `folder` has the package in its node_modules. */
export function compiled(blocks: readonly Block[], folder: string): string[] {
  const modules = modulesOf(blocks);
  const sources = path.join(folder, "blocks");
  mkdirSync(sources, { recursive: true });
  // A document's own files import each other by the names it gives them.
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
  const places = new Map<string, Module>();
  for (const [index, module] of modules.entries()) {
    const file = path.join(sources, `${index}.m${module.language}`);
    writeFileSync(file, module.text);
    places.set(file, module);
  }
  const program = ts.createProgram([...places.keys()], {
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    types: ["node"],
    typeRoots: [path.join(folder, "node_modules", "@types")],
    strict: true,
    allowJs: true,
    checkJs: true,
    skipLibCheck: true,
    noEmit: true,
  });
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => said(diagnostic, places));
}

interface Module {
  readonly language: string;
  readonly text: string;
  /** Where each of its lines is from. */
  readonly places: readonly string[];
}

function modulesOf(blocks: readonly Block[]): Module[] {
  const modules: Module[] = [];
  for (const { place, language, text, marker } of blocks) {
    if ((language !== "js" && language !== "ts") || marker?.kind === "not run") continue;
    const [document = "", line = ""] = place.split(":");
    const places = text.split("\n").map((_, at) => `${document}:${Number(line) + 1 + at}`);
    const before = modules.at(-1);
    if (marker?.kind !== "continues") modules.push({ language, text, places });
    else if (before?.language === language && before.places[0]?.startsWith(`${document}:`)) {
      const joined = { text: `${before.text}\n${text}`, places: [...before.places, ...places] };
      modules.splice(-1, 1, { language, ...joined });
    } else throw new Error(`${place}: nothing before it that it could go on from`);
  }
  return modules;
}

function said({ file, start, messageText }: ts.Diagnostic, places: Map<string, Module>): string {
  const message = ts.flattenDiagnosticMessageText(messageText, " ");
  const module = file && places.get(file.fileName);
  if (!module || start === undefined) return message;
  return `${module.places[file.getLineAndCharacterOfPosition(start).line]}: ${message}`;
}
