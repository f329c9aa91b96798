/** Bringing conversations to a level: what the receipt says of each. */
import { DocumentId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import { assert, it } from "vitest"
import * as Level from "./Level.ts"

const all = ["d1", "d2", "d3", "d4"].map((id) => ({ documentId: DocumentId.make(id), title: `About ${id}` }))
/** What becomes of each: done, unless it is said otherwise. */
const bring = (answers: Readonly<Record<string, string>>, watching = {}) => {
  const asked: Array<string> = []
  const one = (documentId: string) =>
    Effect.suspend(() => {
      asked.push(documentId)
      const tag = answers[documentId]
      return tag === undefined ? Effect.void : Effect.fail({ _tag: tag, message: `${tag} it is` })
    })
  const receipt = Effect.runSync(Level.each("sealed", all, one, watching))
  assert.strictEqual(receipt.found, receipt.brought + receipt.gone + receipt.failed.length + receipt.left)
  return { receipt, asked }
}

it("V1 each is brought once, and the receipt adds up at every step", () => {
  const steps: Array<Level.Receipt> = []
  const { asked, receipt } = bring({}, { onProgress: (step: Level.Receipt) => steps.push(step) })
  assert.deepStrictEqual(asked, ["d1", "d2", "d3", "d4"])
  assert.deepStrictEqual(steps.map(({ brought, left }) => [brought, left]), [[0, 4], [1, 3], [2, 2], [3, 1], [4, 0]])
  assert.deepInclude(receipt, { level: "sealed", found: 4, brought: 4, gone: 0, left: 0, stopped: null })
})

it("V1 stopped it says what is left, and no reason but the wish", () => {
  let asks = 0
  const { asked, receipt } = bring({}, { isStopped: () => ++asks > 2 })
  assert.deepStrictEqual([asked.length, receipt.left, receipt.stopped], [2, 2, null])
})

it("V2 what is wrong with one holds up no other; a node that is away holds up all", () => {
  const { receipt } = bring({ d1: "DocumentDeleted", d2: "LimitExceeded" })
  assert.deepInclude(receipt, { brought: 2, gone: 1, left: 0, stopped: null })
  assert.deepStrictEqual(receipt.failed, [{ documentId: "d2", title: "About d2", reason: "LimitExceeded it is" }])
  const away = bring({ d2: "VaultLocked" })
  assert.deepStrictEqual(away.asked, ["d1", "d2"])
  assert.deepInclude(away.receipt, { brought: 1, left: 3, stopped: "VaultLocked it is" })
})
