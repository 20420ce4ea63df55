/** The name this tab drives under. Kept across a reload, so that the page can say "this tab, before it was loaded again". */

const KEY = "instep.tab";

export function tabName(memory: Storage, random: () => number): string {
  const known = memory.getItem(KEY);
  if (known) return known;
  const name = `browser tab ${Math.floor(random() * 36 ** 4)
    .toString(36)
    .padStart(4, "0")}`;
  memory.setItem(KEY, name);
  return name;
}
