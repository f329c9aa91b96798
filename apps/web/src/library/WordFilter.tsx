/** A filter by words: the title, the tags or a message of the conversation must hold them. */
import Search from "lucide-solid/icons/search"
import { createEffect, createSignal, on, onCleanup } from "solid-js"

interface WordFilterProps {
  readonly text: string | undefined
  readonly onText: (text: string | undefined) => void
}

const typingMs = 150

export const WordFilter = (props: WordFilterProps) => {
  const [typed, setTyped] = createSignal(props.text ?? "")
  /** What the address was last told: coming back, it says nothing new, and must not undo what was typed since. */
  let told = props.text
  // The filter may be taken away elsewhere, or come back with the address.
  createEffect(on(() => props.text, (text) => {
    if (text !== told) setTyped(text ?? "")
    told = text
  }, { defer: true }))
  createEffect(on(typed, (typed) => {
    const text = typed.trim() === "" ? undefined : typed.trim()
    if (text === told) return
    const timer = setTimeout(() => {
      told = text
      props.onText(text)
    }, typingMs)
    onCleanup(() => clearTimeout(timer))
  }, { defer: true }))
  return (
    <label class="relative flex h-10 items-center rounded-md border border-edge/60 bg-raised hover:border-edge focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent max-sm:w-full">
      <span class="sr-only">Show conversations with these words</span>
      <Search size={15} aria-hidden="true" class="pointer-events-none absolute start-3 text-ink-faint" />
      <input
        type="search"
        placeholder="With the words"
        autocomplete="off"
        spellcheck={false}
        maxlength={512}
        dir="auto"
        value={typed()}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && setTyped("")}
        class="h-full w-full rounded-md bg-transparent ps-9 pe-3 outline-none placeholder:text-ink-faint sm:w-44"
      />
    </label>
  )
}
