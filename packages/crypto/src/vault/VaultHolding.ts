/** What one process has in memory of its owners' vaults, as it changes: by itself, or because another process of the node said so. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import { KeysUnavailable } from "../Cipher.ts"
import { addressStream, KeyRing } from "./KeyRing.ts"
import type { Holding } from "./KeyUse.ts"
import type { News, Opened, Own } from "./VaultCompany.ts"
import type { Enrolment } from "./VaultRows.ts"

const moved = ({ moves }: Holding, owner: string, here: boolean) =>
  Effect.asVoid(PubSub.publish(moves, { owner, here }))

export const drop = (holding: Holding, owner: string): Effect.Effect<void> =>
  Effect.suspend(() => {
    const entry = holding.entries.get(owner)
    if (entry === undefined || entry.ring === null) return Effect.void
    entry.ring.wipe()
    entry.ring = null
    return moved(holding, owner, false)
  })

const take = (holding: Holding) =>
  Effect.fnUntraced(function*({ owner, secrets, usedAt }: Opened, mayStill: () => boolean) {
    const entry = holding.entries.get(owner)
    const isNewer = () => (entry?.ring?.generation ?? 0) < secrets.generation
    if (entry === undefined || entry.check === null || !isNewer()) return
    const there = yield* holding.rows.enrolmentOf(owner)
    // Replaced since: it opens nothing any more.
    if (there === null || there.generation !== secrets.generation) return
    // All other keys are read when they are asked for: a vault with many opens as fast as one with few.
    const earlier = there.generation === 1 ? [] : yield* holding.rows.ofStream(owner, addressStream)
    const now = yield* Clock.currentTimeMillis
    if (holding.entries.get(owner) !== entry || entry.check === null || !mayStill() || !isNewer()) return
    const { ring } = entry
    yield* Effect.try({
      try: () => {
        if (ring === null) entry.ring = new KeyRing(secrets, there, earlier, Math.min(usedAt, now))
        else ring.follow(secrets, there, earlier)
      },
      catch: (cause) => new KeysUnavailable({ cause: new Error(`the vault of ${owner} does not open`, { cause }) })
    })
    if (ring === null) yield* moved(holding, owner, true)
  })

/** How an owner's enrolment is. Whoever left has no keys, and gets none. */
const enrolled = (holding: Holding, { bridge, check, generation, owner }: Enrolment): Effect.Effect<void> =>
  Effect.suspend(() => {
    const entry = holding.entries.get(owner)
    if (entry === undefined) {
      holding.entries.set(owner, { check, ring: null, replacing: null })
      // What is open under the node's key is closed.
      return moved(holding, owner, false)
    }
    entry.check = check
    // Its store key was replaced, and all keys are wrapped anew.
    if (bridge === null && entry.ring?.generation === generation) entry.ring.leaveBehind()
    return check === null ? drop(holding, owner) : Effect.void
  })

const hear = (holding: Holding) => (news: News) => {
  const { entries, rows } = holding
  if (news.kind === "keys") {
    const ring = entries.get(news.owner)?.ring
    return ring === undefined || ring === null
      ? Effect.void
      : Effect.map(rows.ofStream(news.owner, news.stream), (kept) => kept.forEach((row) => ring.learn(row)))
  }
  return Effect.flatMap(
    rows.enrolmentOf(news.owner),
    (there) => there === null ? Effect.void : enrolled(holding, there)
  )
}

/** This process's vaults, as the node's other processes reach them. */
export const of = (holding: Holding, toldEveryMs: number): Own => ({
  held: () =>
    [...holding.entries].flatMap(([owner, { ring }]) =>
      ring === null ? [] : [{ owner, secrets: ring, usedAt: ring.usedAt }]
    ),
  hear: hear(holding),
  take: take(holding),
  drop: (owner) => drop(holding, owner),
  used: (owner, at) => {
    const ring = holding.entries.get(owner)?.ring
    if (ring !== undefined && ring !== null) ring.usedAt = Math.max(ring.usedAt, at)
  },
  reload: Effect.flatMap(
    holding.rows.enrolments,
    (all) => Effect.forEach(all, (one) => enrolled(holding, one), { discard: true })
  ),
  toldEveryMs
})
