/** One conversation in the library: its month in the margin, its title, where it came from, how much it holds. */
import { A } from "@solidjs/router"
import Ellipsis from "lucide-solid/icons/ellipsis"
import Split from "lucide-solid/icons/split"
import Star from "lucide-solid/icons/star"
import { createMemo, For, Show } from "solid-js"
import { IconButton } from "../ui/Button.tsx"
import { count, counted } from "../ui/Counts.ts"
import { Stroke } from "../ui/Late.tsx"
import { providerName, ProviderSign } from "../ui/Providers.tsx"
import { exactTime, monthName, monthOf, nearTime } from "../ui/Times.ts"
import { asChanged } from "./Changes.ts"
import type { Summary } from "./Rows.ts"

interface LibraryRowProps {
  /** `undefined`: not known yet. */
  readonly row: Summary | undefined
  readonly before: Summary | undefined
  /** This is the first row that is seen: it says its month, whatever came before. */
  readonly heads: boolean
  readonly byTime: boolean
  /** The one row of the list the Tab key stops at. */
  readonly current: boolean
  readonly onFocus: () => void
  readonly onMenu: (row: Summary, anchor: HTMLElement) => void
}

/** One row, in pixels; the same everywhere, so that a row's place is known before the row is. The classes `h-[66px]` say it again. */
export const rowHeight = 66
/** When a conversation was last added to, as far as anybody knows. */
const timeOf = ({ createdAt, updatedAt }: Summary): number | null => updatedAt ?? createdAt
/** The month a row is filed under; rows without a time are filed together. */
const monthIn = (row: Summary | undefined): string | undefined => {
  if (row === undefined) return undefined
  const at = timeOf(row)
  return at === null ? undated : monthOf(at)
}
const undated = ""
const tagsShown = 2
const time = "w-18 text-end text-xs text-ink-faint tabular-nums max-sm:hidden"
const frame =
  "group/row relative grid h-full grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 lg:grid-cols-[6.5rem_minmax(0,1fr)_auto]"

const Margin = (props: { readonly month: string | undefined }) => (
  <span class="hidden self-start pt-3 ps-2 font-serif text-sm text-ink-faint italic lg:block">
    {props.month === undefined ? "" : props.month === undated ? "No date" : monthName(props.month)}
  </span>
)

const Particulars = (props: { readonly row: Summary }) => (
  <span class="mt-0.5 flex min-w-0 items-center text-xs text-ink-faint [&>*+*]:before:px-1.5 [&>*+*]:before:content-['·']">
    <span class="whitespace-nowrap">{providerName(props.row.provider)}</span>
    <Show when={props.row.model}>{(model) => <span class="truncate max-md:hidden" dir="auto">{model()}</span>}</Show>
    <span class="whitespace-nowrap">{counted(props.row.messages, "message")}</span>
    <Show when={props.row.branches > 0}>
      <span class="whitespace-nowrap">
        <Split size={12} aria-hidden="true" class="inline rotate-90 align-[-1px]" />
        <span aria-hidden="true">{` ${count(props.row.branches + 1)}`}</span>
        <span class="sr-only">{counted(props.row.branches + 1, "branch", "branches")}</span>
      </span>
    </Show>
    <span class="truncate sm:hidden">
      <Show when={timeOf(props.row)} fallback="No date">{(at) => nearTime(at())}</Show>
    </span>
  </span>
)

const RowTags = (props: { readonly tags: ReadonlyArray<string> }) => (
  <Show when={props.tags.length > 0}>
    <ul aria-label="Tags" class="hidden gap-1.5 md:flex">
      <For each={props.tags.slice(0, tagsShown)}>
        {(tag) => (
          <li class="max-w-28 truncate rounded-full bg-sunken px-2.5 py-0.5 text-xs text-ink-soft" dir="auto">
            {tag}
          </li>
        )}
      </For>
      <Show when={props.tags.length > tagsShown}>
        <li
          class="rounded-full bg-sunken px-2 py-0.5 text-xs text-ink-soft"
          title={props.tags.slice(tagsShown).join(", ")}
        >
          +{props.tags.length - tagsShown}
        </li>
      </Show>
    </ul>
  </Show>
)

export const LibraryRow = (props: LibraryRowProps) => (
  <Show when={props.row} fallback={<LibraryRowSkeleton />}>{(row) => <KnownRow {...props} row={row()} />}</Show>
)

const KnownRow = (props: LibraryRowProps & { readonly row: Summary }) => {
  const row = createMemo(() => asChanged(props.row))
  const month = () => {
    const here = monthIn(row())
    return props.byTime && (props.heads || here !== monthIn(props.before)) ? here : undefined
  }
  return (
    <div class={frame} classList={{ "opacity-40": row().leaving === true }}>
      <Margin month={month()} />
      <div class="relative col-span-2 grid h-full grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 border-t border-line/70 ps-2 pe-1 transition-colors duration-100 group-hover/row:bg-raised">
        <A
          href={`/c/${encodeURIComponent(row().documentId)}`}
          tabindex={props.current ? 0 : -1}
          onFocus={() => props.onFocus()}
          class="min-w-0 outline-none before:absolute before:inset-0 before:rounded-md focus-visible:before:outline-2 focus-visible:before:-outline-offset-2 focus-visible:before:outline-accent"
        >
          <span class="flex min-w-0 items-center gap-2.5">
            <ProviderSign provider={row().provider} />
            <span class="truncate font-medium" classList={{ "italic text-ink-soft": row().titleDerived }} dir="auto">
              {row().title}
            </span>
            <Show when={row().starred}>
              <Star size={13} class="shrink-0 fill-found text-warn" aria-label="Starred" role="img" />
            </Show>
          </span>
          <span class="block ps-6.5">
            <Particulars row={row()} />
          </span>
        </A>
        <div class="flex items-center gap-2">
          <RowTags tags={row().tags} />
          <Show when={timeOf(row())} fallback={<span class={time}>No date</span>}>
            {(at) => (
              <time datetime={new Date(at()).toISOString()} title={exactTime(at())} class={time}>
                {nearTime(at())}
              </time>
            )}
          </Show>
          <IconButton
            label={`Actions for ${row().title}`}
            title="Actions"
            aria-haspopup="menu"
            tabindex={props.current ? 0 : -1}
            class="relative"
            onFocus={() => props.onFocus()}
            onClick={(event) => props.onMenu(row(), event.currentTarget)}
          >
            <Ellipsis size={18} aria-hidden="true" />
          </IconButton>
        </div>
      </div>
    </div>
  )
}

export const LibraryRowSkeleton = () => (
  <div class={`${frame} h-[66px]`} aria-hidden="true">
    <Margin month={undefined} />
    <div class="col-span-2 grid h-full content-center gap-2.5 border-t border-line/70 ps-2">
      <Stroke class="w-1/2" />
      <Stroke class="h-2 w-1/4" />
    </div>
  </div>
)
