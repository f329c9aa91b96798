/**
 * A long list known in pages: which pages to watch, what is known of each row, and where a row has moved to.
 *
 * W1  The pages asked for cover what is seen and half a page around it, and nothing beyond the end of the list.
 * W2  A row is what its page said last; a page that says less than it did forgets the rest.
 * W3  Once a page that was known has changed, pages nobody watches any more are forgotten: they may have shifted.
 * W4  A row that moved inside what is known is found again, however the pages shifted around it.
 */
export const pageSize = 100

export interface Seen {
  readonly first: number
  readonly last: number
}

export const pagesFor = (seen: Seen, total: number | undefined): ReadonlyArray<number> => {
  const half = pageSize / 2
  const lastRow = Math.max(0, (total ?? 1) - 1)
  const from = Math.floor(Math.max(0, Math.min(seen.first - half, lastRow)) / pageSize)
  const to = Math.floor(Math.max(0, Math.min(seen.last + half, lastRow)) / pageSize)
  return Array.from({ length: to - from + 1 }, (_, page) => from + page)
}

export class KnownRows<Row> {
  readonly #rows = new Map<number, Row>()
  readonly #keyOf: (row: Row) => string

  constructor(keyOf: (row: Row) => string) {
    this.#keyOf = keyOf
  }

  at(index: number): Row | undefined {
    return this.#rows.get(index)
  }

  get isEmpty(): boolean {
    return this.#rows.size === 0
  }

  forget(): void {
    this.#rows.clear()
  }

  /** Learns what a page says now. `watched` are the pages that will say when they change. */
  learn(page: number, rows: ReadonlyArray<Row>, watched: ReadonlyArray<number>): void {
    const start = page * pageSize
    if (this.#rows.has(start)) this.#keepOnly(watched)
    for (let at = 0; at < pageSize; at++) {
      const row = rows[at]
      if (row === undefined) this.#rows.delete(start + at)
      else this.#rows.set(start + at, row)
    }
  }

  /** Where the row with this key is now, looking nearest to where it was first. */
  find(key: string, near: number): number | undefined {
    let found: number | undefined
    for (const [index, row] of this.#rows) {
      if (this.#keyOf(row) !== key) continue
      if (found === undefined || Math.abs(index - near) < Math.abs(found - near)) found = index
    }
    return found
  }

  #keepOnly(pages: ReadonlyArray<number>): void {
    for (const index of this.#rows.keys()) {
      if (!pages.includes(Math.floor(index / pageSize))) this.#rows.delete(index)
    }
  }
}
