/** Every command that the schema knows stands in the lists that people read, and has a call of REST where its document says so. */
import { describe, expect, it } from "vitest";
import { textOf } from "../support/docs/documents.js";

interface Choice {
  readonly oneOf?: readonly Choice[];
  readonly properties?: Readonly<Record<string, Choice>>;
  readonly const?: string;
}

const KINDS = [...new Set(kindsIn(JSON.parse(textOf("shared/frames.schema.json")) as Choice))];
/** These have a call of their own, called like them. */
const CALLED = KINDS.filter((kind) => !["save", "step", "claim", "release"].includes(kind));

describe("a command of the schema", () => {
  it.each([
    ["the frames of PROTOCOL.md", "shared/PROTOCOL.md", /^\| `propose` a command \((.*)\) \|/m],
    ["the words of ARCHITECTURE.md", "ARCHITECTURE.md", /^\| command \| (.*) \|$/m],
    [
      "the table of embedding.md",
      "docs/embedding.md",
      /^\| command \(`kind`\) [^\n]*\n((?:\|[^\n]*\n)*)/m,
    ],
  ])("every command stands in %s", (_list, document, list) => {
    const named = textOf(document).match(list)?.[1] ?? "";
    const words = new Set(named.match(/[a-z]+/g));
    expect(KINDS.filter((kind) => !words.has(kind))).toEqual([]);
  });

  it("every command with a call of its own has its path in the REST door, and in PROTOCOL.md", () => {
    expect(CALLED).toContain("answer");
    const router = textOf("server/ingress/rest/rest.ts");
    const protocol = textOf("shared/PROTOCOL.md");
    const without = CALLED.filter(
      (kind) =>
        !router.includes(`"/workflow/${kind}"`) || !protocol.includes(`POST /workflow/${kind}`),
    );
    expect(without).toEqual([]);
  });
});

function kindsIn({ oneOf = [], properties = {} }: Choice): string[] {
  const own = properties.kind?.const;
  const within = [...oneOf, ...(properties.command ? [properties.command] : [])];
  return [...(own === undefined ? [] : [own]), ...within.flatMap(kindsIn)];
}
