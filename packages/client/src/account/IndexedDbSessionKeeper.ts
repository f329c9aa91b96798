/** The session of an account in a browser: beside its keys, the same for all tabs, and in the hands of one of them at a time. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { SessionKeeper } from "../SessionKeeper.ts"
import * as BrowserRecords from "./BrowserRecords.ts"

/** As much of the Web Locks API as this needs. */
interface Locks {
  readonly request: (
    name: string,
    options: { readonly signal: AbortSignal },
    held: () => Promise<void>
  ) => Promise<unknown>
}

const locksOf = () => (globalThis as unknown as { readonly navigator: { readonly locks?: Locks } }).navigator.locks

/** Resolves to what gives the lock back. A tab that is closed gives it back too. */
const lock = (locks: Locks, name: string) =>
  Effect.async<() => void>((resume, signal) => {
    const held = () => new Promise<void>((release) => resume(Effect.succeed(release)))
    locks.request(name, { signal }, held).catch((cause: unknown) => resume(Effect.die(cause)))
  })

export const layer = (account: string): Layer.Layer<SessionKeeper> =>
  Layer.effect(
    SessionKeeper,
    Effect.map(Effect.makeSemaphore(1), (turn) => ({
      load: Effect.promise(() => BrowserRecords.read(account).then((record) => record?.session ?? null)),
      save: (session) =>
        Effect.promise(() =>
          // What is over needs no record to say so.
          BrowserRecords.read(account).then((record) =>
            session === null && record === undefined
              ? undefined
              : BrowserRecords.change(account, (record) => ({ ...record, session }))
          )
        ),
      alone: (work) => {
        const locks = locksOf()
        const across = locks === undefined
          ? work
          : Effect.acquireUseRelease(lock(locks, `vivim.session ${account}`), () =>
            work, (release) =>
            Effect.sync(release))
        return turn.withPermits(1)(across)
      }
    }))
  )
