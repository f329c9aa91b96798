/**
 * Whether something is being pressed. Between down and up nothing the node says changes the page: what was aimed at is what
 * is hit, also when a whole answer comes in between.
 */
const waiting: Array<() => void> = []
let pressed = false
let timer = 0

/** After a finger has gone up the browser takes a moment to make a click of it. */
const clickMs = 80
/** A press whose end was never heard of ends by itself. */
const pressMsMax = 5_000

const end = (): void => {
  clearTimeout(timer)
  pressed = false
  for (const run of waiting.splice(0)) run()
}

const after = (ms: number) => (): void => {
  if (!pressed) return
  clearTimeout(timer)
  timer = window.setTimeout(end, ms)
}

addEventListener("pointerdown", () => {
  pressed = true
  after(pressMsMax)()
}, true)
addEventListener("pointerup", after(clickMs), true)
addEventListener("pointercancel", after(0), true)
// What the click does is done first.
addEventListener("click", after(0), true)

/** Runs it now, or when what is pressed has been let go. */
export const onceLetGo = (run: () => void): void => {
  if (pressed) waiting.push(run)
  else run()
}
