/** One conversation in the library: its month in the margin, its title, where it came from, how much it holds. */
import Ellipsis from "lucide-solid/icons/ellipsis"
import Split from "lucide-solid/icons/split"
import { createMemo, For, Show } from "solid-js"
import { IconButton } from "../ui/Button.tsx"
import { count, counted } from "../ui/Counts.ts"
import { providerName } from "../ui/Providers.tsx"
import { exactTime, monthName, monthOf, nearTime } from "../ui/Times.ts"
import { asChanged } from "./Changes.ts"
import type { RowInList } from "./RowList.tsx"
import { particulars, RowFrame, RowLink, RowSkeleton } from "./RowParts.tsx"
import type { Summary } from "./Rows.ts"

interface LibraryRowProps extends RowInList {
  readonly byTime: boolean
  readonly onMenu: (row: Summary, anchor: HTMLElement) => void
}

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
const Particulars = (props: { readonly row: Summary }) => (
  <span class={particulars}>
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
      <Show when={timeOf(props.row)} fallback="No date">{(at) => <>{nearTime(at())}</>}</Show>
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
  <Show when={props.row} fallback={<RowSkeleton />}>{(row) => <KnownRow {...props} row={row()} />}</Show>
)

const KnownRow = (props: LibraryRowProps & { readonly row: Summary }) => {
  const row = createMemo(() => asChanged(props.row))
  const month = () => {
    const here = monthIn(row())
    if (!props.byTime || (!props.heads && here === monthIn(props.before))) return undefined
    return here === undated ? "No date" : monthName(here!)
  }
  return (
    <RowFrame margin={month()} leaving={row().leaving === true}>
      <RowLink row={row()} current={props.current} onFocus={() => props.onFocus()}>
        <Particulars row={row()} />
      </RowLink>
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
    </RowFrame>
  )
}
