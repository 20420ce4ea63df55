/** The names of nodes, and the labels by which a definition asks for one. Pure. */

/** The form of a node's name and of a label: they go into keys, headers, recipes and the page as they are. */
export const NODE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A predicate's end: the form of a name. */
export const NODE_NAME_FORM =
  "up to 64 letters, digits, dots, - and _, with a letter or a digit first";

/** How many labels a node has at most, beside its name, and a definition asks for. */
export const MOST_LABELS = 32;

/** Whether a node, or a label, may be called so. */
export const isNodeName = (text: string): boolean => NODE_NAME.test(text);

/** The name of a machine, made fit to be a node's. */
export function nodeNameOf(machine: string): string {
  const fit = machine.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return fit.slice(0, 64) || "node";
}
