/** A view of tea for tests: pots, and the cups poured from them since they were last filled. */
import type * as SqlClient from "@effect/sql/SqlClient"
import * as RegistryView from "@vivim/projection/RegistryView"
import * as SqlRegistry from "@vivim/projection/SqlRegistry"
import * as Effect from "effect/Effect"
import assert from "node:assert/strict"
import { all } from "./Events.ts"
import { TeaEvents } from "./Tea.ts"
import type { Node, ViewWorld } from "./ViewWorld.ts"

interface Pots {
  readonly version?: number
  /** Called with the position of every event. */
  readonly meet?: (position: number) => void
}

const { drop, patch, put } = RegistryView

/** Pots and the cups poured from them since they were last filled: what is done twice, or in another order, shows. */
export const potsView = ({ meet = () => undefined, version = 1 }: Pots = {}) =>
  RegistryView.make({
    name: "pots",
    version,
    reads: TeaEvents,
    tables: {
      pot: { key: ["pot"], columns: { pot: "text", filled_at: "bigint", last_at: "bigint", made_by: "integer" } },
      cup: { key: ["pot", "at"], columns: { pot: "text", at: "bigint" }, indexes: [["pot"]] }
    },
    on: {
      "tea.Filled": (_, { position, stream }) => {
        meet(position)
        return [
          put("pot", { pot: stream, filled_at: position, last_at: position, made_by: version }),
          drop("cup", { pot: stream })
        ]
      },
      "tea.Poured": (_, { position, stream }) => {
        meet(position)
        return [put("cup", { pot: stream, at: position }), patch("pot", { pot: stream }, { last_at: position })]
      }
    },
    touches: (_, { stream }) => [stream]
  })

/** What the view must hold, read off the log. */
export const expectedPots = (
  log: ReadonlyArray<{ readonly type: string; readonly stream: string; readonly position: number }>
) => {
  const pots = new Map<string, { filled: number; last: number; cups: Array<number> }>()
  for (const { position, stream, type } of log) {
    if (type === "tea.Filled") pots.set(stream, { filled: position, last: position, cups: [] })
    const pot = pots.get(stream) ?? { filled: 0, last: 0, cups: [] }
    if (type !== "tea.Poured") continue
    pot.last = position
    pot.cups.push(position)
  }
  return [...pots].toSorted(([a], [b]) => a < b ? -1 : 1).map(([pot, { cups, filled, last }]) => ({
    pot,
    filled,
    last,
    cups
  }))
}

/** What readers of the view find. */
export const readPots = (sql: SqlClient.SqlClient) =>
  Effect.map(
    sql<{ readonly pot: string; readonly filled: string; readonly last: string; readonly cups: ReadonlyArray<string> }>`
      SELECT p.pot, p.filled_at AS filled, p.last_at AS last, array(SELECT c.at FROM registry.cup c WHERE c.pot = p.pot ORDER BY c.at) AS cups
      FROM registry.pot p ORDER BY p.pot COLLATE "C"`,
    (rows) =>
      rows.map(({ cups, filled, last, pot }) => ({
        pot,
        filled: Number(filled),
        last: Number(last),
        cups: cups.map(Number)
      }))
  )

export const pots = (options?: Parameters<typeof potsView>[0]) => SqlRegistry.make(potsView(options))
export const calm = RegistryView.make({
  ...potsView(),
  name: "calm",
  tables: { calm_pot: potsView().tables["pot"]! },
  on: {},
  touches: () => []
})

/** Some tea: three pots, filled now and then. */
export const tea = ({ fill, pour }: ViewWorld, events: number) =>
  Effect.forEach(Array.from({ length: events }, (_, n) => n), (n) => (n % 7 === 0 ? fill : pour)(`d${n % 3}`))

export const assertRight = ({ log, sql }: ViewWorld) =>
  Effect.gen(function*() {
    assert.deepStrictEqual(yield* readPots(sql), expectedPots(yield* all(log.readAll(0))))
  })

/** Goes on pouring, each cup when the one before it is in the view. */
export const traffic = ({ pour }: ViewWorld, { views }: Node) =>
  Effect.fork(Effect.forever(Effect.flatMap(pour("d1"), views.waitFor)))
