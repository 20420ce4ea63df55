/** What people read: the README and everything in docs/. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Block, blocksOf } from "./markdownBlocks.js";
import { ROOT } from "./packedPackage.js";

/** As named in the repository. */
export const DOCUMENTS: readonly string[] = [
  "README.md",
  ...readdirSync(path.join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

export const textOf = (document: string): string => readFileSync(path.join(ROOT, document), "utf8");

export const blocksOfDocument = (document: string): Block[] => blocksOf(document, textOf(document));

/** Every block of every document that can be read as blocks; that each can is a claim of its own. */
export const readableBlocks = (): Block[] =>
  DOCUMENTS.flatMap((document) => {
    try {
      return blocksOfDocument(document);
    } catch {
      return [];
    }
  });
