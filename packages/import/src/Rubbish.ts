/** A run of pieces that are no records, gathered into one. Between two of them only commas and space can have stood. */
import type { Piece } from "./JsonSplitter.ts"

const COMMA = 0x2c

export class Rubbish {
  readonly #max: number
  readonly #start: number
  #end: number
  #depth = 0
  #nodes = 0
  #marks = 0
  #bytes = new Uint8Array(256)
  #length = 0

  constructor(first: Piece, bytesMax: number) {
    this.#max = bytesMax
    this.#start = this.#end = first.start
    this.add(first)
  }

  add(piece: Piece): void {
    if (piece.start > this.#end) this.#append(Uint8Array.of(COMMA))
    this.#append(piece.bytes)
    this.#end = piece.end
    this.#depth = Math.max(this.#depth, piece.depth)
    this.#nodes += piece.nodes
    this.#marks += piece.marks
  }

  /** All of it as one piece; without its bytes when they are over the bound. */
  piece(): Piece {
    const long = this.#length > this.#max
    const bytes = long ? new Uint8Array(0) : this.#bytes.slice(0, this.#length)
    return {
      bytes,
      start: this.#start,
      end: this.#end,
      depth: this.#depth,
      marks: this.#marks,
      nodes: this.#nodes,
      flaw: long ? "long" : null
    }
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length
    this.#length = length
    if (length > this.#max) return
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes.set(bytes, length - bytes.length)
  }
}
