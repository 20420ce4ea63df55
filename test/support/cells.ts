/** A table as text, so that its rules are read at a glance; its cells are apart by two spaces or more. */

/** Each cell with the names of its row and column: the first line names the columns, and each other one begins with the name of its row. */
export function cellsOf(table: string): [row: string, column: string, cell: string][] {
  const [head, ...rows] = table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s{2,}/));
  return rows.flatMap(([row = "", ...cells]) =>
    cells.map((cell, at): [string, string, string] => [row, head?.[at] ?? "", cell]),
  );
}
