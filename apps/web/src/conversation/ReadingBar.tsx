/** What stays in sight while one reads: the title, the way to the branches and to the ends. */
import ArrowDownToLine from "lucide-solid/icons/arrow-down-to-line"
import ArrowUpToLine from "lucide-solid/icons/arrow-up-to-line"
import Ellipsis from "lucide-solid/icons/ellipsis"
import Split from "lucide-solid/icons/split"
import { Show } from "solid-js"
import { main } from "../app/Main.ts"
import { IconButton } from "../ui/Button.tsx"
import { count } from "../ui/Counts.ts"
import type { Reading } from "./Reading.ts"

interface ReadingBarProps {
  readonly shown: boolean
  readonly title: string
  readonly reading: Reading
  readonly onOverview: () => void
  readonly onMenu: (anchor: HTMLElement) => void
}

/** Its height, for what scrolls below it. */
export const barHeight = 49

export const ReadingBar = (props: ReadingBarProps) => (
  <div class="sticky top-0 z-10 h-0">
    <Show when={props.shown}>
      <div class="flex h-12 animate-rise items-center gap-1 border-b border-line bg-paper px-4 sm:px-6">
        <p class="min-w-0 flex-1 truncate font-serif" dir="auto" aria-hidden="true">{props.title}</p>
        <Show when={props.reading.branches().length > 1}>
          <IconButton
            label={`Branches (${count(props.reading.branches().length)})`}
            aria-haspopup="dialog"
            onClick={() => props.onOverview()}
          >
            <Split size={17} aria-hidden="true" class="rotate-90" />
          </IconButton>
        </Show>
        <IconButton label="To the beginning" onClick={() => main()?.scrollTo(0, 0)}>
          <ArrowUpToLine size={17} aria-hidden="true" />
        </IconButton>
        <IconButton label="To the end" onClick={() => main()?.scrollTo(0, main()!.scrollHeight)}>
          <ArrowDownToLine size={17} aria-hidden="true" />
        </IconButton>
        <IconButton label="Actions" aria-haspopup="menu" onClick={(event) => props.onMenu(event.currentTarget)}>
          <Ellipsis size={18} aria-hidden="true" />
        </IconButton>
      </div>
    </Show>
  </div>
)
