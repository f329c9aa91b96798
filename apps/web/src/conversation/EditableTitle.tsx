/** A title that becomes a field when it is to be changed: Enter keeps, Escape gives up. */
import Pencil from "lucide-solid/icons/pencil"
import { createSignal, Show, untrack } from "solid-js"
import { rename } from "../library/Changes.ts"
import type { Summary } from "../library/Rows.ts"
import { titleFrom } from "../library/Titles.ts"
import { IconButton } from "../ui/Button.tsx"

const type = "font-serif text-2xl text-balance [overflow-wrap:anywhere]"

export const EditableTitle = (props: { readonly summary: Summary }) => {
  const [editing, setEditing] = createSignal(false)
  let pencil: HTMLButtonElement | undefined
  const finish = (text: string | undefined) => {
    // Leaving the field is reported again while it is taken away.
    if (!editing()) return
    setEditing(false)
    queueMicrotask(() => pencil?.focus({ preventScroll: true }))
    const title = text === undefined ? undefined : titleFrom(text)
    if (title !== undefined && title !== props.summary.title) void rename(props.summary, title)
  }
  return (
    <Show
      when={editing()}
      fallback={
        <div class="group flex items-start gap-2">
          <h1 class={`${type} min-w-0`} classList={{ "italic text-ink-soft": props.summary.titleDerived }} dir="auto">
            {props.summary.title}
          </h1>
          <IconButton
            ref={(element) => (pencil = element)}
            label="Change the title"
            class="mt-0.5 text-ink-faint"
            onClick={() => setEditing(true)}
          >
            <Pencil size={16} aria-hidden="true" />
          </IconButton>
        </div>
      }
    >
      <h1 class="sr-only">{props.summary.title}</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          finish(String(new FormData(event.currentTarget).get("title")))
        }}
      >
        <input
          name="title"
          aria-label="Title"
          dir="auto"
          autocomplete="off"
          maxlength={512}
          // The title as it is when one begins: an answer that comes meanwhile does not take away what has been typed.
          value={untrack(() => props.summary.title)}
          ref={(element) =>
            queueMicrotask(() => {
              element.focus({ preventScroll: true })
              element.select()
            })}
          onKeyDown={(event) => event.key === "Escape" && finish(undefined)}
          onBlur={(event) => finish(event.currentTarget.value)}
          class={`${type} -mx-2 w-[calc(100%+1rem)] rounded-md border border-edge bg-raised px-2`}
        />
      </form>
    </Show>
  )
}
