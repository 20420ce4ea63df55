/** Says which steps of a file stand in the way of `on_node_loss: resume`: a command that nothing ends where its node is lost could run twice at once. */

/** A step as it stands in a file, as far as it decides. */
interface WrittenStep {
  readonly action: string;
  readonly on?: unknown;
  readonly tty: boolean;
  readonly survives?: boolean | undefined;
  readonly ask?: { readonly when?: unknown } | undefined;
}

/** Null where its command is ended with the node, or where it has none. */
export function whyNotResumed({ action, on, tty, survives, ask }: WrittenStep): string | null {
  const why = (what: string) =>
    `must be wait: the step "${action}" ${what}, and nothing ends that where its node is lost`;
  if (on !== undefined) return why("runs on another machine (`on`)");
  if (tty) return why("prints to a terminal (`tty`)");
  if (survives === false) return why("has `survives: false`");
  if (ask?.when !== undefined) return why("runs a command before it asks (`ask.when`)");
  return null;
}
