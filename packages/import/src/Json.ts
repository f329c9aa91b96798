/** Careful looks into JSON of which nothing is promised: a value of the wrong type reads as absent. */

export type JsonObject = { readonly [key: string]: unknown }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The member of an object, own only: `constructor` and its like are absent unless the file holds them. */
export const member = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined

export const listOf = (value: unknown): ReadonlyArray<unknown> => Array.isArray(value) ? value : []

export const objectsOf = (value: unknown): ReadonlyArray<JsonObject> => listOf(value).filter(isObject)

export const textOf = (value: unknown): string | null => typeof value === "string" ? value : null

/** A string that says something. */
export const wordsOf = (value: unknown): string | null =>
  typeof value === "string" && value.trim() !== "" ? value : null

export const numberOf = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null

/** A count that fits: whole, not negative, safe. */
export const countOf = (value: unknown): number | null => {
  const number = numberOf(value)
  return number === null || number < 0 || number > Number.MAX_SAFE_INTEGER ? null : Math.round(number)
}

/** What kind of value stands where another was expected, for a reason a person reads. */
export const kindOf = (value: unknown): string =>
  value === null ? "null" : value === undefined ? "nothing" : Array.isArray(value) ? "a list" : `a ${typeof value}`
