/** The order of the library. */
import ArrowDownUp from "lucide-solid/icons/arrow-down-up"
import type { Sort } from "./Filters.ts"

export const SortSelect = (props: { readonly sort: Sort; readonly onSort: (sort: Sort) => void }) => (
  <label class="relative inline-flex h-10 items-center rounded-md border border-edge/60 bg-raised hover:border-edge focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent">
    <span class="sr-only">Order</span>
    <ArrowDownUp size={15} aria-hidden="true" class="pointer-events-none absolute start-3 text-ink-faint" />
    <select
      class="h-full appearance-none rounded-md bg-transparent ps-9 pe-3.5 font-medium outline-none [&>option]:bg-raised"
      value={props.sort}
      onChange={(event) => props.onSort(event.currentTarget.value as Sort)}
    >
      <option value="newest">Newest first</option>
      <option value="oldest">Oldest first</option>
      <option value="title">By title</option>
    </select>
  </label>
)
