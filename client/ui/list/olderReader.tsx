/** Reads the older workflows for the list beside it; draws nothing. */
import { useLayoutEffect, useMemo } from "preact/hooks";
import type { ListState } from "../../index.js";
import { usePage } from "../page/page.js";
import { AskedOlder, type OlderQuestion } from "./askedOlder.js";
import type { ToldOlder } from "./older.js";

interface OlderReaderProps extends Omit<OlderQuestion, "key"> {
  /** The key of the question, which preact would take for its own. */
  readonly address: string;
  readonly list: ListState;
  readonly tell: (told: ToldOlder) => void;
}

export function OlderReader({ list, tell, address, ...question }: OlderReaderProps) {
  const { client } = usePage();
  const asked = useMemo(() => {
    const { clock, rest } = client;
    return new AskedOlder({ clock, rest, tell });
  }, [client, tell]);
  const { wanted } = question;
  useLayoutEffect(
    () => asked.want(list, { key: address, ...question }),
    [asked, list, address, wanted],
  );
  useLayoutEffect(() => () => asked.stop(), [asked]);
  return null;
}
