/** Short slices in turns: who begins changes each round, so that a noisy machine disturbs all alike. */
import { othersSince } from "./machine.mjs";

/** `slice(side)` returns an object of figures; they are gathered as lists, by the side's name. */
export async function inTurns(sides, rounds, slice) {
  const gathered = Object.fromEntries(sides.map(({ name }) => [name, {}]));
  for (let round = 0; round < rounds; round++) {
    const from = round % sides.length;
    const turned = [...sides.slice(from), ...sides.slice(0, from)];
    for (const side of round % 2 === 0 ? turned : turned.toReversed()) {
      const others = othersSince();
      const figures = await slice(side, round);
      for (const [key, value] of Object.entries({ ...figures, othersBusy: others() })) {
        gathered[side.name][key] ??= [];
        gathered[side.name][key].push(value);
      }
    }
  }
  return gathered;
}
