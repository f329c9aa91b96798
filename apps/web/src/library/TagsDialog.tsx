/** The tags of a conversation: each change is made at once. Tags used elsewhere are offered. */
import Plus from "lucide-solid/icons/plus"
import X from "lucide-solid/icons/x"
import { createMemo, createSignal, For, Show } from "solid-js"
import { watch } from "../node/Node.ts"
import { announce } from "../ui/Announcer.tsx"
import { Button } from "../ui/Button.tsx"
import { Dialog } from "../ui/Dialog.tsx"
import { takeOver } from "../ui/EarlyTyping.ts"
import { addTag, asChanged, removeTag } from "./Changes.ts"
import type { Summary } from "./Rows.ts"
import { tagFrom } from "./Titles.ts"

const offeredMax = 12
const chip = "inline-flex h-8 items-center gap-1.5 rounded-full ps-3 pe-2 text-sm"

const Offered = (props: { readonly tags: ReadonlyArray<string>; readonly onPut: (tag: string) => void }) => (
  <Show when={props.tags.length > 0}>
    <h3 class="mt-6 mb-2 text-sm font-semibold text-ink-soft">Used elsewhere</h3>
    <ul class="flex flex-wrap gap-2">
      <For each={props.tags}>
        {(tag) => (
          <li>
            <button
              type="button"
              class={`${chip} border border-edge/60 text-ink-soft hover:border-edge hover:text-ink`}
              onClick={() => props.onPut(tag)}
            >
              <span dir="auto">{tag}</span>
              <Plus size={14} aria-hidden="true" />
            </button>
          </li>
        )}
      </For>
    </ul>
  </Show>
)

const Put = (props: { readonly tags: ReadonlyArray<string>; readonly onTake: (tag: string) => void }) => (
  <ul aria-label="Tags of this conversation" class="mt-4 flex flex-wrap gap-2">
    <For each={props.tags} fallback={<li class="text-sm text-ink-faint">No tags yet.</li>}>
      {(tag) => (
        <li>
          <button
            type="button"
            class={`${chip} bg-accent-wash text-accent-strong hover:bg-sunken`}
            onClick={() => props.onTake(tag)}
          >
            <span dir="auto">{tag}</span>
            <X size={14} aria-hidden="true" />
            <span class="sr-only">, take off</span>
          </button>
        </li>
      )}
    </For>
  </ul>
)

const TagsDialog = (props: { readonly row: Summary; readonly onClose: () => void }) => {
  const facets = watch("WatchFacets", () => ({}))
  const outline = watch("WatchConversation", () => ({ documentId: props.row.documentId }))
  const row = () => asChanged(outline.answer()?.summary ?? props.row)
  const [text, setText] = createSignal("")
  const offered = createMemo(() => {
    const typed = text().trim().toLowerCase()
    return (facets.answer()?.tags ?? []).map(({ tag }) => tag)
      .filter((tag) => !row().tags.includes(tag) && tag.toLowerCase().includes(typed)).slice(0, offeredMax)
  })
  const put = (tag: string | undefined) => {
    setText("")
    if (tag === undefined || row().tags.includes(tag)) return
    void addTag(row(), tag)
    announce(`Tagged ${tag}`)
  }
  const take = (tag: string) => {
    void removeTag(row(), tag)
    announce(`Tag ${tag} taken off`)
  }
  let field!: HTMLInputElement
  const begin = () => {
    const early = takeOver(field)
    setText(early.text)
    if (early.entered) field.form?.requestSubmit()
  }
  return (
    <Dialog open title="Tags" onClose={props.onClose} onOpen={begin}>
      <p class="mb-4 truncate text-sm text-ink-soft" dir="auto">{row().title}</p>
      <form
        class="flex gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          put(tagFrom(text()))
        }}
      >
        <input
          ref={field}
          aria-label="New tag"
          dir="auto"
          autofocus
          autocomplete="off"
          maxlength={64}
          placeholder="Add a tag"
          value={text()}
          onInput={(event) => setText(event.currentTarget.value)}
          class="h-10 w-full min-w-0 rounded-md border border-edge bg-paper px-3 placeholder:text-ink-faint"
        />
        <Button type="submit" kind="primary" disabled={tagFrom(text()) === undefined}>Add</Button>
      </form>
      <Put tags={row().tags} onTake={take} />
      <Offered tags={offered()} onPut={put} />
    </Dialog>
  )
}

export default TagsDialog
