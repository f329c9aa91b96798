/** A text of a conversation, drawn: Markdown, then colours, formulas and marks as they become ready. */
import { finderOf } from "@vivim/client/Words"
import { createEffect, createSignal, on, onCleanup } from "solid-js"
import type { Citation } from "./Citations.ts"
import { dressCode } from "./CodeBlocks.ts"
import { mark } from "./Marks.ts"

interface ProseProps {
  readonly text: string
  readonly citations?: ReadonlyArray<Citation>
  readonly keepBreaks?: boolean
  /** A search whose words are to be marked. */
  readonly query?: string | undefined
}

/** Asked for as soon as a screen with texts on it is, and there before the texts are. */
const [render, setRender] = createSignal<typeof import("./Render.ts").render>()
void import("./Render.ts").then(({ render }) => setRender(() => render))

const setFormulas = async (root: HTMLElement): Promise<void> => {
  const formulas = root.querySelectorAll<HTMLElement>(".formula:not(.is-set)")
  if (formulas.length === 0) return
  const { typeset } = await import("./Typesetter.ts")
  typeset(formulas)
}

export const Prose = (props: ProseProps) => {
  let root!: HTMLDivElement
  createEffect(
    on(
      () => [render(), props.text, props.citations, props.keepBreaks, props.query] as const,
      ([render, text, citations, keepBreaks, query]) => {
        if (render === undefined) return
        let gone = false
        onCleanup(() => (gone = true))
        const find = finderOf(query ?? "")
        root.replaceChildren(render(text, citations ?? [], keepBreaks === true))
        for (const element of root.children) element.setAttribute("dir", "auto")
        mark(root, find)
        // Offline, code stays plain and formulas stay TeX: both can be read.
        dressCode(root, (code) => !gone && mark(code, find)).catch(() => {})
        setFormulas(root).catch(() => {})
      }
    )
  )
  return <div ref={root} class="prose" />
}
