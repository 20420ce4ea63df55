/** The port to one side of a move: a data folder, or the part of an etcd that is Instep's. Nobody else has it open. */

import type { MoveMark } from "../../state/store/moveMark.js";
import type { WorkflowRecord } from "../../state/store/record.js";
import type { Contents } from "./contents.js";

export interface Side {
  readonly kind: "folder" | "etcd";
  /** As people read it, and as it may be named again. */
  readonly name: string;
  /** Resolves where no server is at work on it. Rejects with CliError that says which is. */
  checkRest(): Promise<void>;
  mark(): Promise<MoveMark | null>;
  /** Durable once it resolves; null takes it away. */
  setMark(mark: MoveMark | null): Promise<void>;
  /** Everything, as it is on the disk or in etcd now. Rejects with CliError where something cannot be read. */
  read(): Promise<Contents>;
  /** Adds these; each is durable once it resolves. */
  write(contents: Contents): Promise<void>;
  /** Puts these records in the place of those with the same ids. */
  replace(records: readonly WorkflowRecord[]): Promise<void>;
  /** Takes all workflows away that a move has left here. */
  wipe(): Promise<void>;
  /** Takes all workflows away that are on the other side now. Resolves with where they are kept, null where they are not. */
  leave(): Promise<string | null>;
  /** Gives it back. */
  close(): Promise<void>;
}
