/** The lines beside a branch in the overview: its own stem, the stems that pass by, and the bow where it leaves its parent. */
import { createMemo, For, Show } from "solid-js"
import type { Branch } from "./Branches.ts"

interface BranchLinesProps {
  readonly branches: ReadonlyArray<Branch>
  readonly at: number
  readonly isRead: boolean
}

const step = 18
/** Deeper branches are drawn on the last line. */
const depthMax = 8

const depthOf = (branch: Branch | undefined): number => Math.min(depthMax, branch?.depth ?? 0)

export const BranchLines = (props: BranchLinesProps) => {
  const depth = () => depthOf(props.branches[props.at])
  /** Lines to the left go on below this row if a later branch still leaves from them. */
  const passing = createMemo(() =>
    Array.from({ length: depth() }, (_, line) => line).filter((line) => {
      const later = props.branches.slice(props.at + 1).find((branch) => depthOf(branch) <= line + 1)
      return later !== undefined && depthOf(later) === line + 1
    })
  )
  const x = (line: number) => line * step + 9
  return (
    <svg
      aria-hidden="true"
      width={(depth() + 1) * step + 4}
      class="shrink-0 self-stretch overflow-visible text-edge/60"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
    >
      <For each={passing()}>{(line) => <line x1={x(line)} y1="0" x2={x(line)} y2="100%" />}</For>
      <Show when={depth() > 0}>
        <path d={`M${x(depth() - 1)} 0C${x(depth() - 1)} 16 ${x(depth())} 6 ${x(depth())} 22`} />
      </Show>
      <circle
        cx={x(depth())}
        cy="24"
        r={props.isRead ? 5.5 : 4}
        class={props.isRead ? "fill-accent stroke-accent" : "fill-raised stroke-edge"}
      />
    </svg>
  )
}
