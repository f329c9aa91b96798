/**
 * Counts and sizes as people write them.
 *
 * A1  One is one, more are many; a size has the unit that keeps it short.
 */
const whole = new Intl.NumberFormat()
const tenth = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 })

export const count = (n: number): string => whole.format(n)

/** `1 message`, `2 messages`. */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${whole.format(n)} ${n === 1 ? one : many}`

const units = ["bytes", "KB", "MB", "GB", "TB"]

export const bytes = (n: number): string => {
  const step = n < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3))
  return `${tenth.format(n / 1000 ** step)} ${units[step]!}`
}
