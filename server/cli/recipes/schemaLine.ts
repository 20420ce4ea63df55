/** The line of a recipe by which an editor finds what its keys are. */
import path from "node:path";
import { ofPackage } from "../process/packageFiles.js";

/**
 * For yaml-language-server, as VS Code and others have it. Relative where the package lies in the folder that `cwd` is, so that it holds for
 * whoever else has that folder; the whole path otherwise.
 */
export function schemaLine(folder: string, cwd: string): string {
  const schema = ofPackage(path.join("shared", "recipe.schema.json"));
  if (schema === null) return "";
  const isInside = !path.relative(cwd, schema).startsWith("..");
  return `# yaml-language-server: $schema=${isInside ? path.relative(folder, schema) : schema}\n`;
}
