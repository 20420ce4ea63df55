/** Keeps texts that were typed into a form and not sent yet in the tab, so that a reload loses nothing. Secrets are kept nowhere but on the server. */
import type { Fields } from "../../index.js";

type Draft = Readonly<Record<string, string>>;
type Switches = Readonly<Record<string, boolean>>;

export interface Drafts {
  read(): Draft;
  keep(texts: Draft, fields: Fields): void;
  readSwitches(): Switches;
  keepSwitches(switches: Switches): void;
  forget(): void;
}

/** `name` tells forms apart: a question's id, a definition's name. */
export function createDrafts(memory: Storage, name: string): Drafts {
  const [texts, switches] = [`instep.draft.${name}`, `instep.switches.${name}`];
  const read = <Value>(key: string, type: string): Readonly<Record<string, Value>> => {
    try {
      const kept: unknown = JSON.parse(memory.getItem(key) ?? "{}");
      const entries = typeof kept === "object" && kept !== null ? Object.entries(kept) : [];
      return Object.fromEntries(entries.filter(([, value]) => typeof value === type)) as Record<
        string,
        Value
      >;
    } catch {
      return {};
    }
  };
  const keep = (key: string, value: object) => {
    try {
      memory.setItem(key, JSON.stringify(value));
    } catch {
      // A full storage forgets the draft at a reload, and no more.
    }
  };
  return {
    read: () => read<string>(texts, "string"),
    keep(typed, fields) {
      const kept = Object.entries(typed).filter(([field]) => fields[field]?.type !== "secret");
      keep(texts, Object.fromEntries(kept));
    },
    readSwitches: () => read<boolean>(switches, "boolean"),
    keepSwitches: (chosen) => keep(switches, chosen),
    forget() {
      memory.removeItem(texts);
      memory.removeItem(switches);
    },
  };
}
