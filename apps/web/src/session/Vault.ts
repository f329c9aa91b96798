/**
 * Whether the vault, what is private, is open on the node. It is locked when nobody has asked for long enough; the keys in this browser open it
 * again without a question, unless its owner locked it on purpose: then it waits for them.
 */
import { createSignal } from "solid-js"
import { keys } from "../account/Keys.ts"
import { isLeaving, session } from "./Session.ts"

const [locked, setLocked] = createSignal(false)
/** Counts unlockings: whoever was refused because of the lock asks again when it goes up. */
const [unlocked, setUnlocked] = createSignal(0)
/** True while what is private is locked and somebody must unlock it. */
export { locked, setLocked, unlocked }

/** Something that stood in the way of reading is out of it, here or elsewhere: whoever was refused asks again. */
export const opened = (): void => {
  setLocked(false)
  setUnlocked((times) => times + 1)
}

let unlocking: Promise<boolean> | undefined

/** Hands the node the store key; false when this browser has none. */
export const unlock = (): Promise<boolean> => {
  unlocking ??=
    (session()?.kind === "account" ? keys().then((keys) => keys.unlock()) : Promise.reject(new Error("no keys")))
      .then(() => {
        opened()
        return true
      }, () => {
        setLocked(true)
        return false
      })
      .finally(() => {
        unlocking = undefined
      })
  return unlocking
}

/** A call met the lock: opens it, unless that has been tried or was not wished, or nobody is here any more. */
export const metTheLock = (): Promise<boolean> =>
  locked() || isLeaving() || session() === undefined ? Promise.resolve(false) : unlock()
