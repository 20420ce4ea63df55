/** Says how many lines were printed since the reader left the end of a log, and leads back there. */
export function NewLines({ count, act }: { readonly count: number; act(): void }) {
  return (
    <button type="button" class="output-pill" data-testid="new-lines" onClick={act}>
      ↓ {count.toLocaleString("en")} new {count === 1 ? "line" : "lines"}
    </button>
  );
}
