/** The whole window takes files: wherever they are dropped, they are imported. */
import { useNavigate } from "@solidjs/router"
import Download from "lucide-solid/icons/download"
import { createSignal, onCleanup, onMount, Show } from "solid-js"
import { toast } from "../ui/Toasts.tsx"
import { holdsFiles, readDrop } from "./Drop.ts"

export const DropEverywhere = () => {
  const navigate = useNavigate()
  const [over, setOver] = createSignal(false)
  // Every element on the way says enter and leave: only their balance says whether the pointer is still here.
  let depth = 0
  const settle = (to: number) => {
    depth = Math.max(0, to)
    setOver(depth > 0)
  }
  const enter = (event: DragEvent) => {
    if (!holdsFiles(event.dataTransfer)) return
    event.preventDefault()
    settle(depth + 1)
  }
  const leave = (event: DragEvent) => holdsFiles(event.dataTransfer) && settle(depth - 1)
  const allow = (event: DragEvent) => {
    if (!holdsFiles(event.dataTransfer)) return
    event.preventDefault()
    event.dataTransfer.dropEffect = "copy"
  }
  const drop = async (event: DragEvent) => {
    if (!holdsFiles(event.dataTransfer)) return
    event.preventDefault()
    settle(0)
    const reading = readDrop(event.dataTransfer)
    navigate("/import")
    try {
      const { takeIn } = await import("./Uploads.ts")
      if (takeIn(await reading) === 0) toast("There was no file in what you dropped.", { kind: "trouble" })
    } catch (error) {
      toast(`It could not be read: ${String(error)}`, { kind: "trouble" })
    }
  }
  const dropped = (event: DragEvent) => void drop(event)
  onMount(() => {
    const hear = { dragenter: enter, dragleave: leave, dragover: allow, drop: dropped }
    for (const [name, handler] of Object.entries(hear)) addEventListener(name, handler as EventListener)
    onCleanup(() => {
      for (const [name, handler] of Object.entries(hear)) removeEventListener(name, handler as EventListener)
    })
  })
  return (
    <Show when={over()}>
      <div class="pointer-events-none fixed inset-0 z-50 grid place-items-center bg-paper/85 p-6" aria-hidden="true">
        <div class="grid size-full place-items-center rounded-xl border-2 border-dashed border-accent bg-accent-wash/60">
          <p class="flex flex-col items-center gap-4 font-serif text-2xl text-accent-strong">
            <Download size={40} />
            Drop to import
          </p>
        </div>
      </div>
    </Show>
  )
}
