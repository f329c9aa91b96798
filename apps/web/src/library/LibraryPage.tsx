/** The library: every conversation, newest first, narrowed by where it came from, its tags and its days. */
import { useSearchParams } from "@solidjs/router"
import ListFilter from "lucide-solid/icons/list-filter"
import { createMemo, createSignal, Show } from "solid-js"
import { PageTitle } from "../app/PageTitle.tsx"
import { watch } from "../node/Node.ts"
import { NotLookedInto } from "../sealed/NotLookedInto.tsx"
import { Button } from "../ui/Button.tsx"
import { counted } from "../ui/Counts.ts"
import { Dialog } from "../ui/Dialog.tsx"
import { FacetPanel } from "./FacetPanel.tsx"
import { FilterChips } from "./FilterChips.tsx"
import { type Filter, readFilter, whichBy, writeFilter } from "./Filters.ts"
import { FirstRun } from "./FirstRun.tsx"
import { LibraryList } from "./LibraryList.tsx"
import { NothingMatches } from "./NothingMatches.tsx"
import { SortSelect } from "./SortSelect.tsx"
import { WordFilter } from "./WordFilter.tsx"

const LibraryPage = () => {
  const [address, setAddress] = useSearchParams()
  const filter = createMemo(() => readFilter(address))
  const choose = (change: Partial<Filter>) => setAddress(writeFilter({ ...filter(), ...change }))
  const facets = watch("WatchFacets", () => whichBy(filter()), { keep: true })
  const [total, setTotal] = createSignal<number>()
  const [filtering, setFiltering] = createSignal(false)
  const isEmpty = () => facets.answer()?.total === 0 && facets.answer()?.trashed === 0
  const panel = () => <FacetPanel facets={facets.answer()} filter={filter()} choose={choose} />
  return (
    <>
      <PageTitle title="Library" />
      <Show when={!isEmpty()} fallback={<FirstRun />}>
        <div class="mx-auto grid max-w-[84rem] grid-cols-[minmax(0,1fr)] xl:grid-cols-[minmax(0,1fr)_16.5rem]">
          <div class="min-w-0 px-3 pb-16 sm:px-6 lg:px-8">
            <header class="flex flex-wrap items-end justify-between gap-x-4 gap-y-3 px-2 pt-7 pb-5 sm:pt-10">
              <div>
                <h1 class="font-serif text-2xl">{filter().archived ? "Archived" : "Library"}</h1>
                <p class="mt-0.5 min-h-[1.4rem] text-ink-soft" aria-live="polite">
                  <Show when={total()}>{(total) => <>{counted(total(), "conversation")}</>}</Show>
                </p>
              </div>
              <div class="flex flex-wrap items-center gap-2 max-sm:w-full">
                <WordFilter text={filter().text} onText={(text) => choose({ text })} />
                <SortSelect sort={filter().sort} onSort={(sort) => choose({ sort })} />
                <Button class="xl:hidden" onClick={() => setFiltering(true)}>
                  <ListFilter size={16} aria-hidden="true" />
                  Filter
                </Button>
              </div>
            </header>
            <FilterChips filter={filter()} choose={choose} />
            <NotLookedInto filter={filter()} />
            <LibraryList filter={filter()} onTotal={setTotal} />
            <Show when={total() === 0}>
              <NothingMatches
                filter={filter()}
                clear={() => setAddress(writeFilter(readFilter({})))}
                showArchived={() => choose({ archived: true })}
              />
            </Show>
          </div>
          <aside
            aria-label="Filters"
            aria-busy={facets.waiting()}
            class="sticky top-0 hidden h-dvh overflow-y-auto border-s border-line px-5 pt-10 pb-10 xl:block"
          >
            {panel()}
          </aside>
        </div>
        <Dialog open={filtering()} look="sheet" title="Filter" onClose={() => setFiltering(false)}>{panel()}</Dialog>
      </Show>
    </>
  )
}

export default LibraryPage
