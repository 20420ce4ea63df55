/** The programs that a keeper on another machine is made of, as that machine tells of them. */
import { type KeeperPrograms, programsIn } from "../local/keeperPrograms.js";

export interface FarPrograms {
  /** In words; empty where all is there. */
  readonly missing: string;
  readonly keeper: KeeperPrograms | null;
  /** Everything of this user's is ended there with the last login. */
  readonly endsWithLogin: boolean;
}

/** The answer of `programs`. */
export function farProgramsIn(text: string): FarPrograms {
  const [missing = "", login, ...answers] = text.split("\n");
  return { missing, keeper: programsIn(answers), endsWithLogin: login === "ends" };
}
