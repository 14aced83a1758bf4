/** Negative, zero or positive as `a` comes before, at or after `b`. */
export type Compare<Key> = (a: Key, b: Key) => number

// a full chunk is cut in two; below it, moving the items of an array beats any tree
const chunkSize = 256

/**
 * Items in order, never changed in place: an edit answers with another list that shares every chunk it did not touch,
 * so that who holds the old one goes on reading one state.
 */
export class Ordered<Item extends Key, Key> {
  readonly #compare: Compare<Key>
  readonly #chunks: readonly (readonly Item[])[]

  constructor(compare: Compare<Key>, chunks: readonly (readonly Item[])[] = []) {
    this.#compare = compare
    this.#chunks = chunks
  }

  find(key: Key): Item | undefined {
    const chunk = this.#chunks[findChunk(this.#chunks, key, this.#compare)]
    const item = chunk?.[findPlace(chunk, key, this.#compare)]
    return item !== undefined && this.#compare(item, key) === 0 ? item : undefined
  }

  /** The items from `key` on. */
  *from(key: Key): Generator<Item, void, undefined> {
    let at = findChunk(this.#chunks, key, this.#compare)
    let place = findPlace(this.#chunks[at] ?? [], key, this.#compare)
    for (; at < this.#chunks.length; at++, place = 0) {
      const chunk = this.#chunks[at] ?? []
      for (; place < chunk.length; place++) yield chunk[place] as Item
    }
  }

  /** The items behind `key`. */
  *after(key: Key): Generator<Item, void, undefined> {
    for (const item of this.from(key)) if (this.#compare(item, key) !== 0) yield item
  }

  /** The list without `removed`, and then with `put`, each in the place of an item with the same key. */
  edited(removed: readonly Key[], put: readonly Item[]): Ordered<Item, Key> {
    if (removed.length === 0 && put.length === 0) return this
    const chunks = [...this.#chunks] as Item[][]
    const own = new Set<Item[]>()
    for (const key of removed) dropFrom(chunks, own, key, this.#compare)
    for (const item of put) putInto(chunks, own, item, this.#compare)
    return new Ordered<Item, Key>(this.#compare, chunks)
  }
}

function dropFrom<Item extends Key, Key>(chunks: Item[][], own: Set<Item[]>, key: Key, compare: Compare<Key>): void {
  const at = findChunk(chunks, key, compare)
  const place = findPlace(chunks[at] ?? [], key, compare)
  const found = chunks[at]?.[place]
  if (found === undefined || compare(found, key) !== 0) return
  const chunk = takeOver(chunks, own, at)
  chunk.splice(place, 1)
  if (chunk.length === 0) chunks.splice(at, 1)
}

function putInto<Item extends Key, Key>(chunks: Item[][], own: Set<Item[]>, item: Item, compare: Compare<Key>): void {
  const at = findChunk(chunks, item, compare)
  const place = findPlace(chunks[at] ?? [], item, compare)
  const found = chunks[at]?.[place]
  const chunk = takeOver(chunks, own, at)
  chunk.splice(place, found !== undefined && compare(found, item) === 0 ? 1 : 0, item)
  if (chunk.length <= chunkSize) return
  // what is appended in order leaves full chunks behind it
  const upper = chunk.splice(place === chunkSize ? chunkSize : chunkSize / 2)
  own.add(upper)
  chunks.splice(at + 1, 0, upper)
}

function takeOver<Item>(chunks: Item[][], own: Set<Item[]>, at: number): Item[] {
  const chunk = chunks[at] ?? []
  if (own.has(chunk)) return chunk
  const copy = [...chunk]
  own.add(copy)
  chunks[at] = copy
  return copy
}

// the last chunk that begins at or before the key, or the first
function findChunk<Item extends Key, Key>(chunks: readonly (readonly Item[])[], key: Key, compare: Compare<Key>): number {
  let low = 0
  let high = chunks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(chunks[middle]?.[0] as Item, key) <= 0) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

// the first item at or behind the key
function findPlace<Item extends Key, Key>(chunk: readonly Item[], key: Key, compare: Compare<Key>): number {
  let low = 0
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(chunk[middle] as Item, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}
