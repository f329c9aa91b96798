/** One block of a message, whatever it is. What this build does not know is shown as it came, and does nothing. */
import { type JSX, Match, Show, Switch } from "solid-js"
import { sourcesOf } from "../markdown/Citations.ts"
import { Prose } from "../markdown/Prose.tsx"
import { counted } from "../ui/Counts.ts"
import { AttachmentCard } from "./AttachmentCard.tsx"
import { CodeCard } from "./CodeCard.tsx"
import { Fold } from "./Fold.tsx"
import { LongText } from "./LongText.tsx"
import type { Block } from "./Messages.ts"
import { Picture } from "./Picture.tsx"
import { Sources } from "./Sources.tsx"

interface BlockViewProps {
  readonly block: Block
  readonly keepBreaks: boolean
  readonly query: string | undefined
  /** What is folded elsewhere stands open here. */
  readonly open?: boolean
}

type Of<T extends Block["_tag"]> = Extract<Block, { readonly _tag: T }>

const thoughtFor = (ms: number | null): string =>
  ms === null
    ? "Thought"
    : ms < 60_000
    ? `Thought for ${Math.max(1, Math.round(ms / 1000))} s`
    : `Thought for ${Math.round(ms / 60_000)} min`

/** A tool's input is JSON more often than not: then it is laid out to be read. */
const laidOut = (text: string): { readonly text: string; readonly language: string } => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object"
      ? { text: JSON.stringify(value, null, 2), language: "json" }
      : { text, language: "" }
  } catch {
    return { text, language: "" }
  }
}

const Prosaic = (
  props: { readonly block: Of<"Text">; readonly keepBreaks: boolean; readonly query: string | undefined }
) => (
  <>
    <LongText text={props.block.text}>
      {(text) => (
        <Prose text={text} citations={props.block.citations} keepBreaks={props.keepBreaks} query={props.query} />
      )}
    </LongText>
    <Sources sources={sourcesOf(props.block.citations)} />
  </>
)

export const BlockView = (props: BlockViewProps): JSX.Element => {
  const as = <T extends Block["_tag"]>(tag: T) => (props.block._tag === tag ? props.block as Of<T> : undefined)
  return (
    <Switch>
      <Match when={as("Text")}>
        {(block) => <Prosaic block={block()} keepBreaks={props.keepBreaks} query={props.query} />}
      </Match>
      <Match when={as("Code")}>{(block) => <CodeCard text={block().text} language={block().language ?? ""} />}</Match>
      <Match when={as("Reasoning")}>
        {(block) => (
          <Fold icon="thought" title={thoughtFor(block().durationMs)} note={block().summary} open={props.open}>
            <div class="text-ink-soft">
              <Prose text={block().text} query={props.query} />
            </div>
          </Fold>
        )}
      </Match>
      <Match when={as("ToolCall")}>
        {(block) => (
          <Fold icon="tool" title="Called" note={block().name} open={props.open}>
            <CodeCard {...laidOut(block().input)} />
          </Fold>
        )}
      </Match>
      <Match when={as("ToolResult")}>
        {(block) => (
          <Fold
            icon={block().failed ? "failed" : "result"}
            title={block().failed ? "Failed" : "Answered"}
            note={block().name}
            open={props.open}
          >
            <LongText text={block().text}>{(text) => <CodeCard {...laidOut(text)} />}</LongText>
            <Show when={block().citations.length > 0}>
              <div class="mt-3">
                <Sources sources={sourcesOf(block().citations)} />
              </div>
            </Show>
          </Fold>
        )}
      </Match>
      <Match when={as("Image")}>{(block) => <Picture block={block()} />}</Match>
      <Match when={as("Attachment")}>{(block) => <AttachmentCard block={block()} query={props.query} />}</Match>
      <Match when={as("Unknown")}>
        {(block) => (
          <Fold
            icon="unknown"
            title="Kept as it came"
            note={`“${block().kind}” is not known to this version (${counted(block().json.length, "character")})`}
          >
            <LongText text={block().json}>{(text) => <CodeCard {...laidOut(text)} />}</LongText>
          </Fold>
        )}
      </Match>
    </Switch>
  )
}
