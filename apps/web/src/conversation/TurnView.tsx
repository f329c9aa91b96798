/** One message: who speaks in the margin, what is said beside it, and at a fork the way to its other versions. */
import Check from "lucide-solid/icons/check"
import Copy from "lucide-solid/icons/copy"
import LinkIcon from "lucide-solid/icons/link"
import { createSignal, For, type JSX, Show } from "solid-js"
import { announce } from "../ui/Announcer.tsx"
import { IconButton } from "../ui/Button.tsx"
import { exactTime, nearTime } from "../ui/Dates.ts"
import { Late, Stroke } from "../ui/Late.tsx"
import { BlockView } from "./BlockView.tsx"
import type { Id, OutlineNode } from "./Branches.ts"
import { type Message, plainText } from "./Messages.ts"
import { VersionSwitch } from "./VersionSwitch.tsx"

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
  readonly onTurnTo: (id: Id, way: "previous" | "next") => void
}

export const speakerOf = (role: OutlineNode["role"], author: string | null | undefined): string => {
  const names = { user: "You", assistant: "Assistant", system: "System", tool: "Tool" }
  return role === "tool" && author ? author : names[role]
}

/** A button that says for a moment that it has done what it does. */
const CopyButton = (props: { readonly label: string; readonly text: () => string; readonly children: JSX.Element }) => {
  const [done, setDone] = createSignal(false)
  const run = async () => {
    await navigator.clipboard.writeText(props.text())
    setDone(true)
    announce("Copied")
    setTimeout(() => setDone(false), 2_000)
  }
  return (
    <IconButton label={props.label} class="size-8 text-ink-faint" onClick={() => void run()}>
      <Show when={done()} fallback={props.children}><Check size={15} aria-hidden="true" class="text-accent" /></Show>
    </IconButton>
  )
}

const Waiting = (props: { readonly failed: boolean }) => (
  <Show when={!props.failed} fallback={<p class="text-ink-faint">This message could not be read.</p>}>
    <Late><div class="space-y-3 py-2"><Stroke /><Stroke class="w-11/12" /><Stroke class="w-3/5" /></div></Late>
  </Show>
)

export const TurnView = (props: TurnViewProps) => {
  const isUser = () => props.node.role === "user"
  const isQuiet = () => props.node.hidden !== null
  const speaker = () => speakerOf(props.node.role, props.message?.author)
  const permalink = () => `${location.origin}/c/${encodeURIComponent(props.documentId)}?m=${encodeURIComponent(props.node.id)}`
  return (
    <article
      data-turn={props.node.id}
      tabindex="-1"
      aria-posinset={props.position}
      aria-setsize={props.of}
      aria-label={`${speaker()}, ${props.position} of ${props.of}`}
      class="group/turn grid gap-x-6 gap-y-1 px-4 py-5 outline-none sm:px-6 lg:grid-cols-[8.5rem_minmax(0,46rem)]"
      classList={{ "opacity-85": isQuiet() }}
    >
      <div class="flex items-baseline gap-x-3 lg:block lg:pt-1 lg:text-end">
        <h2
          class="font-serif text-base font-semibold italic group-focus-visible/turn:underline group-focus-visible/turn:decoration-2 group-focus-visible/turn:decoration-accent group-focus-visible/turn:underline-offset-4"
          classList={{ "text-accent-strong": isUser(), "text-ink-soft": !isUser() }}
        >
          {speaker()}
        </h2>
        <Show when={props.message?.model}>{(model) => <p class="truncate text-xs text-ink-faint" title={model()}>{model()}</p>}</Show>
        <Show when={props.node.at}>
          {(at) => <time class="text-xs text-ink-faint max-lg:ms-auto" datetime={new Date(at()).toISOString()} title={exactTime(at())}>{nearTime(at())}</time>}
        </Show>
        <Show when={props.node.hidden}>{(why) => <p class="text-xs text-ink-faint" title={why()}>Hidden</p>}</Show>
      </div>
      <div class="min-w-0">
        <div
          class="space-y-4"
          classList={{
            "rounded-lg bg-accent-wash/55 px-4 py-3 sm:px-5 sm:py-3.5": isUser(),
            "border-s-2 border-line ps-4": isQuiet() && !isUser(),
            "rounded-lg outline-2 outline-offset-4 outline-found": props.sought
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
        <div class="mt-1.5 flex min-h-8 flex-wrap items-center gap-1">
          <Show when={props.versions.length > 1}>
            <VersionSwitch versions={props.versions} id={props.node.id} onTurnTo={props.onTurnTo} />
          </Show>
          <Show when={props.message}>
            {(message) => (
              <div class="flex items-center transition-opacity duration-150 lg:opacity-0 lg:group-focus-within/turn:opacity-100 lg:group-hover/turn:opacity-100">
                <CopyButton label="Copy the text" text={() => plainText(message())}><Copy size={15} aria-hidden="true" /></CopyButton>
                <CopyButton label="Copy a link to this message" text={permalink}><LinkIcon size={15} aria-hidden="true" /></CopyButton>
              </div>
            )}
          </Show>
        </div>
      </div>
    </article>
  )
}
