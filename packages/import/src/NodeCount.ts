/** How many entries the node container of one record has, as its text says: a key that stands twice counts twice. */
import { JsonMarks } from "./JsonMarks.ts"

const { closeList, closeObject, colon, comma, openList, openObject } = JsonMarks

export class NodeCount {
  count = 0
  #inside: "object" | "list" | null = null
  #listHas = false
  #next = false

  reset(): void {
    this.count = 0
    this.#inside = null
    this.#listHas = this.#next = false
  }

  /** A mark at the record's own level: `isKey` when the key before a colon names the container. */
  outer(byte: number, isKey: boolean): void {
    if (byte === colon) this.#next = isKey
    else if (byte === comma) this.#next = false
    else if (this.#next && byte === openObject) this.#inside = "object"
    else if (this.#next && byte === openList) this.#inside = "list"
  }

  /** A mark one level further in. */
  inner(byte: number): void {
    if (this.#inside === null) return
    if (byte === closeObject || byte === closeList) this.leave()
    else if (this.#inside === "object") this.count += byte === colon ? 1 : 0
    else {
      this.#listHas = true
      this.count += byte === comma ? 1 : 0
    }
  }

  /** The container ended, or was cut. */
  leave(): void {
    if (this.#inside === "list" && this.#listHas) this.count++
    this.#inside = null
    this.#listHas = false
  }
}
