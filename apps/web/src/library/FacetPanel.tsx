/** How the library divides: by origin, by tag, by month; each part is a switch that narrows the list to it. */
import CalendarOff from "lucide-solid/icons/calendar-off"
import { createSignal, For, type JSX, Show } from "solid-js"
import type { Answer } from "../node/Calls.ts"
import { count } from "../ui/Counts.ts"
import { providerName, ProviderSign } from "../ui/Providers.tsx"
import { DayRange } from "./DayRange.tsx"
import type { Filter } from "./Filters.ts"
import { MonthGrid } from "./MonthGrid.tsx"

interface FacetPanelProps {
  readonly facets: Answer<"WatchFacets"> | undefined
  readonly filter: Filter
  readonly choose: (change: Partial<Filter>) => void
}

const Group = (props: { readonly title: string; readonly children: JSX.Element }) => (
  <section class="mb-7">
    <h2 class="mb-2 font-serif text-base font-semibold">{props.title}</h2>
    {props.children}
  </section>
)

const row = `flex w-full items-center gap-2.5 rounded-md px-2 py-1.5 text-start text-sm hover:bg-sunken
  aria-pressed:bg-accent-wash aria-pressed:font-semibold aria-pressed:text-accent-strong`

const Counted = (props: { readonly count: number }) => (
  <span class="ms-auto ps-2 text-xs font-normal text-ink-faint tabular-nums">{count(props.count)}</span>
)

/** More tags than this are shown on request. */
const tagsAtFirst = 10

const TagFacets = (props: FacetPanelProps) => {
  const [all, setAll] = createSignal(false)
  const tags = () => props.facets?.tags ?? []
  return (
    <ul>
      <For each={all() ? tags() : tags().slice(0, tagsAtFirst)}>
        {({ tag, count }) => (
          <li>
            <button
              type="button"
              class={row}
              aria-pressed={props.filter.tag === tag}
              onClick={() => props.choose({ tag: props.filter.tag === tag ? undefined : tag })}
            >
              <span aria-hidden="true" class="w-4 text-center text-ink-faint">#</span>
              <span class="truncate" dir="auto">{tag}</span>
              <Counted count={count} />
            </button>
          </li>
        )}
      </For>
      <Show when={tags().length > tagsAtFirst}>
        <li>
          <button type="button" class={`${row} text-accent`} onClick={() => setAll(!all())}>
            {all() ? "Fewer tags" : `All ${count(tags().length)} tags`}
          </button>
        </li>
      </Show>
    </ul>
  )
}

export const FacetPanel = (props: FacetPanelProps) => {
  const days = (change: Partial<Filter>) => props.choose({ ...change, undated: false })
  return (
    <Show when={props.facets}>
      {(facets) => (
        <>
          <Group title="From">
            <ul>
              <For each={facets().providers}>
                {({ provider, count }) => (
                  <li>
                    <button
                      type="button"
                      class={row}
                      aria-pressed={props.filter.provider === provider}
                      onClick={() =>
                        props.choose({ provider: props.filter.provider === provider ? undefined : provider })}
                    >
                      <ProviderSign provider={provider} />
                      {providerName(provider)}
                      <Counted count={count} />
                    </button>
                  </li>
                )}
              </For>
            </ul>
          </Group>
          <Show when={facets().tags.length > 0}>
            <Group title="Tags">
              <TagFacets {...props} />
            </Group>
          </Show>
          <Group title="When">
            <MonthGrid months={facets().months} filter={props.filter} choose={days} />
            <Show when={facets().undated > 0 || props.filter.undated}>
              <button
                type="button"
                class={row}
                aria-pressed={props.filter.undated}
                onClick={() => props.choose({ undated: !props.filter.undated, from: undefined, to: undefined })}
              >
                <CalendarOff size={16} aria-hidden="true" class="shrink-0 text-ink-faint" />
                No date
                <Counted count={facets().undated} />
              </button>
            </Show>
            <DayRange filter={props.filter} choose={days} />
          </Group>
          <Group title="Put away">
            <button
              type="button"
              class={row}
              aria-pressed={props.filter.archived}
              onClick={() => props.choose({ archived: !props.filter.archived })}
            >
              Archived
              <Counted count={facets().archived} />
            </button>
          </Group>
        </>
      )}
    </Show>
  )
}
