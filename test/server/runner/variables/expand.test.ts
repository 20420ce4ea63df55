import { describe, expect, test } from "vitest";
import { expandVariables, valueProblem } from "../../../../server/runner/variables/expand.js";

/** As it stands in a recipe, where a dollar sign before a brace is no sign of this language. */
const BRACE = "$" + "{";
const BELOW = { PATH: "/bin", HOST: "web-7", EMPTY: "", EVIL: `$HOME \`id\` $(id) ${BRACE}X:-y}` };
const expand = (written: Record<string, string>) =>
  expandVariables(written, BELOW, (name) => name === "OPTIONAL");
const one = (value: string) => {
  const expanded = expand({ ONE: value });
  return expanded.ok ? expanded.env.ONE : expanded.why;
};

describe("a value", () => {
  test.each([
    ["/opt/tools:$PATH", "/opt/tools:/bin"],
    [`${BRACE}HOST}_1 $HOST-1 $HOST/x`, "web-7_1 web-7-1 web-7/x"],
    [`${BRACE}HOST:-a} ${BRACE}EMPTY:-b c} ${BRACE}NONE:-} ${BRACE}NONE:-/x y}`, "web-7 b c  /x y"],
    ["$OPTIONAL$EMPTY|", "|"],
    ["$5 $ $-x $! 100$ a$", "$5 $ $-x $! 100$ a$"],
    ["$$HOST $$$HOST $$5", "$HOST $web-7 $5"],
    ["$(date) `date`", "$(date) `date`"],
    // What was put in is not looked at again.
    ["$EVIL", BELOW.EVIL],
    ["$É $host", "$É there"],
  ])("%j", (value, expected) => {
    if (value.includes("$host")) expect(one(value)).toMatch(/^there is no variable host;/);
    else expect(one(value)).toBe(expected);
  });

  test("means by its own name the value below it, and by a name above it the new one", () => {
    expect(expand({ PATH: "/opt:$PATH", TOOLS: "$PATH/x", NEW: "$NEW:a" })).toEqual({
      ok: true,
      env: { PATH: "/opt:/bin", TOOLS: "/opt:/bin/x", NEW: ":a" },
    });
    expect(expand({ HOST_URL: "http://$HOST", HOST: "db" })).toMatchObject({
      env: { HOST_URL: "http://web-7" },
    });
  });

  test("a name in a value that nothing sets is told, with what to write", () => {
    expect(expand({ PASS: "pa$word" })).toEqual({
      ok: false,
      name: "PASS",
      why: "there is no variable word; a dollar sign is written $$, and --pass-env word passes on the server's",
    });
    expect(expand({ A: "$B", B: "x" })).toMatchObject({
      name: "A",
      why: "B is set below it and has to stand above",
    });
  });

  test("a value does not grow without bound", () => {
    const names = Array.from({ length: 40 }, (_, i) => `N${i}`);
    const written = Object.fromEntries(
      names.map((name, i) => [name, i === 0 ? "x".repeat(100) : `$N${i - 1}$N${i - 1}`]),
    );
    expect(expand(written)).toMatchObject({
      ok: false,
      why: "its value is too long, more than the 131071 characters that one may have",
    });
    const wide = Object.fromEntries(names.map((name) => [name, `\${N0}${"y".repeat(30_000)}`]));
    expect(expand({ ...wide, N0: "x" })).toMatchObject({
      ok: false,
      why: "the values up to it are too long together, more than 1048576 characters",
    });
    const unknown = expand({ A: `$B${"y".repeat(30_000)}` });
    expect(unknown).toMatchObject({ ok: false });
    expect(JSON.stringify(unknown).length).toBeLessThan(400);
    expect(one("$".repeat(100_000))).toHaveLength(50_000);
  });

  test("the name of a property that every object has is no variable's", () => {
    expect(one("$constructor")).toMatch(/^there is no variable constructor/);
    expect(expand({ ONE: "$__proto__" })).toMatchObject({ ok: false });
  });
});

describe("a sign that is not understood", () => {
  test.each(["{X#a}", "{X:?no}", "{1}", "{", "{X", "{X:-$Y}", `{X:-${BRACE}Y}}`, "{!X}", "{X:-{}"])(
    "a sign that is not understood is refused: $%s",
    (sign) => {
      expect(valueProblem(`a$${sign} b`)).toMatch(/^`\$\{.*` is not understood: there are \$NAME/);
    },
  );

  test.each([
    "$5",
    "$(date)",
    "$$" + "{X#a}",
    `${BRACE}X}`,
    `${BRACE}X:-a b}`,
    "$X",
    "100 $",
    "$X{",
  ])("a sign that is understood is taken: %s", (value) => {
    expect(valueProblem(value)).toBeNull();
  });
});
