/** Ids that this server does not know, of which another one may have told somebody already: the store is asked before anyone hears that there is no such workflow. */
import { CURRENT, LIST, WORKFLOW_ID } from "../../../shared/names.js";
import type { ClientMessage } from "../../../shared/schema/clientMessages.js";
import type { Command } from "../../../shared/schema/command.js";
import { isStart } from "../../state/rules/meantWorkflow.js";
import type { Store } from "../../state/store/store.js";
import type { Workflows } from "../../state/workflows.js";
import { Hearing } from "./hearing.js";

export class Unheard {
  readonly #workflows: Pick<Workflows, "find">;
  readonly #store: Pick<Store, "hear">;
  readonly #hearing = new Hearing();

  constructor(workflows: Pick<Workflows, "find">, store: Pick<Store, "hear">) {
    this.#workflows = workflows;
    this.#store = store;
  }

  /** Resolves once this server knows what the store had of it; null where it can say at once. Never rejects. */
  of(workflow_id: string | null | undefined): Promise<void> | null {
    const { hear } = this.#store;
    if (!hear || !workflow_id || !WORKFLOW_ID.test(workflow_id)) return null;
    if (workflow_id === CURRENT || workflow_id === LIST) return null;
    if (this.#workflows.find(workflow_id)) return null;
    return this.#hearing.of(workflow_id, () => hear.call(this.#store, workflow_id));
  }

  /** The same of what a command is about; one that begins a workflow finds out by itself whether there is one. */
  ofCommand(command: Command): Promise<void> | null {
    if (isStart(command) && command.kind !== "retry") return null;
    if (command.kind !== "save") return this.of(command.workflow_id);
    return this.of(command.workflow_id ?? command.state.workflow_id);
  }

  /** The same of what a frame is about. */
  ofMessage(message: ClientMessage): Promise<void> | null {
    switch (message.type) {
      case "propose":
        return this.ofCommand(message.command);
      case "subscribe":
      case "follow_log":
        return this.of(message.workflow_id);
      case "unsubscribe":
      case "unfollow_log":
      case "ping":
        return null;
    }
  }

  /** The same of the workflow that an address names. Whether the address is in order is looked at later. */
  ofAddress(url = ""): Promise<void> | null {
    // Asked of every read: where nobody else makes workflows, nothing is taken apart for it.
    const at = this.#store.hear ? url.indexOf("?") : -1;
    return at === -1 ? null : this.of(new URLSearchParams(url.slice(at)).get("workflow_id"));
  }
}
