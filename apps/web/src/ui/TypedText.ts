/** What is being typed, told to the address whenever the typing pauses; what the address says of its own accord is shown. */
import { type Accessor, createEffect, createSignal, on, onCleanup, type Signal } from "solid-js"
import { onceLetGo } from "./Press.ts"

/** `tell` answers what the address will say: coming back, that is no news, and must not undo what was typed since. */
export const createTypedText = (
  said: Accessor<string>,
  pauseMs: number,
  tell: (text: string) => string
): Signal<string> => {
  let told = said()
  const [typed, setTyped] = createSignal(told)
  createEffect(on(said, (text) => {
    if (text !== told) setTyped(text)
    told = text
  }, { defer: true }))
  createEffect(on(typed, (text) => {
    if (text === told) return
    let meant = true
    const say = () => {
      if (meant) told = tell(text)
    }
    // What is being pressed is done first: it may lead elsewhere, and what it lies in must not move from under it.
    const timer = setTimeout(() => onceLetGo(say), pauseMs)
    onCleanup(() => {
      meant = false
      clearTimeout(timer)
    })
  }, { defer: true }))
  return [typed, setTyped]
}
