/** Copying a text: done, it is said to those who listen, and for a moment to those who look. */
import { createSignal } from "solid-js"
import { announce } from "./Announcer.tsx"
import { toast } from "./Toasts.tsx"

const saidMs = 2_000

/** `copied` is true for a moment after `copy` has done it. */
export const createCopy = (text: () => string) => {
  const [copied, setCopied] = createSignal(false)
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text())
      setCopied(true)
      announce("Copied")
      setTimeout(() => setCopied(false), saidMs)
    } catch {
      toast("The browser does not allow copying here.", { kind: "trouble" })
    }
  }
  return { copied, copy }
}
