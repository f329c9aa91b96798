/** The head of a conversation: its title, to be changed in place, where it came from, and what can be done with it. */
import { A } from "@solidjs/router"
import Ellipsis from "lucide-solid/icons/ellipsis"
import Eye from "lucide-solid/icons/eye"
import EyeOff from "lucide-solid/icons/eye-off"
import FolderClosed from "lucide-solid/icons/folder-closed"
import Split from "lucide-solid/icons/split"
import TagsIcon from "lucide-solid/icons/tags"
import TriangleAlert from "lucide-solid/icons/triangle-alert"
import X from "lucide-solid/icons/x"
import { createMemo, For, onCleanup, onMount, Show } from "solid-js"
import { main } from "../app/Main.ts"
import type { Summary } from "../library/Rows.ts"
import type { Answer } from "../node/Calls.ts"
import { SealedSign } from "../sealed/SealedSign.tsx"
import { Button, IconButton } from "../ui/Button.tsx"
import { counted } from "../ui/Counts.ts"
import { providerName, ProviderSign } from "../ui/Providers.tsx"
import { dayName } from "../ui/Times.ts"
import { EditableTitle } from "./EditableTitle.tsx"
import type { Reading } from "./Reading.ts"

interface ConversationHeadProps {
  readonly summary: Summary
  readonly outline: Answer<"WatchConversation">
  readonly reading: Reading
  readonly onSeen: (seen: boolean) => void
  readonly onOverview: () => void
  readonly onMenu: (anchor: HTMLElement) => void
  readonly onTags: (anchor: HTMLElement) => void
  /** Words that are marked because they were searched for. */
  readonly query: string | undefined
}

const daysOf = ({ createdAt, updatedAt }: Summary): string | undefined => {
  const [first, last] = [createdAt ?? updatedAt, updatedAt ?? createdAt]
  if (first === null || last === null) return undefined
  return dayName(first) === dayName(last) ? dayName(first) : `${dayName(first)} to ${dayName(last)}`
}

const Particulars = (props: ConversationHeadProps) => (
  <p class="mt-2 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm text-ink-soft [&>*:not(:last-child)]:after:ms-2.5 [&>*:not(:last-child)]:after:text-ink-faint [&>*:not(:last-child)]:after:content-['·']">
    <Show when={props.summary.sealed}>
      <span>
        <SealedSign class="me-1.5 inline align-[-1px]" />
        <span aria-hidden="true">Sealed</span>
      </span>
    </Show>
    <span>
      <ProviderSign provider={props.summary.provider} class="me-2 align-[-3px]" />
      {providerName(props.summary.provider)}
    </span>
    <Show when={props.summary.model}>{(model) => <span dir="auto">{model()}</span>}</Show>
    <span>{daysOf(props.summary) ?? "No date"}</span>
    <span>{counted(props.summary.messages, "message")}</span>
    <Show when={props.outline.project}>
      {(project) => (
        <span>
          <FolderClosed size={14} aria-label="Project" role="img" class="me-1.5 inline align-[-2px]" />
          <bdi>{project()}</bdi>
        </span>
      )}
    </Show>
  </p>
)

const Marked = (props: { readonly query: string; readonly documentId: string }) => (
  <A
    href={`/c/${encodeURIComponent(props.documentId)}`}
    replace
    noScroll
    class="inline-flex h-8 max-w-full min-w-0 items-center gap-2 rounded-md bg-found ps-2.5 pe-2 text-sm text-on-found hover:brightness-95"
  >
    <span class="truncate" dir="auto">“{props.query}”</span>
    <X size={14} aria-hidden="true" class="shrink-0" />
    <span class="sr-only">is marked; take the marks away</span>
  </A>
)

const Warnings = (props: { readonly warnings: ReadonlyArray<string> }) => (
  <details class="mt-4 rounded-lg bg-warn-wash px-4 py-2.5 text-sm text-warn">
    <summary class="flex items-center gap-2.5 font-medium">
      <TriangleAlert size={15} aria-hidden="true" class="shrink-0" />
      {props.warnings.length === 1 ? "The import noted one thing" : `The import noted ${props.warnings.length} things`}
    </summary>
    <ul class="mt-2 list-disc space-y-1 ps-10">
      <For each={props.warnings}>{(warning) => <li dir="auto">{warning}</li>}</For>
    </ul>
  </details>
)

const TagList = (props: ConversationHeadProps) => (
  <ul class="mt-3 flex flex-wrap items-center gap-2" aria-label="Tags">
    <For each={props.summary.tags}>
      {(tag) => (
        <li>
          <A
            href={`/?tag=${encodeURIComponent(tag)}`}
            class="inline-flex h-7 items-center rounded-full bg-sunken px-3 text-sm text-ink-soft hover:text-ink"
            dir="auto"
          >
            {tag}
          </A>
        </li>
      )}
    </For>
    <li>
      <button
        type="button"
        aria-haspopup="dialog"
        class="inline-flex h-7 items-center gap-1.5 rounded-full border border-dashed border-edge/70 px-3 text-sm text-ink-soft hover:border-edge hover:text-ink"
        onClick={(event) => props.onTags(event.currentTarget)}
      >
        <TagsIcon size={13} aria-hidden="true" />
        {props.summary.tags.length === 0 ? "Add tags" : "Edit tags"}
      </button>
    </li>
  </ul>
)

export const ConversationHead = (props: ConversationHeadProps) => {
  let end!: HTMLDivElement
  const hasHidden = createMemo(() => props.outline.nodes.some(({ hidden }) => hidden !== null))
  onMount(() => {
    // What a busy page has not heard of yet comes together; the last of it is how it is now.
    const observer = new IntersectionObserver((entries) => props.onSeen(entries.at(-1)?.isIntersecting === true), {
      root: main() ?? null
    })
    observer.observe(end)
    onCleanup(() => observer.disconnect())
  })
  return (
    <header class="mx-auto max-w-[70rem] px-4 pt-6 pb-2 sm:px-6 sm:pt-9">
      <div class="border-b border-line pb-5 lg:ms-40 lg:max-w-[42rem]">
        <EditableTitle summary={props.summary} />
        <Particulars {...props} />
        <TagList {...props} />
        <div class="mt-4 flex flex-wrap items-center gap-2">
          <Show when={props.reading.branches().length > 1}>
            <Button size="small" aria-haspopup="dialog" onClick={() => props.onOverview()}>
              <Split size={15} aria-hidden="true" class="rotate-90" />
              {counted(props.reading.branches().length, "branch", "branches")}
            </Button>
          </Show>
          <Show when={hasHidden()}>
            <Button
              size="small"
              aria-pressed={props.reading.all()}
              onClick={() => props.reading.setAll(!props.reading.all())}
            >
              {props.reading.all() ? <EyeOff size={15} aria-hidden="true" /> : <Eye size={15} aria-hidden="true" />}
              {props.reading.all() ? "Hide system and tools" : "Show system, tools and hidden"}
            </Button>
          </Show>
          <Show when={props.query}>{(query) => <Marked query={query()} documentId={props.summary.documentId} />}</Show>
          <IconButton
            label="Actions"
            aria-haspopup="menu"
            class="ms-auto"
            onClick={(event) => props.onMenu(event.currentTarget)}
          >
            <Ellipsis size={18} aria-hidden="true" />
          </IconButton>
        </div>
        <Show when={props.outline.warnings.length > 0}>
          <Warnings warnings={props.outline.warnings} />
        </Show>
      </div>
      <div ref={end} aria-hidden="true" />
    </header>
  )
}
