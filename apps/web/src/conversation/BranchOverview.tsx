/** All branches of a conversation: where each left the others, how it begins, how long it is; and the way into it. */
import { readable } from "@vivim/contract/ReadableText"
import { createEffect, createMemo, For, Show } from "solid-js"
import { counted } from "../ui/Counts.ts"
import { Dialog } from "../ui/Dialog.tsx"
import { nearTime } from "../ui/Times.ts"
import type { Branch, Id } from "./Branches.ts"
import { BranchLines } from "./BranchLines.tsx"
import type { Messages } from "./Messages.ts"
import type { Reading } from "./Reading.ts"
import { speakerOf } from "./TurnView.tsx"

interface BranchOverviewProps {
  readonly reading: Reading
  readonly messages: Messages
  readonly onClose: () => void
}

/** More are not listed: past this, one looks for a branch by searching. */
const branchesMax = 200
const wordsMax = 140

const firstWords = (messages: Messages, id: Id): string => {
  const block = messages.message(id)?.blocks.find((block) => block._tag === "Text")
  const text = block?._tag === "Text" ? readable(block.text).replaceAll(/\s+/g, " ").trim() : ""
  return text.length > wordsMax ? `${text.slice(0, wordsMax)}…` : text
}

const BranchRow = (
  props: BranchOverviewProps & {
    readonly branch: Branch
    readonly isRead: boolean
    readonly at: number
    readonly branches: ReadonlyArray<Branch>
  }
) => {
  const node = () => props.reading.tree().nodes.get(props.branch.start)
  const end = () => props.reading.tree().nodes.get(props.branch.end)
  return (
    <li class="relative flex">
      <BranchLines branches={props.branches} at={props.at} isRead={props.isRead} />
      <button
        type="button"
        aria-current={props.isRead ? "true" : undefined}
        class="my-0.5 min-w-0 flex-1 rounded-md px-3 py-2.5 text-start hover:bg-sunken aria-[current]:bg-accent-wash"
        onClick={() => {
          props.reading.show(props.branch.end)
          props.onClose()
        }}
      >
        <span class="line-clamp-2" dir="auto">
          <span class="me-1.5 font-serif font-semibold text-ink-soft italic">
            {speakerOf(node()?.role ?? "assistant", null)}:
          </span>
          {firstWords(props.messages, props.branch.start) || "…"}
        </span>
        <span class="mt-0.5 block text-xs text-ink-faint">
          {counted(props.branch.turns, "message")}
          <Show when={end()?.at}>{(at) => `, until ${nearTime(at())}`}</Show>
          <Show when={props.isRead}>, read now</Show>
        </span>
      </button>
    </li>
  )
}

export const BranchOverview = (props: BranchOverviewProps) => {
  const branches = createMemo(() => props.reading.branches().slice(0, branchesMax))
  const path = createMemo(() => new Set(props.reading.path()))
  createEffect(() => props.messages.want(branches().map(({ start }) => start)))
  return (
    <Dialog
      open
      look="wide"
      title={counted(props.reading.branches().length, "branch", "branches")}
      onClose={props.onClose}
    >
      <p class="mb-4 text-sm text-ink-soft">
        A branch begins where a message was written again, or answered again. Nothing of the others is lost by reading
        one.
      </p>
      <ol>
        <For each={branches()}>
          {(branch, at) => (
            <BranchRow {...props} branch={branch} branches={branches()} at={at()} isRead={path().has(branch.end)} />
          )}
        </For>
      </ol>
      <Show when={props.reading.branches().length > branchesMax}>
        <p class="pt-4 text-sm text-ink-soft">
          The first {branchesMax} are listed. Search finds messages on all of them.
        </p>
      </Show>
    </Dialog>
  )
}
