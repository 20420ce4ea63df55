/** A part of the page that is loaded when it is first needed, and at once where it is there already. */
import { useLayoutEffect, useState } from "preact/hooks";

export interface LazyPart<T> {
  /** Null until it was loaded. */
  readonly part: T | null;
  load(): Promise<T>;
}

export function lazyPart<T>(fetchPart: () => Promise<T>): LazyPart<T> {
  let part: T | null = null;
  return {
    get part() {
      return part;
    },
    async load() {
      part ??= await fetchPart();
      return part;
    },
  };
}

export type Lazy<T> =
  | { readonly phase: "loading" }
  | { readonly phase: "there"; readonly part: T }
  | { readonly phase: "failed"; again(): void };

export function useLazy<T>(lazy: LazyPart<T>): Lazy<T> {
  const [failures, setFailures] = useState(0);
  const [tries, setTries] = useState(0);
  const [part, setPart] = useState<T | null>(lazy.part);
  useLayoutEffect(() => {
    if (part !== null) return;
    let isWanted = true;
    lazy.load().then(
      (loaded) => isWanted && setPart(() => loaded),
      () => isWanted && setFailures((before) => before + 1),
    );
    return () => {
      isWanted = false;
    };
  }, [lazy, part, tries]);
  if (part !== null) return { phase: "there", part };
  if (failures > tries) return { phase: "failed", again: () => setTries(failures) };
  return { phase: "loading" };
}
