/** The states that bench/loop.mjs saves: each costs a server in another place. */

/** Each gives a state of about so many bytes; another `turn` changes all of it. */
export function shapesOf(bytes) {
  const list = (length, of) => Array.from({ length }, (_, i) => of(i));
  const keyed = (count, key, of) => Object.fromEntries(list(count, (i) => [key(i), of(i)]));
  const nested = (depth, leaf) => (depth === 0 ? leaf : { part: nested(depth - 1, leaf) });
  const part = Math.floor(bytes / 20);
  return {
    "many keys": (turn) =>
      keyed(
        part,
        (i) => `key_${i}`,
        (i) => i + turn,
      ),
    "many renamed keys": (turn) => ({
      data: keyed(
        part,
        (i) => `k${turn}_${i}`,
        (i) => i,
      ),
    }),
    deep: (turn) => ({
      data: nested(
        60,
        list(bytes / 7, (i) => 100_000 + i + turn),
      ),
    }),
    "long keys": (turn) => ({
      data: keyed(
        bytes / 1_000,
        (i) => `${"k".repeat(980)}${i}`,
        (i) => i + turn,
      ),
    }),
    "an array of numbers": (turn) => ({ data: list(bytes / 3, (i) => ((i * 7 + turn) % 89) + 10) }),
    "an array of texts": (turn) => ({
      data: list(bytes / 14, (i) => `line ${100_000 + i + turn * 7}`),
    }),
    "arrays of arrays": (turn) => ({
      data: list(bytes / 70, (i) => list(10, (j) => 10_000 + ((i * j + turn) % 89_999))),
    }),
    "empty arrays": (turn) => ({ data: list(bytes / 3.2, () => (turn ? [] : {})) }),
    "moved windows": (turn) => ({
      data: list(16, (w) =>
        list(bytes / 16 / 7, (i) => 100_000 + (((i + turn) * 7919 + w) % 899_999)),
      ),
    }),
    "fat steps": (turn) => ({
      steps: list(bytes / 1_000, (i) => ({
        action: `step_${i}`,
        status: turn ? "completed" : "pending",
        data: { text: `${turn}`.repeat(850) },
      })),
    }),
    "steps with tasks": (turn) => ({
      steps: list(bytes / 1_000, (i) => ({
        action: `step_${i}`,
        tasks: list(20, (j) => ({ name: `task ${j} of it`, status: turn ? "a" : "b" })),
      })),
    }),
    "one long text": (turn) => ({ data: `${turn}`.repeat(bytes - 200) }),
    "control characters": (turn) => ({
      data: (turn ? "\u0001" : "\u0002").repeat(bytes / 6 - 100),
    }),
    emoji: (turn) => ({ data: (turn ? "🙂" : "🙃").repeat(bytes / 4 - 100) }),
  };
}
