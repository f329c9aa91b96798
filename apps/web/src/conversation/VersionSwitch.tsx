/** At a fork: which version of the message this is, and the way to the one before and after. */
import ChevronLeft from "lucide-solid/icons/chevron-left"
import ChevronRight from "lucide-solid/icons/chevron-right"
import { announce } from "../ui/Announcer.tsx"
import { IconButton } from "../ui/Button.tsx"
import type { Id } from "./Branches.ts"
import type { Way } from "./TurnView.tsx"

interface VersionSwitchProps {
  readonly versions: ReadonlyArray<Id>
  readonly id: Id
  readonly onTurnTo: (from: Id, to: Id, way: Way) => void
}

export const VersionSwitch = (props: VersionSwitchProps) => {
  const at = () => props.versions.indexOf(props.id)
  const turn = (by: 1 | -1) => {
    const to = props.versions[at() + by]
    if (to === undefined) return
    announce(`Version ${at() + by + 1} of ${props.versions.length}`)
    props.onTurnTo(props.id, to, by === 1 ? "next" : "previous")
  }
  // Not `disabled` at the ends: a button that turns off under the finger would drop the focus.
  return (
    <div
      role="group"
      aria-label="Versions"
      class="mt-2.5 inline-flex items-center rounded-full bg-sunken text-sm"
    >
      <IconButton
        label="Previous version"
        data-way="previous"
        aria-disabled={at() <= 0}
        class="size-7 rounded-full aria-disabled:opacity-35"
        onClick={() => turn(-1)}
      >
        <ChevronLeft size={16} aria-hidden="true" class="rtl:rotate-180" />
      </IconButton>
      <span class="px-0.5 tabular-nums">
        <span class="sr-only">Version</span>
        {at() + 1}
        <span aria-hidden="true">/</span>
        <span class="sr-only">of</span>
        {props.versions.length}
      </span>
      <IconButton
        label="Next version"
        data-way="next"
        aria-disabled={at() >= props.versions.length - 1}
        class="size-7 rounded-full aria-disabled:opacity-35"
        onClick={() => turn(1)}
      >
        <ChevronRight size={16} aria-hidden="true" class="rtl:rotate-180" />
      </IconButton>
    </div>
  )
}
