/** Stands where the rows will be, until the list has come. */
export function ListSkeleton() {
  return (
    <section aria-busy="true" data-testid="skeleton">
      <p class="sr-only">Loading the workflows…</p>
      <div class="skeleton" aria-hidden="true">
        {[0, 1, 2, 3, 4].map((row) => (
          <div key={row} class="skeleton-row">
            <span />
            <span />
            <span />
          </div>
        ))}
      </div>
    </section>
  );
}
