/** Follows one subject for as long as a component shows it. Give the component the subject as `key`. */
import { useLayoutEffect, useState } from "preact/hooks";
import type { View } from "../../index.js";
import { usePage } from "./page.js";

export function useView(subject: string): View {
  const { client } = usePage();
  const [view, setView] = useState(() => client.view(subject));
  // A layout effect, because plain effects wait for a frame, and a hidden tab has none.
  useLayoutEffect(() => client.watch(subject, setView), [client, subject]);
  return view;
}
