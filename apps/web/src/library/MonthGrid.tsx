/** The years as small calendars: the fuller the month, the darker its field; each field narrows the list to its month. */
import { createMemo, createSignal, For, Index, Show } from "solid-js"
import type { Answer } from "../node/Calls.ts"
import { counted } from "../ui/Counts.ts"
import { daysOfMonth, shortMonthName } from "../ui/Times.ts"
import type { Filter } from "./Filters.ts"
import { depthOf, yearsOf } from "./Months.ts"

interface MonthGridProps {
  readonly months: Answer<"WatchFacets">["months"]
  readonly filter: Filter
  readonly choose: (change: Partial<Filter>) => void
}

const depths = ["text-ink-faint", "bg-accent/12", "bg-accent/22", "bg-accent/34"]
const yearsAtFirst = 2

export const MonthGrid = (props: MonthGridProps) => {
  const [all, setAll] = createSignal(false)
  const years = createMemo(() => yearsOf(props.months))
  /** By name, so that a field stays the same one, and keeps the focus, while its count changes. */
  const monthsOf = (name: string) => years().find(({ year }) => year === name)?.months ?? []
  const most = createMemo(() => Math.max(1, ...props.months.map(({ count }) => count)))
  const isChosen = (month: string) => {
    const { from, to } = daysOfMonth(month)
    return props.filter.from === from && props.filter.to === to
  }
  return (
    <>
      <For each={years().map(({ year }) => year).slice(0, all() ? undefined : yearsAtFirst)}>
        {(year) => (
          <div role="group" aria-label={year} class="mb-3">
            <p class="mb-1 px-1 text-xs text-ink-faint tabular-nums">{year}</p>
            <ul class="grid grid-cols-6 gap-1">
              <Index each={monthsOf(year)}>
                {(of) => (
                  <li>
                    <button
                      type="button"
                      disabled={of().count === 0 && !isChosen(of().month)}
                      aria-pressed={isChosen(of().month)}
                      aria-label={`${shortMonthName(of().month)} ${year}, ${counted(of().count, "conversation")}`}
                      class={`h-7 w-full rounded-sm border border-line text-2xs transition-colors enabled:hover:border-accent disabled:border-dashed
                        aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:font-semibold aria-pressed:text-on-accent
                        ${depths[depthOf(of().count, most())]!}`}
                      onClick={() =>
                        props.choose(
                          isChosen(of().month) ? { from: undefined, to: undefined } : daysOfMonth(of().month)
                        )}
                    >
                      {shortMonthName(of().month)}
                    </button>
                  </li>
                )}
              </Index>
            </ul>
          </div>
        )}
      </For>
      <Show when={years().length > yearsAtFirst}>
        <button
          type="button"
          class="rounded-md px-2 py-1.5 text-sm text-accent hover:bg-sunken"
          onClick={() => setAll(!all())}
        >
          {all() ? "Recent years only" : "Earlier years"}
        </button>
      </Show>
    </>
  )
}
