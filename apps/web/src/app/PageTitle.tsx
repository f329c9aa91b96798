/** The name of the screen, in the browser's tab. */
import { createEffect } from "solid-js"

export const PageTitle = (props: { readonly title: string }) => {
  createEffect(() => {
    document.title = `${props.title} – VIVIM`
  })
  return null
}
