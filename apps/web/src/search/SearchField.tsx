/** The field one searches with. */
import SearchIcon from "lucide-solid/icons/search"
import X from "lucide-solid/icons/x"
import { onMount, Show } from "solid-js"
import { searchFieldId } from "../app/Shortcuts.ts"
import { IconButton } from "../ui/Button.tsx"
import { takeOver } from "../ui/EarlyTyping.ts"

interface SearchFieldProps {
  readonly text: string
  readonly onType: (text: string) => void
  /** Enter: the best there is. */
  readonly onEnter: () => void
  /** Down: into the results. */
  readonly onDown: () => void
  readonly ref: (field: HTMLInputElement) => void
}

export const SearchField = (props: SearchFieldProps) => {
  let field!: HTMLInputElement
  onMount(() => {
    const { entered, text } = takeOver(field)
    if (text !== "") props.onType(text)
    if (entered) props.onEnter()
  })
  const hear = (event: KeyboardEvent) => {
    if (event.key === "Escape" && props.text !== "") props.onType("")
    else if (event.key === "ArrowDown") props.onDown()
    else return
    event.preventDefault()
  }
  return (
    <form
      role="search"
      class="relative"
      onSubmit={(event) => {
        event.preventDefault()
        props.onEnter()
      }}
    >
      <SearchIcon
        size={18}
        aria-hidden="true"
        class="pointer-events-none absolute start-4 top-1/2 -translate-y-1/2 text-ink-faint"
      />
      <input
        ref={(element) => {
          field = element
          props.ref(element)
        }}
        id={searchFieldId}
        type="search"
        aria-label="Search your conversations"
        placeholder="Words you remember"
        autocomplete="off"
        spellcheck={false}
        maxlength={512}
        dir="auto"
        value={props.text}
        onInput={(event) => props.onType(event.currentTarget.value)}
        onKeyDown={hear}
        class="h-13 w-full rounded-lg border border-edge bg-raised ps-11 pe-12 text-lg placeholder:text-ink-faint"
      />
      <Show when={props.text !== ""}>
        <IconButton
          label="Clear"
          class="absolute end-2 top-2"
          onClick={() => {
            props.onType("")
            field.focus()
          }}
        >
          <X size={18} aria-hidden="true" />
        </IconButton>
      </Show>
    </form>
  )
}
