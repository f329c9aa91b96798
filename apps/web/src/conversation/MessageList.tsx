/** The messages on the branch that is read: of a long conversation only what is near exists, and one's place stays. */
import { createEffect, createMemo, For, Match, on, onCleanup, Show, Switch } from "solid-js"
import { singleKeys } from "../app/Shortcuts.ts"
import { createPlace } from "../library/Places.ts"
import { isForList, movedBy } from "../ui/ListKeys.ts"
import { createListTop, hearKeys } from "../ui/ScrolledList.ts"
import { AsideView } from "./AsideView.tsx"
import type { Id, Item } from "./Branches.ts"
import { createHold } from "./Hold.ts"
import { createMessageRows } from "./MessageRows.ts"
import type { Messages } from "./Messages.ts"
import type { Reading } from "./Reading.ts"
import { TurnView, type Way } from "./TurnView.tsx"

interface MessageListProps {
  readonly documentId: string
  readonly reading: Reading
  readonly messages: Messages
  readonly at: Id | undefined
  readonly query: string | undefined
}

/** How far from the top a message is brought that was looked for, in pixels. */
const soughtAt = 120

interface ItemViewProps extends MessageListProps {
  readonly item: Item
  readonly index: number
  readonly onTurnTo: (from: Id, to: Id, way: Way) => void
}

const ItemView = (props: ItemViewProps) => {
  const as = <K extends Item["kind"]>(kind: K) =>
    props.item.kind === kind ? props.item as Extract<Item, { readonly kind: K }> : undefined
  return (
    <Switch>
      <Match when={as("turn")}>
        {(turn) => (
          <TurnView
            documentId={props.documentId}
            node={props.reading.tree().nodes.get(turn().id)!}
            versions={turn().versions}
            message={props.messages.message(turn().id)}
            failed={props.messages.failed()}
            position={props.index + 1}
            of={props.reading.items().length}
            query={props.query}
            sought={props.at === turn().id}
            onTurnTo={props.onTurnTo}
          />
        )}
      </Match>
      <Match when={as("aside")}>
        {(aside) => (
          <AsideView
            aside={aside()}
            reading={props.reading}
            messages={props.messages}
            position={props.index + 1}
            of={props.reading.items().length}
            query={props.query}
          />
        )}
      </Match>
    </Switch>
  )
}

interface RowProps extends MessageListProps {
  readonly of: string
  readonly rows: ReturnType<typeof createMessageRows>
  readonly top: number
  readonly onTurnTo: (from: Id, to: Id, way: Way) => void
}

const Row = (props: RowProps) => {
  const place = createMemo(
    (before: { readonly index: number; readonly start: number }) => props.rows.placed().get(props.of) ?? before,
    { index: 0, start: 0 }
  )
  const item = createMemo(() => props.reading.items().find(({ id }) => id === props.of))
  return (
    <Show when={item()}>
      {(item) => (
        <div
          ref={props.rows.measure}
          data-index={place().index}
          class="absolute inset-x-0 top-0"
          style={{ transform: `translateY(${place().start - props.top}px)` }}
        >
          <ItemView {...props} item={item()} index={place().index} />
        </div>
      )}
    </Show>
  )
}

export const MessageList = (props: MessageListProps) => {
  let list!: HTMLDivElement
  const { messages, reading } = props
  const top = createListTop(() => list)
  const rows = createMessageRows(reading, messages, top)
  // The address decides where one begins; without a word from it, one goes on where one was.
  if (props.at === undefined) createPlace(() => `conversation ${props.documentId}`, () => top() > 0)
  const rowOf = (id: Id) => list.querySelector<HTMLElement>(`[data-turn="${CSS.escape(id)}"]`)
  const { forget, hold } = createHold()
  // The message the address names is brought into sight, by its first marked word if there is one, and held there while
  // what is above it is still being read and drawn.
  createEffect(on(() => props.at, (id) => {
    if (id === undefined) return
    requestAnimationFrame(() => {
      rows.goTo(Math.max(0, reading.indexOf(id)))
      hold(`address ${id}`, soughtAt, () => rowOf(id)?.querySelector("mark") ?? rowOf(id))
    })
  }))
  /** Another version takes the place of this one: nothing above it moves, and the focus and the finger stay on the switch. */
  const turnTo = (from: Id, to: Id, way: Way) => {
    const spotIn = (id: Id, spot: string) =>
      (spot === "" ? rowOf(id) : rowOf(id)?.querySelector<HTMLElement>(spot)) ?? null
    const y = (element: HTMLElement | null) => element?.getBoundingClientRect().top ?? -1
    // Turned by key while the switch is out of sight, the message itself stays where it is.
    const pressed = `[data-way="${way}"]`
    const isSeen = y(spotIn(from, pressed)) > 0 && y(spotIn(from, pressed)) < innerHeight
    const spot = isSeen ? pressed : ""
    hold(String(reading.tree().nodes.get(to)?.parent), y(spotIn(from, spot)), () => spotIn(to, spot))
    reading.turnTo(to)
    requestAnimationFrame(() => spotIn(to, pressed)?.focus({ preventScroll: true }))
  }
  const go = (index: number) => {
    rows.goTo(index)
    requestAnimationFrame(() =>
      requestAnimationFrame(() => rowOf(reading.items()[index]!.id)?.focus({ preventScroll: true }))
    )
  }
  const focused = () => {
    const id = document.activeElement?.closest<HTMLElement>("[data-turn]")?.dataset["turn"]
    return id === undefined ? -1 : reading.indexOf(id as Id)
  }
  hearKeys((event) => {
    if (!singleKeys() || !/^[jk[\]]$/.test(event.key) || !isForList(event, list)) return
    const at = focused()
    const item = reading.items()[at]
    if (event.key === "j" || event.key === "k") {
      const to = at < 0 ? rows.topmost() : movedBy(event.key, at, reading.items().length)
      if (to !== undefined) go(to)
    } else if (item?.kind === "turn") {
      const to = item.versions[item.versions.indexOf(item.id) + (event.key === "]" ? 1 : -1)]
      if (to !== undefined) turnTo(item.id, to, event.key === "]" ? "next" : "previous")
    }
    event.preventDefault()
  })

  for (const name of ["wheel", "touchmove"]) {
    addEventListener(name, forget, { passive: true })
    onCleanup(() => removeEventListener(name, forget))
  }

  return (
    <div
      ref={list}
      role="feed"
      aria-label="Messages"
      class="relative mx-auto mb-[38vh] max-w-[70rem]"
      style={{ height: `${rows.height()}px` }}
    >
      <For each={[...rows.placed().keys()]}>
        {(key) => <Row {...props} of={key} rows={rows} top={top()} onTurnTo={turnTo} />}
      </For>
    </div>
  )
}
