/** What the library is narrowed to, each part of it removable. */
import X from "lucide-solid/icons/x"
import { For, Show } from "solid-js"
import { providerName } from "../ui/Providers.tsx"
import { dayName, daysOfMonth, dayStart, monthName } from "../ui/Times.ts"
import type { Filter } from "./Filters.ts"

interface Chip {
  readonly text: string
  readonly without: Partial<Filter>
}

const day = (date: string) => dayName(dayStart(date) ?? 0)

/** A whole month is said as a month. */
const daysText = ({ from, to }: Filter): string | undefined => {
  if (from === undefined && to === undefined) return undefined
  if (from === undefined) return `Until ${day(to!)}`
  if (to === undefined) return `Since ${day(from)}`
  const month = from.slice(0, 7)
  const whole = daysOfMonth(month)
  return whole.from === from && whole.to === to ? monthName(month) : `${day(from)} to ${day(to)}`
}

const chipsOf = (filter: Filter): ReadonlyArray<Chip> => {
  const days = daysText(filter)
  return [
    ...(filter.text === undefined ? [] : [{ text: `“${filter.text}”`, without: { text: undefined } }]),
    ...(filter.provider === undefined
      ? []
      : [{ text: providerName(filter.provider), without: { provider: undefined } }]),
    ...(filter.tag === undefined ? [] : [{ text: `# ${filter.tag}`, without: { tag: undefined } }]),
    ...(days === undefined ? [] : [{ text: days, without: { from: undefined, to: undefined } }]),
    ...(filter.undated ? [{ text: "No date", without: { undated: false } }] : []),
    ...(filter.archived ? [{ text: "Archived", without: { archived: false } }] : [])
  ]
}

export const FilterChips = (props: { readonly filter: Filter; readonly choose: (change: Partial<Filter>) => void }) => (
  <Show when={chipsOf(props.filter).length > 0}>
    <ul aria-label="Shown are" class="flex flex-wrap gap-2 px-2 pb-4">
      <For each={chipsOf(props.filter)}>
        {(chip) => (
          <li>
            <button
              type="button"
              class="inline-flex h-8 items-center gap-1.5 rounded-full bg-accent-wash ps-3 pe-2 text-sm font-medium text-accent-strong hover:bg-sunken"
              onClick={() => props.choose(chip.without)}
            >
              <span dir="auto">{chip.text}</span>
              <X size={14} aria-hidden="true" />
              <span class="sr-only">, remove this filter</span>
            </button>
          </li>
        )}
      </For>
    </ul>
  </Show>
)
