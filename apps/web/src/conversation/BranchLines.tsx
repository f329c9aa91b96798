/** The lines beside a branch in the overview: its own, those that pass by, and the bow where it leaves its parent. */
import { createMemo, For, Show } from "solid-js"
import type { Branch } from "./Branches.ts"

interface BranchLinesProps {
  readonly branches: ReadonlyArray<Branch>
  readonly at: number
  readonly isRead: boolean
}

/** In pixels: between lines, and from the top of a row to its dot. */
const step = 18
const dot = 24
/** Deeper branches are drawn on the last line. */
const depthMax = 8

const depthOf = (branch: Branch | undefined): number => Math.min(depthMax, branch?.depth ?? 0)
const x = (line: number) => line * step + 9

export const BranchLines = (props: BranchLinesProps) => {
  const depth = () => depthOf(props.branches[props.at])
  /** Lines that go on below this row: a later branch still leaves from them. */
  const going = createMemo(() =>
    Array.from({ length: depth() + 1 }, (_, line) => line).filter((line) => {
      const next = props.branches.slice(props.at + 1).find((branch) => depthOf(branch) <= line + 1)
      return next !== undefined && depthOf(next) === line + 1
    })
  )
  const bow = () =>
    `M${x(depth() - 1)} 0C${x(depth() - 1)} ${dot * 0.7} ${x(depth())} ${dot * 0.25} ${x(depth())} ${dot - 3}`
  return (
    <div aria-hidden="true" class="relative shrink-0" style={{ width: `${(depth() + 1) * step + 4}px` }}>
      <svg
        class="absolute inset-0 size-full overflow-visible text-edge/60"
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
      >
        <For each={going()}>
          {(line) => <line x1={x(line)} y1={line === depth() ? dot : 0} x2={x(line)} y2="100%" />}
        </For>
        <Show when={depth() > 0}>
          <path d={bow()} />
        </Show>
        <circle
          cx={x(depth())}
          cy={dot}
          r={props.isRead ? 5.5 : 4}
          class={props.isRead ? "fill-accent stroke-accent" : "fill-raised stroke-edge"}
        />
      </svg>
    </div>
  )
}
