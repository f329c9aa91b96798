/** The filters of the search: who said it, where, when; and whether to look at what the products hide. */
import ChevronDown from "lucide-solid/icons/chevron-down"
import { createMemo, createSignal, For, type JSX, Show } from "solid-js"
import { watch } from "../node/Node.ts"
import { providerName } from "../ui/Providers.tsx"
import type { Question } from "./Question.ts"
import { spanOf, spansOf } from "./Spans.ts"

interface SearchFiltersProps {
  readonly question: Question
  readonly choose: (change: Partial<Question>) => void
}

const frame =
  "relative inline-flex h-9 items-center rounded-md border border-edge/60 bg-raised text-sm hover:border-edge focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent"
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
      class={`${field} max-w-52 appearance-none truncate ps-3 pe-8 [&>option]:bg-raised`}
      value={props.value}
      onChange={(event) => props.onChoose(event.currentTarget.value || undefined)}
    >
      {props.children}
    </select>
    <ChevronDown size={14} aria-hidden="true" class="pointer-events-none absolute end-2.5 text-ink-faint" />
  </label>
)

const Day = (props: {
  readonly label: string
  readonly value: string | undefined
  readonly onChoose: (day: string | undefined) => void
}) => (
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

/** The usual spans of time by name; any other between two days. */
const When = (props: SearchFiltersProps & { readonly years: ReadonlyArray<string> }) => {
  const [between, setBetween] = createSignal(false)
  const spans = createMemo(() => spansOf(Date.now(), props.years))
  const chosen = () => (between() ? "between" : spanOf(spans(), props.question)?.name ?? "between")
  const choose = (name: string | undefined) => {
    setBetween(name === "between")
    const span = spans().find((span) => span.name === name)
    if (span !== undefined) props.choose({ from: span.from, to: span.to })
  }
  return (
    <>
      <Choice label="When" value={chosen()} onChoose={choose}>
        <For each={spans()}>
          {({ name }) => <option value={name} selected={name === chosen()}>{name}</option>}
        </For>
        <option value="between" selected={chosen() === "between"}>Between two days…</option>
      </Choice>
      <Show when={chosen() === "between"}>
        <Day label="from" value={props.question.from} onChoose={(from) => props.choose({ from })} />
        <Day label="to" value={props.question.to} onChoose={(to) => props.choose({ to })} />
      </Show>
    </>
  )
}

export const SearchFilters = (props: SearchFiltersProps) => {
  const { answer: facets } = watch("WatchFacets", () => ({}))
  const years = createMemo(() => [...new Set((facets()?.months ?? []).map(({ month }) => month.slice(0, 4)))])
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
              <option value={provider} selected={provider === props.question.provider}>
                From {providerName(provider)}
              </option>
            )}
          </For>
        </Choice>
      </Show>
      <When {...props} years={years()} />
      <label class={`${frame} cursor-pointer gap-2 px-3`}>
        <input
          type="checkbox"
          class="accent-accent outline-none"
          checked={props.question.hidden}
          onChange={(event) => props.choose({ hidden: event.currentTarget.checked })}
        />
        Hidden steps too
      </label>
    </div>
  )
}
