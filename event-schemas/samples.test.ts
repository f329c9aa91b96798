/** What was once written stays readable, forever: one golden sample per version of every event. */
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import * as Canonical from "./Canonical.ts"
import * as Event from "./Event.ts"
import * as Sample from "./Sample.ts"
import { vocabularies } from "./Vocabularies.ts"

const read = (file: string): Sample.Sample => JSON.parse(fs.readFileSync(path.join(import.meta.dirname, file), "utf8"))

describe.each(Object.entries(vocabularies))("golden samples of %s", (kind, vocabulary) => {
  const folder = path.join(import.meta.dirname, kind, "samples")
  const files = fs.readdirSync(folder).toSorted()

  it("every version of every event has one", () => {
    const wanted = vocabulary.events.flatMap(({ tag, versions }: Event.Any) =>
      versions.map((_, i) => path.basename(Sample.fileOf(tag, i + 1)))
    )
    assert.deepStrictEqual(files, wanted.toSorted())
  })

  it.each(files)("%s is read today, and written as it was", (file) => {
    const sample = read(`${kind}/samples/${file}`)
    const stored = Sample.stored(sample)
    assert.strictEqual(Sample.fileOf(sample.type, sample.schemaVersion), `${kind}/samples/${file}`)
    assert.deepStrictEqual(Canonical.decode(stored.routing), Sample.valuesOf(sample.routing))
    assert.deepStrictEqual(Canonical.decode(stored.private), Sample.valuesOf(sample.private))

    const event = vocabulary.decode(stored)
    assert.isFalse(Event.isUnknown(event), JSON.stringify(event))
    const again = vocabulary.encode(event)
    assert.deepStrictEqual(vocabulary.decode(again), event)
    if (again.schemaVersion === stored.schemaVersion) {
      assert.deepStrictEqual(Buffer.from(again.routing), stored.routing)
      assert.deepStrictEqual(Buffer.from(again.private), stored.private)
    }
  })
})

it("a sample whose bytes are another event, or none, is found out", () => {
  const sample = read("circle/samples/CircleCreated.v1.json")
  const { bytes: _, ...unfinished } = sample
  assert.throws(() => Sample.stored(unfinished), /npm run shapes/)
  const altered = { ...unfinished, private: { title: "Lanterns" } }
  assert.isTrue(Event.isUnknown(vocabularies["circle"]!.decode(Sample.stored(Sample.complete(altered)))))
})
