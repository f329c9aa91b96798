/** From one day to another, by the browser's own date fields. */
import type { Filter } from "./Filters.ts"

interface DayRangeProps {
  readonly filter: Filter
  readonly choose: (change: Partial<Filter>) => void
}

const field = "h-9 w-full min-w-0 rounded-md border border-edge/60 bg-raised px-2 text-sm hover:border-edge"

export const DayRange = (props: DayRangeProps) => (
  <fieldset class="mt-4 grid gap-2">
    <legend class="sr-only">Days</legend>
    <label class="grid grid-cols-[3rem_1fr] items-center text-sm text-ink-soft">
      From
      <input
        type="date"
        class={field}
        value={props.filter.from ?? ""}
        max={props.filter.to}
        onChange={(event) => props.choose({ from: event.currentTarget.value || undefined })}
      />
    </label>
    <label class="grid grid-cols-[3rem_1fr] items-center text-sm text-ink-soft">
      To
      <input
        type="date"
        class={field}
        value={props.filter.to ?? ""}
        min={props.filter.from}
        onChange={(event) => props.choose({ to: event.currentTarget.value || undefined })}
      />
    </label>
  </fieldset>
)
