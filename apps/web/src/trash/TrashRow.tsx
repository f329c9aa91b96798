/** One conversation in the trash: when it was put there in the margin, how long it stays, and the way back. */
import Ellipsis from "lucide-solid/icons/ellipsis"
import Undo from "lucide-solid/icons/undo-2"
import { createMemo, Show } from "solid-js"
import { asChanged, restore } from "../library/Changes.ts"
import type { RowInList } from "../library/RowList.tsx"
import { particulars, RowFrame, RowLink, RowSkeleton } from "../library/RowParts.tsx"
import type { Summary } from "../library/Rows.ts"
import { Button, IconButton } from "../ui/Button.tsx"
import { counted } from "../ui/Counts.ts"
import { providerName } from "../ui/Providers.tsx"
import { exactTime, nearDay, untilThen } from "../ui/Times.ts"

interface TrashRowProps extends RowInList {
  readonly onMenu: (row: Summary, anchor: HTMLElement) => void
}

const dayOf = (row: Summary | undefined) => {
  const since = row?.trash?.since
  return since === undefined ? undefined : nearDay(since)
}

const KnownRow = (props: TrashRowProps & { readonly row: Summary }) => {
  const row = createMemo(() => asChanged(props.row))
  const day = () => (props.heads || dayOf(row()) !== dayOf(props.before) ? dayOf(row()) : undefined)
  return (
    <RowFrame margin={day()} leaving={row().leaving === true}>
      <RowLink row={row()} current={props.current} onFocus={() => props.onFocus()}>
        <span class={particulars}>
          <Show when={row().trash}>
            {(trash) => (
              <time
                class="truncate"
                datetime={new Date(trash().purgeAt).toISOString()}
                title={`Goes for good on ${exactTime(trash().purgeAt)}`}
              >
                Goes for good {untilThen(trash().purgeAt)}
              </time>
            )}
          </Show>
          <span class="whitespace-nowrap max-sm:hidden">{providerName(row().provider)}</span>
          <span class="whitespace-nowrap max-sm:hidden">{counted(row().messages, "message")}</span>
        </span>
      </RowLink>
      <div class="flex items-center gap-1">
        <Button
          size="small"
          class="relative max-sm:w-9 max-sm:px-0"
          aria-label={`Restore ${row().title}`}
          tabindex={props.current ? 0 : -1}
          onFocus={() => props.onFocus()}
          onClick={() => void restore(row())}
        >
          <Undo size={15} aria-hidden="true" />
          <span class="max-sm:hidden">Restore</span>
        </Button>
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

export const TrashRow = (props: TrashRowProps) => (
  <Show when={props.row} fallback={<RowSkeleton />}>{(row) => <KnownRow {...props} row={row()} />}</Show>
)
