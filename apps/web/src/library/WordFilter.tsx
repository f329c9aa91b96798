/** A filter by words: the title, the tags or a message of the conversation must hold them. */
import Search from "lucide-solid/icons/search"
import { createTypedText } from "../ui/TypedText.ts"

interface WordFilterProps {
  readonly text: string | undefined
  readonly onText: (text: string | undefined) => void
}

const typingMs = 150

export const WordFilter = (props: WordFilterProps) => {
  const [typed, setTyped] = createTypedText(() => props.text ?? "", typingMs, (typed) => {
    const text = typed.trim()
    props.onText(text === "" ? undefined : text)
    return text
  })
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
