/**
 * Times as people write them, in the reader's own language and time zone.
 *
 * D1  A time today is an hour, this year a day, before that a day and a year; no time is a dash.
 * D3  What lies near is named by its distance: a day as today or yesterday, an end as the days until it, its last day as an hour.
 * D2  A month and a day name the same days on the node and here: both are counted in UTC.
 */
import { counted } from "./Counts.ts"

const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(undefined, options)
const hour = format({ hour: "numeric", minute: "2-digit" })
const dayOfYear = format({ day: "numeric", month: "short" })
const dayAndYear = format({ day: "numeric", month: "short", year: "numeric" })
const exact = format({ dateStyle: "long", timeStyle: "short" })
const month = format({ month: "long", year: "numeric", timeZone: "UTC" })
const shortMonth = format({ month: "short", timeZone: "UTC" })

export const nearTime = (at: number | null, now = Date.now()): string => {
  if (at === null) return "–"
  const then = new Date(at)
  const today = new Date(now)
  if (then.toDateString() === today.toDateString()) return hour.format(then)
  return (then.getFullYear() === today.getFullYear() ? dayOfYear : dayAndYear).format(then)
}

/** The day of a time: today and yesterday by name. */
export const nearDay = (at: number, now = Date.now()): string => {
  const then = new Date(at)
  const day = new Date(now)
  if (then.toDateString() === day.toDateString()) return "Today"
  const isThisYear = then.getFullYear() === day.getFullYear()
  day.setDate(day.getDate() - 1)
  if (then.toDateString() === day.toDateString()) return "Yesterday"
  return (isThisYear ? dayOfYear : dayAndYear).format(then)
}

const dayMs = 86_400_000

/** When something that will end does: `in 30 days`. */
export const untilThen = (at: number, now = Date.now()): string => {
  if (at <= now) return "now"
  return at - now < dayMs ? `at ${hour.format(at)}` : `in ${counted(Math.ceil((at - now) / dayMs), "day")}`
}

export const exactTime = (at: number): string => exact.format(at)

export const dayName = (at: number): string => dayAndYear.format(at)

/** `2026-11` of a time. */
export const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7)

const firstOfMonth = (yearMonth: string): number => Date.parse(`${yearMonth}-01T00:00:00Z`)

export const monthName = (yearMonth: string): string => month.format(firstOfMonth(yearMonth))

export const shortMonthName = (yearMonth: string): string => shortMonth.format(firstOfMonth(yearMonth))

/** The first and the last day of a month, as `YYYY-MM-DD`. */
export const daysOfMonth = (yearMonth: string): { readonly from: string; readonly to: string } => {
  const next = new Date(firstOfMonth(yearMonth))
  next.setUTCMonth(next.getUTCMonth() + 1, 0)
  return { from: `${yearMonth}-01`, to: next.toISOString().slice(0, 10) }
}

/** The first millisecond of a day, or its last; `undefined` for what is not a day. */
export const dayStart = (day: string | undefined): number | undefined => dayEdge(day, "T00:00:00.000Z")
export const dayEnd = (day: string | undefined): number | undefined => dayEdge(day, "T23:59:59.999Z")

const dayEdge = (day: string | undefined, time: string): number | undefined => {
  if (day === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined
  const at = Date.parse(day + time)
  return Number.isNaN(at) || at < 0 ? undefined : at
}
