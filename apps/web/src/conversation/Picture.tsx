/** A picture: shown when the node has it, named when it has not. Nothing is ever fetched from elsewhere. */
import ImageOff from "lucide-solid/icons/image-off"
import { Match, Show, Switch } from "solid-js"
import { Stroke } from "../ui/Late.tsx"
import { createPicture, isShowable } from "./KeptFiles.ts"
import type { Block } from "./Messages.ts"

type Image = Extract<Block, { readonly _tag: "Image" }>

const Shown = (props: { readonly block: Image }) => {
  const address = createPicture(() => props.block.content!)
  const words = () => props.block.alt ?? props.block.name ?? "Picture from the conversation"
  return (
    <Switch
      fallback={
        <div class="h-40 w-64 rounded-md bg-sunken p-4">
          <Stroke class="w-1/2" />
        </div>
      }
    >
      <Match when={address() === null}>
        <Named block={props.block} why="The node could not give it out" />
      </Match>
      <Match when={address()}>
        {(address) => (
          <figure>
            <img
              src={address()}
              alt={words()}
              class="max-h-[30rem] max-w-full rounded-md border border-line bg-sunken object-contain"
            />
            <Show when={props.block.name}>
              {(name) => <figcaption class="mt-1.5 text-xs text-ink-faint" dir="auto">{name()}</figcaption>}
            </Show>
          </figure>
        )}
      </Match>
    </Switch>
  )
}

const Named = (props: { readonly block: Image; readonly why: string }) => (
  <div class="flex max-w-md items-center gap-3 rounded-md border border-dashed border-edge/70 px-4 py-3 text-sm">
    <ImageOff size={20} aria-hidden="true" class="shrink-0 text-ink-faint" />
    <div class="min-w-0">
      <p class="truncate font-medium" dir="auto">{props.block.alt ?? props.block.name ?? "A picture"}</p>
      <p class="truncate text-ink-soft" title={props.block.source}>{props.why}: {props.block.source}</p>
    </div>
  </div>
)

export const Picture = (props: { readonly block: Image }) => (
  <Show
    when={isShowable(props.block.content)}
    fallback={
      <Named
        block={props.block}
        why={props.block.content === null ? "Not in the export" : `Not shown (${props.block.content.mime})`}
      />
    }
  >
    <Shown block={props.block} />
  </Show>
)
