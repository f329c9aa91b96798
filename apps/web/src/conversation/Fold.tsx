/** Something folded away under one line. */
import Brain from "lucide-solid/icons/brain"
import ChevronRight from "lucide-solid/icons/chevron-right"
import CircleAlert from "lucide-solid/icons/circle-alert"
import Package from "lucide-solid/icons/package"
import Terminal from "lucide-solid/icons/terminal"
import Wrench from "lucide-solid/icons/wrench"
import { createSignal, type JSX, Show } from "solid-js"
import { Dynamic } from "solid-js/web"

const icons = { thought: Brain, tool: Wrench, result: Terminal, failed: CircleAlert, unknown: Package }

interface FoldProps {
  readonly icon: keyof typeof icons
  readonly title: string
  readonly note?: string | null
  readonly open?: boolean | undefined
  readonly children: JSX.Element
}

export const Fold = (props: FoldProps) => {
  const [open, setOpen] = createSignal(props.open === true)
  return (
    <details
      open={open()}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      class="group/fold rounded-md [&+&]:-mt-2.5 border border-line bg-raised/50 text-base"
    >
      <summary class="flex min-h-9 items-center gap-2.5 rounded-md px-3 py-1.5 text-sm text-ink-soft hover:text-ink">
        <Dynamic
          component={icons[props.icon]}
          size={15}
          aria-hidden="true"
          class={`shrink-0 ${props.icon === "failed" ? "text-danger" : ""}`}
        />
        <span class="min-w-0 flex-1 truncate">
          <span class="font-medium">{props.title}</span>
          <Show when={props.note}>{(note) => <span class="ms-2 text-ink-faint" dir="auto">{note()}</span>}</Show>
        </span>
        <ChevronRight
          size={14}
          aria-hidden="true"
          class="shrink-0 transition-transform duration-150 group-open/fold:rotate-90"
        />
      </summary>
      {/* Drawn when it is opened, not before. */}
      <Show when={open()}>
        <div class="border-t border-line p-3 sm:p-4">{props.children}</div>
      </Show>
    </details>
  )
}
