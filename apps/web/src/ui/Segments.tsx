/** One of a few, all in sight: radio buttons side by side. */
import { For } from "solid-js"

interface SegmentsProps<Id extends string> {
  /** What is chosen, for those who cannot see it. */
  readonly legend: string
  readonly of: ReadonlyArray<{ readonly id: Id; readonly name: string }>
  readonly chosen: Id
  readonly onChoose: (id: Id) => void
  readonly class?: string
}

export const Segments = <Id extends string>(props: SegmentsProps<Id>) => (
  <fieldset class={props.class}>
    <legend class="sr-only">{props.legend}</legend>
    <div class="inline-flex flex-wrap gap-1 rounded-lg bg-sunken p-1">
      <For each={props.of}>
        {({ id, name }) => (
          <label class="cursor-pointer rounded-md px-4 py-1.5 has-checked:bg-accent has-checked:font-semibold has-checked:text-on-accent has-focus-visible:outline-2 has-focus-visible:outline-accent">
            <input
              type="radio"
              name={props.legend}
              class="sr-only"
              checked={props.chosen === id}
              onChange={() => props.onChoose(id)}
            />
            {name}
          </label>
        )}
      </For>
    </div>
  </fieldset>
)
