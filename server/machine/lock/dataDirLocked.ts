/** The refusal of a data folder that another server has, or may have. */

/** `pid` is null where it cannot be known. The message is one for people, and says what they can do. */
export class DataDirLocked extends Error {
  override readonly name = "DataDirLocked";
  readonly pid: number | null;

  constructor(message: string, pid: number | null) {
    super(message);
    this.pid = pid;
  }
}
