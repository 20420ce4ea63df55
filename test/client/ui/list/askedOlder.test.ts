/** When the list asks for older workflows, which nobody tells it of by themselves. */
import { expect, test } from "vitest";
import type { ListOrder, ListState } from "../../../../client/index.js";
import { AskedOlder } from "../../../../client/ui/list/askedOlder.js";
import type { ToldOlder } from "../../../../client/ui/list/older.js";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { settled } from "../../../support/clocks/settled.js";
import { summary } from "../samples.js";

function world() {
  const clock = manualClock();
  const told: ToldOlder[] = [];
  const answers: ((names: string[]) => void)[] = [];
  const asked = new AskedOlder({
    clock,
    tell: (one) => told.push(one),
    rest: {
      list: () =>
        new Promise((resolve) =>
          answers.push((names) =>
            resolve({
              success: true,
              workflows: names.map((epoch) => summary({ epoch })),
              next: null,
            }),
          ),
        ),
    },
  });
  const want = (list: Partial<ListState>, part: { key?: string; wanted?: number } = {}) =>
    asked.want(
      { workflows: {}, ...list },
      { key: "/", filter: {}, order: {} as ListOrder, wanted: 200, ...part },
    );
  const answer = async (...names: string[]) => {
    answers.at(-1)!(names);
    await settled();
  };
  const known = () => Object.keys(told.at(-1)?.found?.workflows ?? {});
  return { clock, asked, answers, want, answer, known };
}

test("older workflows that come one after the other, each before the answer to the one before, are asked for all the same", async () => {
  const { clock, answers, want, answer, known } = world();
  want({ older: 1 });
  for (let older = 2; older < 6; older++) want({ older });
  await answer("e1");
  expect(known()).toEqual(["e1"]);
  for (let older = 6; older < 16; older++) {
    clock.advance(150);
    want({ older });
  }
  expect(answers).toHaveLength(2);
  await answer("e2", "e1");
  expect(known()).toEqual(["e2", "e1"]);
});

test("older workflows are asked for again when one has left the list, though their number is the same", async () => {
  const { clock, answers, want, answer } = world();
  want({ older: 1, workflows: { e2: summary({ epoch: "e2" }) } });
  await answer("e1");
  clock.advance(1_000);
  want({ older: 1, workflows: { e2: summary({ epoch: "e2" }), e3: summary({ epoch: "e3" }) } });
  expect(answers).toHaveLength(1);
  want({ older: 1, workflows: { e3: summary({ epoch: "e3" }) } });
  expect(answers).toHaveLength(2);
});

test("another question is asked at once, and the answer to the one before counts for nothing", async () => {
  const { answers, want, answer, known } = world();
  want({ older: 1 });
  want({ older: 1 }, { key: "/?q=a" });
  answers[0]!(["e1"]);
  await answer("e2");
  expect(known()).toEqual(["e2"]);
});

test("nothing is asked for after its stop", async () => {
  const { clock, asked, answers, want, answer } = world();
  want({ older: 1 });
  await answer("e1");
  want({ older: 2 });
  asked.stop();
  clock.advance(5_000);
  expect(answers).toHaveLength(1);
});
