/** The promises of an event contract, over every event there is and over one that lives only here. */
import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"
import * as Canonical from "./Canonical.ts"
import * as Event from "./Event.ts"
import { Text, Title } from "./ids.ts"
import { vocabularies } from "./Vocabularies.ts"

/** Tea was once poured by the cup, then by the millilitre, and now into a vessel that is named in private. */
const Poured = Event.make("tea.Poured", { routing: { cups: Schema.Int }, private: { leaf: Text } })
  .next(
    { routing: { ml: Schema.Int }, private: { leaf: Text } },
    { routing: ({ cups }) => ({ ml: cups * 150 }), private: ({ leaf }) => ({ leaf }) }
  )
  .next(
    { routing: { ml: Schema.Int, hot: Schema.Boolean }, private: { leaf: Text, into: Text } },
    {
      routing: ({ ml }) => ({ ml, hot: ml > 0 }),
      private: ({ leaf }, { ml }) => ({ leaf, into: ml > 500 ? "pot" : "cup" })
    }
  )
const Spilled = Event.make("tea.Spilled", { routing: {}, private: { on: Text } })
const TeaEvents = Event.vocabulary(Poured, Spilled)

const stored = (schemaVersion: number, routing: unknown, secret: unknown): Event.Stored => ({
  type: "tea.Poured",
  schemaVersion,
  routing: Canonical.encode(routing),
  private: Canonical.encode(secret)
})

/** Any event of a vocabulary, in its newest shape. */
const anyEvent = (vocabulary: Event.Vocabulary<any>) =>
  FastCheck.oneof(...vocabulary.events.map(({ tag, versions }: Event.Any) => {
    const { private: secret, routing } = versions.at(-1)!
    return FastCheck.tuple(Arbitrary.make(routing), Arbitrary.make(secret)).map(([plain, sealed]) => ({
      _tag: tag,
      ...plain,
      ...sealed
    }))
  }))

describe("Event", () => {
  it.each(Object.entries({ ...vocabularies, tea: TeaEvents }))(
    "E1 what is encoded decodes to the same event: %s",
    (_, vocabulary) =>
      FastCheck.assert(FastCheck.property(anyEvent(vocabulary), (event) => {
        const written = vocabulary.encode(event)
        assert.deepStrictEqual(vocabulary.decode(written), event)
        assert.deepStrictEqual(vocabulary.encode(vocabulary.decode(written) as never), written)
      }))
  )

  it("E1 text that could not be given back as it was is no text", () => {
    for (const text of ["half \ud83c", "\udfee half", "a\0b"]) {
      assert.isFalse(Schema.is(Text)(text), JSON.stringify(text))
      assert.isFalse(Schema.is(Title)(text), JSON.stringify(text))
      assert.throws(() => TeaEvents.encode(Poured({ ml: 1, hot: true, leaf: text, into: "cup" })))
    }
    for (const text of ["Lanterns 🏮", "תה", "a\u200db", " x "]) assert.isTrue(Schema.is(Title)(text), text)
    for (const text of ["", "  ", "two\nlines", "two\u2028lines", "bell\u0007", "x".repeat(513)]) {
      assert.isFalse(Schema.is(Title)(text), JSON.stringify(text))
    }
  })

  it("E2 older versions are lifted to the newest shape, both parts", () => {
    assert.deepStrictEqual(TeaEvents.decode(stored(1, { cups: 4 }, { leaf: "sencha" })), {
      _tag: "tea.Poured",
      ml: 600,
      hot: true,
      leaf: "sencha",
      into: "pot"
    })
    assert.deepStrictEqual(TeaEvents.decode(stored(2, { ml: 90 }, { leaf: "assam" })), {
      _tag: "tea.Poured",
      ml: 90,
      hot: true,
      leaf: "assam",
      into: "cup"
    })
    const newest = Poured({ ml: 1, hot: false, leaf: "hojicha", into: "bowl" })
    assert.strictEqual(TeaEvents.encode(newest).schemaVersion, 3)
    assert.deepStrictEqual(TeaEvents.decode(TeaEvents.encode(newest)), newest)
  })

  it("E3 an unknown tag or a newer version is carried, with what it said of itself", () => {
    const newer = stored(4, { ml: 1 }, {})
    const other = { ...newer, type: "tea.Drunk", schemaVersion: 1 }
    for (const event of [newer, other, { ...newer, schemaVersion: 0 }, { ...newer, schemaVersion: -1 }]) {
      for (const read of [TeaEvents.decode(event), TeaEvents.decodeRouting(event)]) {
        assert.deepInclude(read, { _tag: "UnknownEvent", type: event.type, schemaVersion: event.schemaVersion })
        assert.isTrue(Event.isUnknown(read as never))
      }
    }
  })

  it("E3 bytes that are not the shape of their version are told, part by part", () => {
    const wrong = [
      stored(3, { ml: "much", hot: true }, { leaf: "", into: "" }),
      stored(3, { ml: 1, hot: true }, { leaf: "" }),
      { ...stored(3, { ml: 1, hot: true }, {}), private: Uint8Array.of(0xff) }
    ]
    const reasons = wrong.map((event) => TeaEvents.decode(event)).map((event) => "reason" in event ? event.reason : "")
    assert.match(reasons[0]!, /^routing part: .*much/s)
    assert.match(reasons[1]!, /^private part: .*into/s)
    assert.match(reasons[2]!, /^private part: not canonical CBOR/)
  })

  it("E4 the routing part is read without the private part, also of an older version", () => {
    const { private: _, ...sealed } = stored(1, { cups: 4 }, {})
    assert.deepStrictEqual(TeaEvents.decodeRouting(sealed), { _tag: "tea.Poured", ml: 600, hot: true } as never)
  })

  it("E5 an event that has nothing private is whole without its private part, and no other is", () => {
    const Cleared = Event.make("tea.Cleared", { routing: { cups: Schema.Int }, private: {} })
    const Washed = Event.make("tea.Washed", { routing: {}, private: {} })
      .next({ routing: {}, private: { by: Text } }, { routing: () => ({}), private: () => ({ by: "me" }) })
    const All = Event.vocabulary(Cleared, Washed, Poured)
    const of = (type: string, routing: unknown) => ({ type, schemaVersion: 1, routing: Canonical.encode(routing) })
    assert.deepStrictEqual(All.decodeKeyless(of("tea.Cleared", { cups: 2 })), { _tag: "tea.Cleared", cups: 2 } as never)
    assert.isNull(All.decodeKeyless(of("tea.Washed", {})))
    assert.isNull(All.decodeKeyless(of("tea.Poured", { cups: 2 })))
    assert.isNull(All.decodeKeyless(of("tea.Unheard", {})))
  })

  it.each(Object.entries(vocabularies))(
    "E4 the routing part holds nothing of the private part: %s",
    (_, vocabulary) =>
      FastCheck.assert(FastCheck.property(anyEvent(vocabulary), (event) => {
        const { private: secret, ...plain } = vocabulary.encode(event)
        const hidden = Object.keys(Canonical.decode(secret) as object)
        const routing = vocabulary.decodeRouting(plain) as Record<string, unknown>
        assert.notProperty(routing, "reason")
        for (const name of hidden) assert.notProperty(routing, name)
        assert.sameMembers(Object.keys(routing).concat(hidden), Object.keys(event))
      }))
  )
})
