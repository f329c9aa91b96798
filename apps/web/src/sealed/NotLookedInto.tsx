/** Says of a narrowed list that what is sealed is not in it: the node knows neither its words nor its tags nor where it came from. */
import { A } from "@solidjs/router"
import { Show } from "solid-js"
import type { Filter } from "../library/Filters.ts"
import { counted } from "../ui/Counts.ts"
import { sealedCount } from "./IndexKept.ts"
import { SealedSign } from "./SealedSign.tsx"

const leavesOut = ({ provider, tag, text }: Filter): boolean =>
  text !== undefined || tag !== undefined || (provider !== undefined && provider !== "sealed")

export const NotLookedInto = (props: { readonly filter: Filter }) => (
  <Show when={sealedCount() > 0 && leavesOut(props.filter)}>
    <p class="flex items-center gap-2 px-2 pb-3 text-sm text-ink-soft">
      <SealedSign />
      <span>
        {counted(sealedCount(), "sealed conversation")} left out: the node cannot look into them.{" "}
        <A
          href={`/search${props.filter.text === undefined ? "" : `?q=${encodeURIComponent(props.filter.text)}`}`}
          class="text-accent underline underline-offset-4"
        >
          Search
        </A>{" "}
        looks into them on this device.
      </span>
    </p>
  </Show>
)
