/** Short slices in turns: who begins changes each round, so that a noisy machine disturbs all alike. */

/** `slice(side)` returns an object of figures; they are gathered as lists, by the side's name. */
export async function inTurns(sides, rounds, slice) {
  const gathered = Object.fromEntries(sides.map(({ name }) => [name, {}]));
  for (let round = 0; round < rounds; round++) {
    const from = round % sides.length;
    const turned = [...sides.slice(from), ...sides.slice(0, from)];
    for (const side of round % 2 === 0 ? turned : turned.toReversed()) {
      for (const [key, value] of Object.entries(await slice(side, round))) {
        gathered[side.name][key] ??= [];
        gathered[side.name][key].push(value);
      }
    }
  }
  return gathered;
}
