/** The guard against the schema it stands for, over every event there is. */
import * as Arbitrary from "effect/Arbitrary"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"
import { CircleEvents } from "./circle/index.ts"
import { DocumentEvents } from "./document/index.ts"
import { Message } from "./document/Message.ts"
import * as Guard from "./Guard.ts"
import { ImportEvents } from "./import/index.ts"
import { PeerEvents } from "./peer/index.ts"
import { UserEvents } from "./user/index.ts"

const parts = [CircleEvents, DocumentEvents, ImportEvents, PeerEvents, UserEvents].flatMap(({ events }) =>
  events.flatMap(({ tag, versions }) =>
    versions.flatMap((version) => [
      [`${tag} routing`, version.routing] as const,
      [`${tag} private`, version.private] as const
    ])
  )
).filter(([, schema]) => schema.names.length > 0)

describe("Guard", () => {
  it.each(parts)("G2 says yes to every valid part: %s", (_, schema) => {
    const guard = Guard.of(schema)
    FastCheck.assert(FastCheck.property(Arbitrary.make(schema), (value) => guard(value)), { numRuns: 30 })
  })

  it("G1 never says yes where the schema would say no or give something else", () => {
    const guard = Guard.of(Message)
    const decode = Schema.decodeUnknownEither(Message)
    const anything = FastCheck.anything()
    FastCheck.assert(
      FastCheck.property(
        Arbitrary.make(Message),
        FastCheck.constantFrom(...Object.keys(Message.fields), "more", "__proto__"),
        anything,
        (message, field, wrong) => {
          const planted = { ...message, [field]: wrong }
          if (!guard(planted)) return
          const decoded = decode(planted)
          assert.isTrue(Either.isRight(decoded), "the schema refuses it")
          assert.deepStrictEqual(Either.getOrThrow(decoded), planted as never)
        }
      ),
      { numRuns: 2_000 }
    )
  })

  it("G1 says no to what is too much, and to schemas that transform", () => {
    assert.isFalse(Guard.of(Schema.Struct({ a: Schema.String }))({ a: "x", b: 1 }))
    assert.isTrue(Guard.of(Schema.Struct({ a: Schema.String }))({ a: "x" }))
    assert.isFalse(Guard.of(Schema.Struct({ a: Schema.NumberFromString }))({ a: "1" }))
    assert.isFalse(Guard.of(Schema.Struct({ a: Schema.Int }))({ a: 1.5 }))
  })
})
