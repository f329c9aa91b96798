/** Program text that stands alone. */
import { createEffect, on } from "solid-js"
import { dressCode } from "../markdown/CodeBlocks.ts"

export const CodeCard = (props: { readonly text: string; readonly language: string }) => {
  let root!: HTMLDivElement
  createEffect(on(() => [props.text, props.language] as const, ([text, language]) => {
    const pre = document.createElement("pre")
    const code = document.createElement("code")
    pre.dataset["language"] = language
    code.textContent = text
    pre.append(code)
    root.replaceChildren(pre)
    dressCode(root, () => {}).catch(() => {})
  }))
  return <div ref={root} />
}
