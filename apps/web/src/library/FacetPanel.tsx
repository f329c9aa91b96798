/**
 * How what is shown divides: by origin, by tag, by month; each part is a switch that narrows the list to it, and beside it
 * stands how many that would show.
 */
import { A } from "@solidjs/router"
import Archive from "lucide-solid/icons/archive"
import CalendarOff from "lucide-solid/icons/calendar-off"
import Trash from "lucide-solid/icons/trash"
import { createMemo, createSignal, For, type JSX, Show } from "solid-js"
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

/**
 * Counts by name. The names alone are what is listed, so that a switch stays the same one (and keeps the focus) while its
 * count changes; what is chosen stays among them, to be given up here, also when nothing of it is left.
 */
const createCounts = (counts: () => ReadonlyArray<readonly [string, number]>, chosen: () => string | undefined) => {
  const byName = createMemo(() => new Map(counts()))
  const names = () => {
    const name = chosen()
    return name === undefined || byName().has(name) ? [...byName().keys()] : [...byName().keys(), name]
  }
  return { names, countOf: (name: string) => byName().get(name) ?? 0 }
}

/** More tags than this are shown on request. */
const tagsAtFirst = 10

const TagFacets = (props: FacetPanelProps) => {
  const [all, setAll] = createSignal(false)
  const { countOf, names } = createCounts(
    () => (props.facets?.tags ?? []).map(({ count, tag }) => [tag, count] as const),
    () => props.filter.tag
  )
  return (
    <Show when={names().length > 0}>
      <Group title="Tags">
        <ul>
          <For each={all() ? names() : names().slice(0, tagsAtFirst)}>
            {(tag) => (
              <li>
                <button
                  type="button"
                  class={row}
                  aria-pressed={props.filter.tag === tag}
                  onClick={() => props.choose({ tag: props.filter.tag === tag ? undefined : tag })}
                >
                  <span aria-hidden="true" class="w-4 text-center text-ink-faint">#</span>
                  <span class="truncate" dir="auto">{tag}</span>
                  <Counted count={countOf(tag)} />
                </button>
              </li>
            )}
          </For>
          <Show when={names().length > tagsAtFirst}>
            <li>
              <button type="button" class={`${row} text-accent`} onClick={() => setAll(!all())}>
                {all() ? "Fewer tags" : `All ${count(names().length)} tags`}
              </button>
            </li>
          </Show>
        </ul>
      </Group>
    </Show>
  )
}

const ProviderFacets = (props: FacetPanelProps) => {
  const { countOf, names } = createCounts(
    () => (props.facets?.providers ?? []).map(({ count, provider }) => [provider, count] as const),
    () => props.filter.provider
  )
  return (
    <Show when={names().length > 0}>
      <Group title="From">
        <ul>
          <For each={names()}>
            {(provider) => (
              <li>
                <button
                  type="button"
                  class={row}
                  aria-pressed={props.filter.provider === provider}
                  onClick={() => props.choose({ provider: props.filter.provider === provider ? undefined : provider })}
                >
                  <ProviderSign provider={provider} />
                  {providerName(provider)}
                  <Counted count={countOf(provider)} />
                </button>
              </li>
            )}
          </For>
        </ul>
      </Group>
    </Show>
  )
}

export const FacetPanel = (props: FacetPanelProps) => {
  const days = (change: Partial<Filter>) => props.choose({ ...change, undated: false })
  return (
    <Show when={props.facets}>
      {(facets) => (
        <>
          <ProviderFacets {...props} />
          <TagFacets {...props} />
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
              <Archive size={16} aria-hidden="true" class="shrink-0 text-ink-faint" />
              Archived
              <Counted count={facets().archived} />
            </button>
            <A href="/trash" class={row}>
              <Trash size={16} aria-hidden="true" class="shrink-0 text-ink-faint" />
              Trash
              <Counted count={facets().trashed} />
            </A>
          </Group>
        </>
      )}
    </Show>
  )
}
