/**
 * Spans of time people name when they look for something.
 *
 * N1  The first span is no limit; the lately ones end nowhere and begin the said number of days ago; years are whole.
 * N2  A question's days are known again by the name they were chosen by, and days nobody named by none.
 */
export interface Span {
  readonly name: string
  /** `YYYY-MM-DD`, inclusive. */
  readonly from: string | undefined
  readonly to: string | undefined
}

const dayMs = 86_400_000
const lately: ReadonlyArray<readonly [string, number]> = [["Past week", 7], ["Past month", 30], ["Past year", 365]]

export const spansOf = (now: number, years: ReadonlyArray<string>): ReadonlyArray<Span> => [
  { name: "Any time", from: undefined, to: undefined },
  ...lately.map(([name, days]) => ({
    name,
    from: new Date(now - days * dayMs).toISOString().slice(0, 10),
    to: undefined
  })),
  ...years.map((year) => ({ name: `In ${year}`, from: `${year}-01-01`, to: `${year}-12-31` }))
]

export const spanOf = (spans: ReadonlyArray<Span>, days: Pick<Span, "from" | "to">): Span | undefined =>
  spans.find(({ from, to }) => from === days.from && to === days.to)
