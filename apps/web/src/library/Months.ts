/**
 * Months as calendars of years.
 *
 * M1  Every year that holds a conversation has its twelve months, newest year first; months without one count none.
 * M2  A month is as deep as it is full: none is 0, the fullest is 3, and any conversation at all is at least 1.
 */
interface Month {
  readonly month: string
  readonly count: number
}

export interface Year {
  readonly year: string
  readonly months: ReadonlyArray<Month>
}

export const yearsOf = (months: ReadonlyArray<Month>): ReadonlyArray<Year> => {
  const counts = new Map(months.map(({ month, count }) => [month, count]))
  const years = [...new Set(months.map(({ month }) => month.slice(0, 4)))].toSorted().toReversed()
  return years.map((year) => ({
    year,
    months: Array.from({ length: 12 }, (_, at) => {
      const month = `${year}-${String(at + 1).padStart(2, "0")}`
      return { month, count: counts.get(month) ?? 0 }
    })
  }))
}

export const depthOf = (count: number, most: number): 0 | 1 | 2 | 3 => {
  if (count === 0) return 0
  const share = count / Math.max(1, most)
  return share > 2 / 3 ? 3 : share > 1 / 3 ? 2 : 1
}
