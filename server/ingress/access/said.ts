/** The words in which a command says who gives it: where the user is known they are the user's name, whatever the command says itself. */
import type { Command } from "../../../shared/schema/command.js";

/** The command as `user` gives it; as it is where nobody knows who that is. A driver keeps the name of its program behind the user's. */
export function saidBy(user: string | null, command: Command): Command {
  if (user === null) return command;
  switch (command.kind) {
    case "start":
    case "stop":
    case "answer":
    case "resume":
    case "retry":
      return { ...command, by: user };
    case "claim":
      return { ...command, driver: driverOf(user, command.driver) };
    case "save":
    case "step":
    case "clear":
    case "restore":
    case "release":
      return command;
  }
}

/** Never the name of somebody else alone. */
const driverOf = (user: string, driver: string): string =>
  driver === user ? user : `${user} (${driver})`;
