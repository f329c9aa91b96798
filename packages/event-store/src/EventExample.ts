/** An event for tests that only count how many there are, and of what. */
import type { NewEvent } from "./EventStore.ts"

let count = 0
export const newId = (): string => `00000000-0000-7000-8000-${String(++count).padStart(12, "0")}`

export const event = (parts: Partial<NewEvent> = {}): NewEvent => ({
  id: newId(),
  type: "tea.Poured",
  schemaVersion: 1,
  owner: "did:key:zAda",
  at: 1,
  meta: Uint8Array.of(1),
  routing: Uint8Array.of(2),
  private: Uint8Array.of(3),
  ...parts
})
