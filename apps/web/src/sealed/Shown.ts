/** A conversation as it is shown: of one that is sealed what this device opened of it, of any other what the node said. */
import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js"
import { type Refusal, Refused } from "../node/Calls.ts"
import { canSeal, hold, type Opened, type Outline, sealing } from "./Sealed.ts"

export const createShown = (answer: Accessor<Outline | undefined>) => {
  const [opened, setOpened] = createSignal<Opened>()
  const [refusal, setRefusal] = createSignal<Refusal>()
  createEffect(on(answer, (outline) => {
    setRefusal(undefined)
    if (outline === undefined || outline.summary.sealed === null) return void setOpened(undefined)
    if (!canSeal()) {
      return void setRefusal({ _tag: "Sealed", message: "It is sealed: only its owner's devices open it." })
    }
    let isGone = false
    let release = () => {}
    sealing().then((sealing) => sealing.open(outline)).then(
      (now) => {
        if (isGone) return
        release = hold(now)
        setOpened(now)
      },
      (error) => {
        if (!isGone) setRefusal(error instanceof Refused ? error.refusal : { _tag: "Mistake" })
      }
    )
    onCleanup(() => {
      isGone = true
      release()
    })
  }))
  return {
    refusal,
    broken: () => opened()?.broken ?? 0,
    outline: (): Outline | undefined => {
      const outline = answer()
      if (outline === undefined || outline.summary.sealed === null) return outline
      const own = opened()
      const isOwn = own?.outline.summary.documentId === outline.summary.documentId
      return isOwn ? own.outline : undefined
    }
  }
}
