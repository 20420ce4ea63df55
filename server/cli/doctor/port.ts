/** Whether a server could listen where the settings say, judged from a try and from what answers there. Pure. */
import { type Finding, fine, wrong } from "./finding.js";

/** An address as a try to listen there found it. */
export interface AddressSeen {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Why it cannot be listened to, as the system's code; null where it can. */
  readonly code: string | null;
  /** It is taken, and an Instep answers. */
  readonly isInstep: boolean;
  /** A server holds the data folder. */
  readonly isHeld: boolean;
}

/** One finding. */
export function judgePort({ host, port, code, isInstep, isHeld }: AddressSeen): Finding {
  const shown = `Port ${port} of ${host}`;
  const other = "Stop what listens there, or choose another one with --port.";
  switch (code) {
    case null:
      return fine("port", port === 0 ? "Any free port is taken." : `${shown} is free.`);
    case "EADDRINUSE":
      if (isInstep && isHeld) return fine("port", `${shown} is that of a running Instep.`);
      return isInstep
        ? wrong("port", `${shown} is taken by an Instep on another data folder.`, other)
        : wrong("port", `${shown} is taken by something that is no Instep.`, other);
    case "EACCES":
      return wrong(
        "port",
        `${shown} is not open to this user.`,
        "Choose a port above 1023 with --port, and put a proxy in front.",
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return wrong("port", `${host} is no address of this machine.`, "Mend --host.");
    default:
      return wrong("port", `${shown} cannot be listened to (${code}).`, "Mend --host or --port.");
  }
}
