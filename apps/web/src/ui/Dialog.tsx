/** A modal dialog on the browser's own element: it keeps the focus inside, closes on Escape and gives the focus back. */
import X from "lucide-solid/icons/x"
import { createEffect, createUniqueId, type JSX, onCleanup, Show, untrack } from "solid-js"
import { IconButton } from "./Button.tsx"
import { hadFocus } from "./EarlyTyping.ts"

interface DialogProps {
  readonly open: boolean
  readonly onClose: () => void
  /** When it has been shown and has taken the focus. */
  readonly onOpen?: () => void
  readonly title: string
  readonly children: JSX.Element
  /** `sheet`: along the edge, for long content. `bare`: without head, the content brings its own. */
  readonly look?: "card" | "wide" | "sheet" | "bare"
  readonly class?: string
}

const looks = {
  card: "m-auto w-[min(30rem,calc(100vw-2rem))] rounded-xl max-h-[calc(100dvh-2rem)]",
  wide: "m-auto w-[min(46rem,calc(100vw-2rem))] rounded-xl max-h-[calc(100dvh-2rem)]",
  sheet: "me-0 ms-auto my-0 h-dvh max-h-none w-[min(24rem,calc(100vw-2rem))] rounded-s-xl",
  bare: "mx-auto mt-[12vh] w-[min(40rem,calc(100vw-1.5rem))] rounded-xl max-h-[76vh]"
}

/**
 * Shows the dialog: in the same turn when it is in the page, so that the next key is already its own. A page that is still
 * being put together, or waits for a part of itself, puts it in later: then as soon as it is in. The answer gives it up.
 */
const show = (element: HTMLDialogElement, shown: () => void): () => void => {
  let frame = 0
  const attempt = () => {
    if (!element.isConnected) return void (frame = requestAnimationFrame(attempt))
    if (element.open) return
    element.showModal()
    shown()
  }
  attempt()
  return () => {
    cancelAnimationFrame(frame)
    element.close()
  }
}

export const Dialog = (props: DialogProps) => {
  const title = createUniqueId()
  return (
    <Show when={props.open}>
      <dialog
        ref={(element) => {
          createEffect(() => {
            const before = hadFocus()
            const close = show(element, () => untrack(() => props.onOpen?.()))
            onCleanup(() => {
              close()
              if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
            })
          })
        }}
        aria-labelledby={title}
        onCancel={(event) => {
          event.preventDefault()
          props.onClose()
        }}
        onPointerDown={(event) => event.target === event.currentTarget && props.onClose()}
        class={`flex flex-col overflow-hidden border border-line bg-raised p-0 shadow-raised animate-rise
          ${looks[props.look ?? "card"]} ${props.class ?? ""}`}
      >
        <Show when={props.look !== "bare"} fallback={<h2 id={title} class="sr-only">{props.title}</h2>}>
          <header class="flex items-center justify-between gap-4 pt-3 pb-1.5 ps-5 pe-3">
            <h2 id={title} class="font-serif text-lg">{props.title}</h2>
            <IconButton label="Close" onClick={() => props.onClose()}>
              <X size={18} aria-hidden="true" />
            </IconButton>
          </header>
        </Show>
        <div class="min-h-0 flex-1 overflow-y-auto" classList={{ "px-5 pb-5": props.look !== "bare" }}>
          {props.children}
        </div>
      </dialog>
    </Show>
  )
}
