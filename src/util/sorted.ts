/*
 * Items in order, in chunks of at most `chunkSize`: finding is two binary searches, inserting and deleting move half a chunk.
 *
 *   [ a b c ] [ d e ] [ f g h i ]
 *         └ the last of each chunk says where to look
 */

/** Items kept in a total order: no two of them compare as equal. */
export interface Sorted<T> {
  readonly size: number
  insert(item: T): void
  /** Inserts many: by merging, where that costs less than one by one. */
  insertAll(items: readonly T[]): void
  /** Takes out what compares as equal to `item`; false where there is none. */
  delete(item: T): boolean
  /** Puts `after` in the place of `before`, which it compares as equal to; false where there is none. */
  replace(before: T, after: T): boolean
  /** A fresh list of the items from place `start` to before place `end`. */
  slice(start: number, end: number): T[]
  /** How many items from the start fulfil `isBefore`: true of a first part of the items and of none behind it. It is asked a logarithmic number of times. */
  countWhile(isBefore: (item: T) => boolean): number
}

/** Items kept in the order that `compare` says. */
export function makeSorted<T>(compare: (a: T, b: T) => number, items: readonly T[] = []): Sorted<T> {
  return new ChunkedList(compare, items)
}

const chunkSize = 512

class ChunkedList<T> implements Sorted<T> {
  readonly #compare: (a: T, b: T) => number
  #chunks: T[][] = []
  size = 0

  constructor(compare: (a: T, b: T) => number, items: readonly T[]) {
    this.#compare = compare
    this.#rebuild([...items].sort(compare))
  }

  insert(item: T): void {
    this.size++
    const at = Math.min(this.#chunkOf(item), this.#chunks.length - 1)
    const chunk = this.#chunks[at]
    if (!chunk) {
      this.#chunks.push([item])
      return
    }
    chunk.splice(this.#placeIn(chunk, item), 0, item)
    if (chunk.length > chunkSize) this.#chunks.splice(at + 1, 0, chunk.splice(chunkSize >> 1))
  }

  insertAll(items: readonly T[]): void {
    if (items.length < 64 || items.length * 16 < this.size) {
      for (const item of items) this.insert(item)
    } else {
      this.#rebuild(merge(this.slice(0, this.size), [...items].sort(this.#compare), this.#compare))
    }
  }

  delete(item: T): boolean {
    const at = this.#chunkOf(item)
    const chunk = this.#chunks[at]
    const place = chunk ? this.#find(chunk, item) : -1
    if (!chunk || place === -1) return false
    chunk.splice(place, 1)
    this.size--
    if (chunk.length < chunkSize >> 2) this.#join(at)
    return true
  }

  replace(before: T, after: T): boolean {
    const chunk = this.#chunks[this.#chunkOf(before)]
    const place = chunk ? this.#find(chunk, before) : -1
    if (!chunk || place === -1) return false
    chunk[place] = after
    return true
  }

  slice(start: number, end: number): T[] {
    const from = Math.max(0, start)
    const parts: T[][] = []
    let first = 0
    for (const chunk of this.#chunks) {
      if (first >= end) break
      if (first + chunk.length > from) parts.push(chunk.slice(Math.max(0, from - first), end - first))
      first += chunk.length
    }
    return parts.length === 1 && parts[0] ? parts[0] : ([] as T[]).concat(...parts)
  }

  countWhile(isBefore: (item: T) => boolean): number {
    const at = countWhile(this.#chunks, (chunk) => isBefore(chunk[chunk.length - 1] as T))
    let count = countWhile(this.#chunks[at] ?? [], isBefore)
    for (let i = 0; i < at; i++) count += (this.#chunks[i] as T[]).length
    return count
  }

  // the first chunk whose last item is not before `item`; the number of chunks where there is none
  #chunkOf(item: T): number {
    let low = 0
    let high = this.#chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const chunk = this.#chunks[middle] as T[]
      if (this.#compare(chunk[chunk.length - 1] as T, item) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #placeIn(chunk: readonly T[], item: T): number {
    let low = 0
    let high = chunk.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(chunk[middle] as T, item) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #find(chunk: readonly T[], item: T): number {
    const place = this.#placeIn(chunk, item)
    return place < chunk.length && this.#compare(chunk[place] as T, item) === 0 ? place : -1
  }

  // a small chunk moves in with a neighbour that has room, so that many deletions do not leave many chunks
  #join(at: number): void {
    const chunk = this.#chunks[at] as T[]
    const left = this.#chunks[at - 1]
    const right = this.#chunks[at + 1]
    const room = (chunkSize >> 1) - chunk.length
    if (chunk.length === 0) this.#chunks.splice(at, 1)
    else if (left && left.length <= room) this.#chunks.splice(at - 1, 2, [...left, ...chunk])
    else if (right && right.length <= room) this.#chunks.splice(at, 2, [...chunk, ...right])
  }

  #rebuild(ordered: readonly T[]): void {
    this.#chunks = []
    this.size = ordered.length
    const step = (chunkSize * 3) >> 2
    for (let i = 0; i < ordered.length; i += step) this.#chunks.push(ordered.slice(i, i + step))
  }
}

function countWhile<T>(items: readonly T[], isBefore: (item: T) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(items[middle] as T)) low = middle + 1
    else high = middle
  }
  return low
}

function merge<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): T[] {
  const merged: T[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) merged.push(compare(a[i] as T, b[j] as T) <= 0 ? (a[i++] as T) : (b[j++] as T))
  while (i < a.length) merged.push(a[i++] as T)
  while (j < b.length) merged.push(b[j++] as T)
  return merged
}
