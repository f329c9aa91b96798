/** A text too long to draw at once: its beginning, and the rest when it is asked for. */
import { createSignal, type JSX, Show } from "solid-js"
import { Button } from "../ui/Button.tsx"
import { counted } from "../ui/Counts.ts"

const charsAtFirst = 40_000

/** Cut where a paragraph ends, so that nothing is torn; or anywhere, if none does. */
const beginningOf = (text: string): string => {
  const end = text.lastIndexOf("\n\n", charsAtFirst)
  return text.slice(0, end > charsAtFirst / 2 ? end : charsAtFirst)
}

export const LongText = (props: { readonly text: string; readonly children: (text: string) => JSX.Element }) => {
  const [whole, setWhole] = createSignal(false)
  const isCut = () => !whole() && props.text.length > charsAtFirst * 1.25
  return (
    <>
      {props.children(isCut() ? beginningOf(props.text) : props.text)}
      <Show when={isCut()}>
        <p class="mt-3 flex flex-wrap items-center gap-3 text-sm text-ink-soft">
          This is the beginning of {counted(props.text.length, "character")}.
          <Button size="small" onClick={() => setWhole(true)}>Show all of it</Button>
        </p>
      </Show>
    </>
  )
}
