/** One message, a turn: who speaks in the margin, what is said beside it, and at a fork the way to its other versions. */
import { For, Show } from "solid-js"
import { Late, Stroke } from "../ui/Late.tsx"
import { exactTime, nearTime } from "../ui/Times.ts"
import { BlockView } from "./BlockView.tsx"
import type { Id, OutlineNode } from "./Branches.ts"
import type { Message } from "./Messages.ts"
import { TurnActions } from "./TurnActions.tsx"
import { VersionSwitch } from "./VersionSwitch.tsx"

/** Which way one turns at a fork. */
export type Way = "previous" | "next"

interface TurnViewProps {
  readonly documentId: string
  readonly node: OutlineNode
  readonly versions: ReadonlyArray<Id>
  readonly message: Message | undefined
  readonly failed: boolean
  readonly position: number
  readonly of: number
  readonly query: string | undefined
  /** This is the message the address names. */
  readonly sought: boolean
  readonly onTurnTo: (from: Id, to: Id, way: Way) => void
}

const names = { user: "You", assistant: "Assistant", system: "System", tool: "Tool" }

export const speakerOf = (role: OutlineNode["role"], author: string | null | undefined): string =>
  role === "tool" && author ? author : names[role]

const Waiting = (props: { readonly failed: boolean }) => (
  <Show when={!props.failed} fallback={<p class="text-ink-faint">This message could not be read.</p>}>
    <Late>
      <div class="space-y-3 py-2">
        <Stroke />
        <Stroke class="w-11/12" />
        <Stroke class="w-3/5" />
      </div>
    </Late>
  </Show>
)

const TurnMargin = (props: TurnViewProps & { readonly speaker: string }) => (
  <div class="relative flex min-h-8 min-w-0 items-center gap-x-3 lg:block lg:pt-1 lg:text-end">
    <h2
      class="truncate font-serif text-base font-semibold italic group-focus-visible/turn:underline group-focus-visible/turn:decoration-accent group-focus-visible/turn:decoration-2 group-focus-visible/turn:underline-offset-4"
      classList={{ "text-accent-strong": props.node.role === "user", "text-ink-soft": props.node.role !== "user" }}
    >
      {props.speaker}
    </h2>
    <Show when={props.node.model}>
      {(model) => <p class="truncate text-xs text-ink-faint" title={model()}>{model()}</p>}
    </Show>
    <Show when={props.node.at}>
      {(at) => (
        <time
          class="block text-xs whitespace-nowrap text-ink-faint"
          datetime={new Date(at()).toISOString()}
          title={exactTime(at())}
        >
          {nearTime(at())}
        </time>
      )}
    </Show>
    <Show when={props.node.hidden}>{(why) => <p class="text-xs text-ink-faint" title={why()}>Hidden</p>}</Show>
    <Show when={props.message}>
      {(message) => <TurnActions message={message()} documentId={props.documentId} />}
    </Show>
  </div>
)

export const TurnView = (props: TurnViewProps) => {
  const isUser = () => props.node.role === "user"
  const isQuiet = () => props.node.hidden !== null
  const speaker = () => speakerOf(props.node.role, props.message?.author)
  return (
    <article
      data-turn={props.node.id}
      tabindex="-1"
      aria-posinset={props.position}
      aria-setsize={props.of}
      aria-label={`${speaker()}, ${props.position} of ${props.of}`}
      class="group/turn grid gap-x-6 px-4 py-3.5 outline-none sm:px-6 lg:grid-cols-[8.5rem_minmax(0,42rem)]"
    >
      <TurnMargin {...props} speaker={speaker()} />
      <div class="min-w-0">
        <div
          class="space-y-4"
          classList={{
            "rounded-lg bg-accent-wash/60 px-4 py-3 sm:px-5 sm:py-3.5": isUser(),
            "border-s-2 border-line ps-4": isQuiet() && !isUser(),
            "rounded-lg outline-2 outline-offset-6 outline-found": props.sought
          }}
        >
          <Show when={props.message} fallback={<Waiting failed={props.failed} />}>
            {(message) => (
              <For each={message().blocks} fallback={<p class="text-ink-faint italic">An empty message</p>}>
                {(block) => <BlockView block={block} keepBreaks={isUser()} query={props.query} />}
              </For>
            )}
          </Show>
        </div>
        <Show when={props.versions.length > 1}>
          <VersionSwitch versions={props.versions} id={props.node.id} onTurnTo={props.onTurnTo} />
        </Show>
      </div>
    </article>
  )
}
