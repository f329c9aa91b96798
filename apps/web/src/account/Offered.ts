/** Which providers the node knows. Every first page asks: it waits for no machinery, and shows none while there is no answer. */
import { createSignal, onMount } from "solid-js"
import { canKeepKeys } from "./Keys.ts"

interface Offered {
  readonly id: string
  readonly label: string
}

const isOffered = (one: unknown): one is Offered =>
  typeof one === "object" && one !== null && "id" in one && "label" in one && typeof one.label === "string"

const read = async (): Promise<ReadonlyArray<Offered>> => {
  const said: unknown = await (await fetch("/api/v1/sign-in/providers", { cache: "no-store" })).json()
  return Array.isArray(said) ? said.filter(isOffered) : []
}

/** Coming in by one takes keys, which browsers keep for secure addresses only. */
export const createOffered = () => {
  const [offered, setOffered] = createSignal<ReadonlyArray<Offered>>([])
  onMount(() => {
    if (canKeepKeys()) void read().then(setOffered, () => {})
  })
  return offered
}
