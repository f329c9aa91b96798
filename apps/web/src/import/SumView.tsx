/** One sum of a receipt, drawn: the parts, the whole, and whether they are the same. */
import Check from "lucide-solid/icons/check"
import TriangleAlert from "lucide-solid/icons/triangle-alert"
import { For, Show } from "solid-js"
import { count } from "../ui/Counts.ts"
import type { Look, Sum } from "./Sums.ts"

const looks: Record<Look, string> = {
  new: "bg-accent",
  known: "bg-accent/40",
  quiet: "bg-edge/50",
  trouble: "bg-danger"
}
const titles = { conversations: "Conversations", nodes: "Messages and other nodes" }

export const SumView = (props: { readonly sum: Sum }) => (
  <section class="rounded-lg border border-line bg-raised p-5">
    <div class="flex flex-wrap items-baseline justify-between gap-x-4">
      <h2 class="font-serif text-lg">{titles[props.sum.of]}</h2>
      <p
        class="inline-flex items-center gap-1.5 text-sm"
        classList={{ "text-accent-strong": props.sum.missing === 0, "text-danger": props.sum.missing !== 0 }}
      >
        <Show
          when={props.sum.missing === 0}
          fallback={
            <>
              <TriangleAlert size={15} aria-hidden="true" />
              {count(Math.abs(props.sum.missing))} not accounted for
            </>
          }
        >
          <Check size={15} aria-hidden="true" />Every one accounted for
        </Show>
      </p>
    </div>
    <div aria-hidden="true" class="mt-4 flex h-2 gap-0.5 overflow-hidden rounded-full bg-sunken">
      <For each={props.sum.parts.filter((part) => part.count > 0)}>
        {(part) => <span class={`min-w-1 ${looks[part.look]}`} style={{ "flex-grow": part.count }} />}
      </For>
    </div>
    <dl class="mt-4 flex flex-wrap items-end gap-x-3 gap-y-3">
      <For each={props.sum.parts}>
        {(part, at) => (
          <>
            <Show when={at() > 0}>
              <span aria-hidden="true" class="pb-5 font-serif text-lg text-ink-faint">+</span>
            </Show>
            <div class="min-w-14">
              <dd class="font-serif text-xl tabular-nums">{count(part.count)}</dd>
              <dt class="flex items-center gap-1.5 text-xs text-ink-soft">
                <span
                  aria-hidden="true"
                  class={`size-2 rounded-full ${part.count === 0 ? "border border-edge" : looks[part.look]}`}
                />
                {part.name}
              </dt>
            </div>
          </>
        )}
      </For>
      <span aria-hidden="true" class="pb-5 font-serif text-lg text-ink-faint">
        {props.sum.missing === 0 ? "=" : "≠"}
      </span>
      <div>
        <dd class="font-serif text-xl tabular-nums">{count(props.sum.found)}</dd>
        <dt class="text-xs text-ink-soft">in the file</dt>
      </div>
    </dl>
    <p class="sr-only">
      {props.sum.parts.map((part) => `${count(part.count)} ${part.name}`).join(", ")}: together{" "}
      {count(props.sum.found - props.sum.missing)} of {count(props.sum.found)} in the file.
    </p>
  </section>
)
