/** The messages on the branch that is read: of a long conversation only what is near exists, and one's place stays. */
import { createMemo, For, Match, Show, Switch } from "solid-js"
import { createPlace } from "../library/Places.ts"
import { createListTop } from "../ui/ScrolledList.ts"
import { AsideView } from "./AsideView.tsx"
import type { Id, Item } from "./Branches.ts"
import { createMessageRows, type MessageRows } from "./MessageRows.ts"
import type { Messages } from "./Messages.ts"
import { createMoves } from "./Moves.ts"
import type { Reading } from "./Reading.ts"
import { TurnView, type Way } from "./TurnView.tsx"

interface MessageListProps {
  readonly documentId: string
  readonly reading: Reading
  readonly messages: Messages
  readonly at: Id | undefined
  readonly query: string | undefined
}

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
  readonly rows: MessageRows
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
  const { turnTo } = createMoves({ list: () => list, reading, rows, at: () => props.at })

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
