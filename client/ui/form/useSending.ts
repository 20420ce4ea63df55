/** Sends a form as one command, however often its button is pressed, and keeps what was wrong with it. */
import { useRef, useState } from "preact/hooks";
import {
  type Fields,
  type FieldValues,
  newRequestId,
  type RunCommand,
  type SavedAnswer,
} from "../../index.js";
import { runCommand } from "../commands/runCommand.js";
import { commandObstacle } from "../page/inStep.js";
import { usePage } from "../page/page.js";
import type { Texts } from "./fieldInputs.js";
import { byName, checkTexts } from "./formValues.js";

interface SendingOptions {
  readonly fields: Fields;
  readonly texts: Texts;
  /** False for the moment in which a press may have been meant for what stood there before. */
  readonly isArmed: boolean;
  commandOf(values: FieldValues): RunCommand;
  /** The command took effect. */
  done(answer: SavedAnswer): void;
}

export interface Sending {
  /** By field. */
  readonly problems: Texts;
  /** A mistake that belongs to no field; null where there is none. */
  readonly trouble: string | null;
  readonly isSending: boolean;
  readonly isArmed: boolean;
  /** Why nothing can be sent now; null where it can. */
  readonly obstacle: string | null;
  send(event: Event): Promise<void>;
  /** Something in the form changed: the next press is another command. */
  changed(): void;
  say(trouble: string): void;
  /** Another form stands here now. */
  reset(): void;
}

export function useSending({ fields, texts, isArmed, commandOf, done }: SendingOptions): Sending {
  const { client, connection } = usePage();
  const [problems, setProblems] = useState<Texts>({});
  const [trouble, setTrouble] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const isSent = useRef(false);
  /** The same for each press, until something else is sent. */
  const requestId = useRef<string | null>(null);
  const obstacle = commandObstacle(connection.value);
  const changed = () => {
    requestId.current = null;
  };

  async function send(event: Event) {
    event.preventDefault();
    if (isSent.current || !isArmed || obstacle !== null) return;
    setTrouble(null);
    const checked = checkTexts(fields, texts);
    setProblems(checked.problems);
    if (!checked.isForServer) return;
    requestId.current ??= newRequestId();
    isSent.current = true;
    setSending(true);
    const options = { requestId: requestId.current };
    const result = await runCommand(client, commandOf({ ...checked.values }), options);
    isSent.current = false;
    setSending(false);
    if (result.ok) return done(result.answer);
    // A refusal was an answer: the next press is another command.
    if (result.code !== null) changed();
    setProblems(byName(fields, result.errors));
    setTrouble(result.errors.length > 0 ? null : result.why);
  }

  return {
    problems,
    trouble,
    isSending,
    isArmed,
    obstacle,
    send,
    changed,
    say: setTrouble,
    reset() {
      changed();
      setProblems({});
      setTrouble(null);
    },
  };
}
