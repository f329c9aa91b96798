/** What can be taken from a turn: its text, and a link to it. */
import Check from "lucide-solid/icons/check"
import Copy from "lucide-solid/icons/copy"
import LinkIcon from "lucide-solid/icons/link"
import { type JSX, Show } from "solid-js"
import { IconButton } from "../ui/Button.tsx"
import { createCopy } from "../ui/Copy.ts"
import { type Message, plainText } from "./Messages.ts"

/** Says for a moment that it has done what it does. */
const CopyButton = (props: {
  readonly label: string
  readonly text: () => string
  readonly children: JSX.Element
}) => {
  const { copied, copy } = createCopy(() => props.text())
  return (
    <IconButton label={props.label} class="size-8 text-ink-faint" onClick={() => void copy()}>
      <Show when={copied()} fallback={props.children}>
        <Check size={15} aria-hidden="true" class="text-accent" />
      </Show>
    </IconButton>
  )
}

export const TurnActions = (props: { readonly message: Message; readonly documentId: string }) => {
  const address = () =>
    `${location.origin}/c/${encodeURIComponent(props.documentId)}?m=${encodeURIComponent(props.message.id)}`
  return (
    <div class="ms-auto flex items-center transition-opacity duration-150 lg:absolute lg:start-0 lg:top-0 lg:bg-paper lg:opacity-0 lg:group-focus-within/turn:opacity-100 lg:group-hover/turn:opacity-100">
      <CopyButton label="Copy the text" text={() => plainText(props.message)}>
        <Copy size={15} aria-hidden="true" />
      </CopyButton>
      <CopyButton label="Copy a link to this message" text={address}>
        <LinkIcon size={15} aria-hidden="true" />
      </CopyButton>
    </div>
  )
}
