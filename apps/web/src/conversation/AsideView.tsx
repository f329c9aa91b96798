/** Steps between two turns that the product hides (thinking, tools): one line, which opens. */
import ChevronRight from "lucide-solid/icons/chevron-right"
import { createMemo, For, Show } from "solid-js"
import { Late, Stroke } from "../ui/Late.tsx"
import { BlockView } from "./BlockView.tsx"
import type { Item, OutlineNode } from "./Branches.ts"
import type { Message, Messages } from "./Messages.ts"
import { Picture } from "./Picture.tsx"
import type { Reading } from "./Reading.ts"
import { stepsInWords } from "./Steps.ts"
import { speakerOf } from "./TurnView.tsx"

interface AsideViewProps {
  readonly aside: Extract<Item, { kind: "aside" }>
  readonly reading: Reading
  readonly messages: Messages
  readonly position: number
  readonly of: number
  readonly query: string | undefined
}

interface StepProps {
  readonly node: OutlineNode
  readonly message: Message | undefined
  readonly query: string | undefined
}

const Step = (props: StepProps) => (
  <li class="space-y-2">
    <p class="text-xs text-ink-faint">
      <span class="font-serif text-sm italic">{speakerOf(props.node.role, props.message?.author)}</span>
      <Show when={props.node.hidden}>{(why) => <span class="ms-2">{why()}</span>}</Show>
    </p>
    <Show
      when={props.message}
      fallback={
        <Late>
          <Stroke class="w-2/3" />
        </Late>
      }
    >
      {(message) => (
        <For each={message().blocks} fallback={<p class="text-ink-faint italic">Nothing in it</p>}>
          {(block) => <BlockView block={block} keepBreaks={false} query={props.query} open />}
        </For>
      )}
    </Show>
  </li>
)

export const AsideView = (props: AsideViewProps) => {
  const open = () => props.reading.isAsideOpen(props.aside.id)
  const nodes = createMemo(() => props.aside.ids.flatMap((id) => props.reading.tree().nodes.get(id) ?? []))
  const label = () => stepsInWords(nodes())
  /** What a tool drew was meant to be seen, though its step is hidden. */
  const pictures = () =>
    nodes().flatMap(({ id }) => props.messages.message(id)?.blocks ?? []).filter((block) => block._tag === "Image")
  return (
    <article
      data-turn={props.aside.id}
      tabindex="-1"
      aria-posinset={props.position}
      aria-setsize={props.of}
      aria-label={label()}
      class="px-4 outline-none sm:px-6 lg:grid lg:grid-cols-[8.5rem_minmax(0,42rem)] lg:gap-x-6"
    >
      <div class="lg:col-start-2">
        <button
          type="button"
          aria-expanded={open()}
          class="-ms-2 inline-flex min-h-8 items-center gap-1.5 rounded-md px-2 text-sm text-ink-faint hover:bg-sunken hover:text-ink"
          onClick={() => props.reading.openAside(props.aside.id, !open())}
        >
          <ChevronRight
            size={14}
            aria-hidden="true"
            class={`transition-transform duration-150 rtl:rotate-180 ${open() ? "rotate-90" : ""}`}
          />
          {label()}
        </button>
        <Show when={open()}>
          <ol class="my-2 space-y-4 border-s-2 border-line ps-4">
            <For each={nodes()}>
              {(node) => <Step node={node} message={props.messages.message(node.id)} query={props.query} />}
            </For>
          </ol>
        </Show>
        <Show when={!open()}>
          <For each={pictures()}>
            {(block) => (
              <div class="mt-2 mb-3">
                <Picture block={block} />
              </div>
            )}
          </For>
        </Show>
      </div>
    </article>
  )
}
