/** How far something is, as a bar. Without a whole to compare with, it only says that it goes on. */
import { Show } from "solid-js"

export const Progress = (props: { readonly label: string; readonly value: number; readonly max: number }) => {
  const percent = () => (props.max > 0 ? Math.min(100, Math.round((props.value / props.max) * 100)) : undefined)
  return (
    <div
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent()}
      class="h-1.5 overflow-hidden rounded-full bg-sunken"
    >
      <Show
        when={percent() !== undefined}
        fallback={<span class="block h-full w-1/3 rounded-full bg-accent animate-breathe" />}
      >
        <span
          class="block h-full rounded-full bg-accent transition-[width] duration-300"
          style={{ width: `${percent()!}%` }}
        />
      </Show>
    </div>
  )
}
