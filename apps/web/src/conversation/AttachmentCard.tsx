/** A file that was given along: its name, what the product read out of it, and the file itself if the node has it. */
import Download from "lucide-solid/icons/download"
import Paperclip from "lucide-solid/icons/paperclip"
import { createSignal, Show } from "solid-js"
import { Prose } from "../markdown/Prose.tsx"
import { Button } from "../ui/Button.tsx"
import { bytes } from "../ui/Counts.ts"
import { toast } from "../ui/Toasts.tsx"
import { Fold } from "./Fold.tsx"
import { save } from "./KeptFiles.ts"
import { LongText } from "./LongText.tsx"
import type { Block } from "./Messages.ts"

type Attachment = Extract<Block, { readonly _tag: "Attachment" }>

const particularsOf = ({ mime, bytes: size, content }: Attachment): string =>
  [
    mime ?? content?.mime,
    size === null ? undefined : bytes(size),
    content === null ? "named in the export, but not in it" : undefined
  ]
    .filter((part) => part !== undefined && part !== "").join(", ")

export const AttachmentCard = (props: { readonly block: Attachment; readonly query: string | undefined }) => {
  const [saving, setSaving] = createSignal(false)
  const name = () => props.block.name ?? props.block.source
  const get = async () => {
    setSaving(true)
    try {
      await save(props.block.content!, name())
    } catch {
      toast("The node could not give this file out.", { kind: "trouble" })
    }
    setSaving(false)
  }
  return (
    <div class="space-y-2">
      <div class="flex max-w-lg items-center gap-3 rounded-md border border-line bg-raised px-4 py-2.5 text-sm">
        <Paperclip size={17} aria-hidden="true" class="shrink-0 text-ink-faint" />
        <div class="min-w-0 flex-1">
          <p class="truncate font-medium" title={name()} dir="auto">{name()}</p>
          <p class="truncate text-ink-faint">{particularsOf(props.block)}</p>
        </div>
        <Show when={props.block.content}>
          <Button size="small" busy={saving()} onClick={() => void get()}>
            <Download size={14} aria-hidden="true" />Save
          </Button>
        </Show>
      </div>
      <Show when={props.block.text}>
        {(text) => (
          <Fold icon="result" title="What was read out of it">
            <LongText text={text()}>{(text) => <Prose text={text} keepBreaks query={props.query} />}</LongText>
          </Fold>
        )}
      </Show>
    </div>
  )
}
