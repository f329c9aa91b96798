/**
 * The commands one actor holds, whichever way they came: as a message of the cluster, or from a caller beside it.
 *
 * M1  It holds so many and no more; whoever comes beyond that is refused as `MailboxFull`.
 * M2  So many of them run at a time; the others wait, first come, first served, and can go away.
 * M3  Closed, it takes nothing more: who waits is sent away, as from an actor that is elsewhere, and who runs is waited for.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"

/** Neither is an answer: the caller asks again. */
export interface NotTaken {
  readonly _tag: "MailboxFull" | "EntityNotAssignedToRunner"
}

const full = Effect.fail<NotTaken>({ _tag: "MailboxFull" })
const away = Effect.fail<NotTaken>({ _tag: "EntityNotAssignedToRunner" })

export interface Mailbox {
  /** Runs a command when it is its turn. */
  readonly take: <A, E>(command: Effect.Effect<A, E>) => Effect.Effect<A, E | NotTaken>
  /** Answers when nothing runs any more. */
  readonly close: Effect.Effect<void>
}

interface Waiting {
  readonly go: (turn: Effect.Effect<void, NotTaken>) => void
}

export const make = (max: { readonly held: number; readonly running: number }): Mailbox => {
  let [held, running, isOpen] = [0, 0, true]
  const waiting = new Set<Waiting>()
  const empty = Deferred.unsafeMake<void>(FiberId.none)

  /** One has run: its place goes to who waited longest. */
  const leave = Effect.suspend(() => {
    held--
    for (const next of waiting) {
      waiting.delete(next)
      next.go(Effect.void)
      return Effect.void
    }
    running--
    return isOpen || running > 0 ? Effect.void : Deferred.succeed(empty, undefined)
  })

  const take: Mailbox["take"] = (command) =>
    Effect.uninterruptibleMask((restore) => {
      if (!isOpen) return away
      if (held >= max.held) return full
      held++
      const run = Effect.onExit(restore(command), () => leave)
      if (running < max.running) {
        running++
        return run
      }
      let hasPlace = false
      const turn = Effect.async<void, NotTaken>((resume) => {
        const one: Waiting = {
          go: (turn) => {
            hasPlace = turn === Effect.void
            resume(turn)
          }
        }
        waiting.add(one)
        return Effect.sync(() => waiting.delete(one))
      })
      const giveUp = Effect.suspend(() => hasPlace ? leave : Effect.sync(() => held--))
      return Effect.zipRight(Effect.onError(restore(turn), () => giveUp), run)
    })

  const close = Effect.suspend(() => {
    isOpen = false
    for (const one of waiting) one.go(away)
    waiting.clear()
    return running > 0 ? Deferred.await(empty) : Effect.void
  })
  return { take, close }
}
