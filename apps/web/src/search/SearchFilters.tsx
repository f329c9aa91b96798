/** Who said it, where, when; and whether to look at what the products hide. */
import ChevronDown from "lucide-solid/icons/chevron-down"
import { For, type JSX, Show } from "solid-js"
import { watch } from "../node/Node.ts"
import { providerName } from "../ui/Providers.tsx"
import type { Question } from "./Question.ts"

interface SearchFiltersProps {
  readonly question: Question
  readonly choose: (change: Partial<Question>) => void
}

const frame = "relative inline-flex h-9 items-center rounded-md border border-edge/60 bg-raised text-sm hover:border-edge focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent"
const field = "h-full rounded-md bg-transparent outline-none"

const Choice = (props: {
  readonly label: string
  readonly value: string
  readonly onChoose: (value: string | undefined) => void
  readonly children: JSX.Element
}) => (
  <label class={frame}>
    <span class="sr-only">{props.label}</span>
    <select
      class={`${field} appearance-none ps-3 pe-8 [&>option]:bg-raised`}
      value={props.value}
      onChange={(event) => props.onChoose(event.currentTarget.value || undefined)}
    >
      {props.children}
    </select>
    <ChevronDown size={14} aria-hidden="true" class="pointer-events-none absolute end-2.5 text-ink-faint" />
  </label>
)

const Day = (props: { readonly label: string; readonly value: string | undefined; readonly onChoose: (day: string | undefined) => void }) => (
  <label class={`${frame} ps-3`}>
    <span class="text-ink-faint">{props.label}</span>
    <input
      type="date"
      class={`${field} px-2`}
      value={props.value ?? ""}
      onChange={(event) => props.onChoose(event.currentTarget.value || undefined)}
    />
  </label>
)

export const SearchFilters = (props: SearchFiltersProps) => {
  const { answer: facets } = watch("WatchFacets", () => ({}))
  return (
    <div role="group" aria-label="Narrow the search" class="mt-3 flex flex-wrap gap-2">
      <Choice
        label="Said by"
        value={props.question.role ?? ""}
        onChoose={(role) => props.choose({ role: role as Question["role"] })}
      >
        <option value="">Said by anyone</option>
        <option value="user">Said by you</option>
        <option value="assistant">Said by the assistant</option>
      </Choice>
      <Show when={(facets()?.providers.length ?? 0) > 1 || props.question.provider !== undefined}>
        <Choice label="From" value={props.question.provider ?? ""} onChoose={(provider) => props.choose({ provider })}>
          <option value="">From anywhere</option>
          <For each={facets()?.providers}>
            {({ provider }) => (
              <option value={provider} selected={provider === props.question.provider}>From {providerName(provider)}</option>
            )}
          </For>
        </Choice>
      </Show>
      <Day label="since" value={props.question.from} onChoose={(from) => props.choose({ from })} />
      <Day label="until" value={props.question.to} onChoose={(to) => props.choose({ to })} />
      <label class={`${frame} cursor-pointer gap-2 px-3`}>
        <input
          type="checkbox"
          class="accent-accent"
          checked={props.question.hidden}
          onChange={(event) => props.choose({ hidden: event.currentTarget.checked })}
        />
        Hidden steps too
      </label>
    </div>
  )
}
