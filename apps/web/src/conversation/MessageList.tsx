/** The messages on the branch that is read: of a long conversation only what is near exists, and one's place stays. */
import { createVirtualizer } from "@tanstack/solid-virtual"
import { createEffect, createMemo, createSignal, For, Match, on, onCleanup, onMount, Show, Switch } from "solid-js"
import { main } from "../app/Main.ts"
import { singleKeys } from "../app/Shortcuts.ts"
import { keepPlace, placeKept } from "../library/Places.ts"
import { isForList, movedBy } from "../ui/Roving.ts"
import { AsideView } from "./AsideView.tsx"
import type { Id, Item } from "./Branches.ts"
import type { Messages } from "./Messages.ts"
import { barHeight } from "./ReadingBar.tsx"
import type { Reading } from "./Reading.ts"
import { TurnView } from "./TurnView.tsx"

interface MessageListProps {
  readonly documentId: string
  readonly reading: Reading
  readonly messages: Messages
  readonly at: Id | undefined
  readonly query: string | undefined
}

/** First guesses at heights, in pixels, until a message has been seen. */
const guesses = { user: 110, assistant: 340, system: 120, tool: 160 }
const asideGuess = 44
const overscan = 5

export const MessageList = (props: MessageListProps) => {
  let list!: HTMLDivElement
  const [offset, setOffset] = createSignal(0)
  const items = () => props.reading.items()
  const guess = (item: Item | undefined): number => {
    if (item === undefined || item.kind === "aside") return asideGuess
    return guesses[props.reading.tree().nodes.get(item.id)?.role ?? "assistant"]
  }
  const virtual = createVirtualizer<HTMLElement, HTMLElement>({
    get count() {
      return items().length
    },
    get scrollMargin() {
      return offset()
    },
    getScrollElement: () => main() ?? null,
    estimateSize: (index) => guess(items()[index]),
    getItemKey: (index) => items()[index]?.id ?? index,
    scrollPaddingStart: barHeight,
    overscan
  })
  /** Rows are told apart by their message, so that another branch brings other rows, and the same message keeps its own. */
  const placed = createMemo(() => new Map(virtual.getVirtualItems().map((row) => [String(row.key), { index: row.index, start: row.start }])))
  createEffect(() => {
    props.messages.want([...placed().values()].flatMap(({ index }) => {
      const item = items()[index]
      if (item === undefined) return []
      return item.kind === "turn" ? [item.id] : props.reading.isAsideOpen(item.id) ? item.ids : []
    }))
  })

  const place = () => `conversation ${props.documentId}`
  onMount(() => {
    const scroller = main()!
    const measure = () => setOffset(list.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop)
    const observer = new ResizeObserver(measure)
    observer.observe(list.previousElementSibling ?? list)
    observer.observe(scroller)
    measure()
    const kept = placeKept(place())
    if (props.at === undefined && kept !== undefined) requestAnimationFrame(() => scroller.scrollTo(0, kept))
    onCleanup(() => {
      keepPlace(place(), scroller.scrollTop)
      observer.disconnect()
    })
  })
  createEffect(on(() => props.at, (id) => {
    if (id === undefined) return
    // The offset of the list is known after the first layout.
    requestAnimationFrame(() => {
      const index = props.reading.indexOf(id)
      if (index >= 0) virtual.scrollToIndex(index, { align: "start" })
    })
  }))

  const rowOf = (id: Id) => list.querySelector<HTMLElement>(`[data-turn="${CSS.escape(id)}"]`)
  /** Another version takes the place of this one: nothing above it moves, and the focus stays on the switch. */
  const turnTo = (id: Id, way: "previous" | "next") => {
    props.reading.turnTo(id)
    requestAnimationFrame(() => rowOf(id)?.querySelector<HTMLElement>(`[data-way="${way}"]`)?.focus({ preventScroll: true }))
  }
  const focused = () => {
    const id = document.activeElement?.closest<HTMLElement>("[data-turn]")?.dataset["turn"]
    return id === undefined ? -1 : props.reading.indexOf(id as Id)
  }
  const topmost = () => {
    const top = (main()?.scrollTop ?? 0) + barHeight
    return virtual.getVirtualItems().find((row) => row.end > top)?.index ?? 0
  }
  const go = (index: number) => {
    virtual.scrollToIndex(index, { align: "start" })
    requestAnimationFrame(() => requestAnimationFrame(() => rowOf(items()[index]!.id)?.focus({ preventScroll: true })))
  }
  const hear = (event: KeyboardEvent) => {
    if (!isForList(event, list) || !/^[jk[\]]$/.test(event.key) || !singleKeys()) return
    const at = focused()
    if (event.key === "j" || event.key === "k") {
      const to = at < 0 ? topmost() : movedBy(event.key, at, items().length)
      if (to === undefined) return
      event.preventDefault()
      return go(to)
    }
    const item = items()[at]
    if (item?.kind !== "turn" || item.versions.length < 2) return
    const next = item.versions[item.versions.indexOf(item.id) + (event.key === "]" ? 1 : -1)]
    if (next === undefined) return
    event.preventDefault()
    turnTo(next, event.key === "]" ? "next" : "previous")
  }
  onMount(() => {
    addEventListener("keydown", hear)
    onCleanup(() => removeEventListener("keydown", hear))
  })

  return (
    <div
      ref={list}
      role="feed"
      aria-label="Messages"
      class="relative mx-auto mb-[38vh] max-w-[70rem]"
      style={{ height: `${virtual.getTotalSize()}px` }}
    >
      <For each={[...placed().keys()]}>
        {(key) => {
          const row = createMemo((before: { index: number; start: number } | undefined) => placed().get(key) ?? before)
          const item = createMemo(() => items().find((item) => item.id === key))
          return (
            <Show when={item()}>
              {(item) => (
                <div
                  data-index={row()?.index}
                  ref={(element) => queueMicrotask(() => virtual.measureElement(element))}
                  class="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${(row()?.start ?? 0) - offset()}px)` }}
                >
                  <Switch>
                    <Match when={item().kind === "turn" && item() as Extract<Item, { kind: "turn" }>}>
                      {(turn) => (
                        <TurnView
                          documentId={props.documentId}
                          node={props.reading.tree().nodes.get(turn().id)!}
                          versions={turn().versions}
                          message={props.messages.message(turn().id)}
                          failed={props.messages.failed()}
                          position={(row()?.index ?? 0) + 1}
                          of={items().length}
                          query={props.query}
                          sought={props.at === turn().id}
                          onTurnTo={turnTo}
                        />
                      )}
                    </Match>
                    <Match when={item().kind === "aside" && item() as Extract<Item, { kind: "aside" }>}>
                      {(aside) => (
                        <AsideView
                          aside={aside()}
                          reading={props.reading}
                          messages={props.messages}
                          position={(row()?.index ?? 0) + 1}
                          of={items().length}
                          query={props.query}
                        />
                      )}
                    </Match>
                  </Switch>
                </div>
              )}
            </Show>
          )
        }}
      </For>
    </div>
  )
}
