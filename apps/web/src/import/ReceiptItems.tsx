/** Every item of a receipt, to be narrowed by what became of it; as long as the file was, of which only what is seen exists. */
import { createVirtualizer } from "@tanstack/solid-virtual"
import { createMemo, createSignal, For, Show } from "solid-js"
import { main } from "../app/Main.ts"
import type { Answer } from "../node/Calls.ts"
import { count } from "../ui/Counts.ts"
import { createListTop } from "../ui/ScrolledList.ts"

type Item = Answer<"ReadImportReceipt">["items"][number]
type Status = Item["status"]

const words: Record<Status, string> = {
  imported: "Imported",
  merged: "Known already",
  empty: "Empty",
  quarantined: "Quarantined",
  skipped: "No conversation"
}
const order: ReadonlyArray<Status> = ["quarantined", "imported", "merged", "empty", "skipped"]
/** In pixels; the class `h-[60px]` says it again. */
const rowHeight = 60

const looks: Record<Status, string> = {
  imported: "bg-accent-wash text-accent-strong",
  merged: "bg-sunken text-ink-soft",
  empty: "bg-sunken text-ink-soft",
  quarantined: "bg-danger-wash text-danger",
  skipped: "bg-sunken text-ink-soft"
}

/** Why it became what it became; what has neither that nor a title is told by its id. */
const said = ({ id, reason, title }: Item): string | null => reason ?? (title === null ? id : null)

const ItemRow = (props: { readonly item: Item }) => (
  <div class="flex h-full items-center gap-3 border-t border-line px-1">
    <div class="min-w-0 flex-1">
      <p
        class="truncate"
        classList={{ "text-ink-faint italic": props.item.title === null }}
        dir="auto"
        title={props.item.title ?? props.item.id}
      >
        {props.item.title ?? "Without a title"}
      </p>
      <Show when={said(props.item)}>
        {(said) => <p class="truncate text-xs text-ink-faint" title={said()}>{said()}</p>}
      </Show>
    </div>
    <span class={`shrink-0 rounded-full px-2.5 py-0.5 text-xs ${looks[props.item.status]}`}>
      {words[props.item.status]}
    </span>
  </div>
)

export const ReceiptItems = (props: { readonly items: ReadonlyArray<Item> }) => {
  let list!: HTMLUListElement
  const [only, setOnly] = createSignal<Status>()
  const top = createListTop(() => list)
  const tally = createMemo(() => {
    const tally = new Map<Status, number>()
    for (const { status } of props.items) tally.set(status, (tally.get(status) ?? 0) + 1)
    return order.flatMap((status) => (tally.has(status) ? [{ status, count: tally.get(status)! }] : []))
  })
  const shown = createMemo(
    () => (only() === undefined ? props.items : props.items.filter(({ status }) => status === only()))
  )
  const virtual = createVirtualizer({
    get count() {
      return shown().length
    },
    get scrollMargin() {
      return top()
    },
    getScrollElement: () => main() ?? null,
    estimateSize: () => rowHeight,
    overscan: 8
  })
  return (
    <section class="mt-10">
      <h2 class="mb-3 font-serif text-lg">Item by item</h2>
      <div role="group" aria-label="Show only" class="mb-3 flex flex-wrap gap-2">
        <For each={tally()}>
          {(part) => (
            <button
              type="button"
              aria-pressed={only() === part.status}
              onClick={() => setOnly(only() === part.status ? undefined : part.status)}
              class="h-8 rounded-full border border-edge/60 px-3 text-sm hover:border-edge aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:text-on-accent"
            >
              {words[part.status]} <span class="tabular-nums">{count(part.count)}</span>
            </button>
          )}
        </For>
      </div>
      <Show
        when={props.items.length > 0}
        fallback={<p class="text-ink-faint">The file held nothing to account for.</p>}
      >
        <ul
          ref={list}
          role="list"
          aria-label="Items"
          class="relative border-b border-line"
          style={{ height: `${virtual.getTotalSize()}px` }}
        >
          <For each={virtual.getVirtualItems()}>
            {(row) => (
              <li
                aria-setsize={shown().length}
                aria-posinset={row.index + 1}
                class="absolute inset-x-0 top-0 h-[60px]"
                style={{ transform: `translateY(${row.start - top()}px)` }}
              >
                <Show when={shown()[row.index]}>{(item) => <ItemRow item={item()} />}</Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </section>
  )
}
