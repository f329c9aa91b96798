/** Text with what was found marked, as the node said it: pieces of text, never HTML. */
import { For, Show } from "solid-js"
import type { Answer } from "../node/Calls.ts"

type Hit = Answer<"WatchSearch">["hits"][number]

export const Segments = (props: { readonly of: Hit["snippet"] }) => (
  <For each={props.of}>
    {({ text, hit }) => (
      <Show when={hit} fallback={text}>
        <mark>{text}</mark>
      </Show>
    )}
  </For>
)

/** Where a hit leads: to the message, with the words to be marked there. */
export const hrefOf = (hit: Hit, query: string): string => {
  const address = new URLSearchParams()
  if (hit.messageId !== null) address.set("m", hit.messageId)
  address.set("q", query)
  return `/c/${encodeURIComponent(hit.documentId)}?${address}`
}
