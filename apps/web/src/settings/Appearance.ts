/** Light, dark, or as the system has it. `public/appearance.js` lays the choice on the page before it is painted. */
import { createSignal } from "solid-js"
import { toast } from "../ui/Toasts.tsx"

export type Appearance = "system" | "light" | "dark"

const kept = "vivim.appearance"
const chosen = localStorage.getItem(kept)
const [appearance, setSignal] = createSignal<Appearance>(chosen === "light" || chosen === "dark" ? chosen : "system")
export { appearance }

export const setAppearance = (to: Appearance): void => {
  setSignal(to)
  if (to === "system") {
    localStorage.removeItem(kept)
    delete document.documentElement.dataset["appearance"]
  } else {
    localStorage.setItem(kept, to)
    document.documentElement.dataset["appearance"] = to
  }
}

/** Switches to the other one than what is seen now. */
export const nextAppearance = (): void => {
  const isDark = appearance() === "dark" ||
    (appearance() === "system" && matchMedia("(prefers-color-scheme: dark)").matches)
  const before = appearance()
  setAppearance(isDark ? "light" : "dark")
  toast(isDark ? "Light it is." : "Dark it is.", { undo: () => setAppearance(before) })
}
