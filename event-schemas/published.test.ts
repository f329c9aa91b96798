/** The page of published shapes: it may grow, never change. `npm run shapes` adds what is new. */
import * as Schema from "effect/Schema"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import * as Event from "./Event.ts"
import { publish, shapesOf } from "./Shapes.ts"
import { vocabularies } from "./Vocabularies.ts"

const published = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "published.json"), "utf8"))

/** A tag that came to have a colour. */
const Poured = Event.make("tea.Poured", { routing: { cups: Schema.Int }, private: { title: Schema.String } })
const PouredNext = Poured.next(
  { routing: { cups: Schema.Int, hot: Schema.Boolean }, private: { title: Schema.String } },
  { routing: (older) => ({ ...older, hot: true }), private: (older) => older }
)
const PouredEdited = Event.make("tea.Poured", { routing: { cups: Schema.Number }, private: { title: Schema.String } })
const shapes = (event: Event.Any) => shapesOf([Event.vocabulary(event)])

describe("published.json", () => {
  it("P1 nothing published has changed, nothing new is unpublished", () => {
    const { added, broken } = publish(published, shapesOf(Object.values(vocabularies)))
    assert.deepStrictEqual({ added, broken }, { added: [], broken: [] })
  })

  it("P1 a newer version is added, and leaves the older as it was", () => {
    const first = publish({}, shapes(Poured))
    assert.deepStrictEqual(first.added, ["tea.Poured.v1"])
    const { added, broken, page } = publish(first.page, shapes(PouredNext))
    assert.deepStrictEqual({ added, broken }, { added: ["tea.Poured.v2"], broken: [] })
    assert.strictEqual(page["tea.Poured.v1"], first.page["tea.Poured.v1"])
  })

  it("P1 an edited shape is found out and does not reach the page; neither does a version that is gone", () => {
    const { page } = publish({}, shapes(PouredNext))
    const edited = publish(page, shapes(PouredEdited))
    assert.deepStrictEqual(edited.broken, ["tea.Poured.v1", "tea.Poured.v2"])
    assert.deepStrictEqual(edited.page, page)
  })

  it("P1 wording is no shape, but a property may be called title", () => {
    const worded = Event.make("tea.Poured", {
      routing: { cups: Schema.Int },
      private: { title: Schema.String.annotations({ title: "A title", description: "What it is called" }) }
    })
    assert.deepStrictEqual(shapes(worded), shapes(Poured))
    assert.include(JSON.stringify(shapes(Poured)), `"required":["title"]`)
    assert.include(JSON.stringify(shapes(Poured)), `"properties":{"title"`)
  })
})
