/** Bytes inside an event: what was signed or sealed elsewhere, kept as it came. */
import * as Schema from "effect/Schema"

/** At most so many bytes. */
export const bytes = (max: number) =>
  Schema.Uint8ArrayFromSelf.pipe(
    Schema.filter((is) => is.length <= max, { message: () => `at most ${max} bytes` }),
    Schema.annotations({ jsonSchema: { type: "string", contentEncoding: "binary", maxLength: max } })
  )
