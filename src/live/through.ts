import type { LinkAst, HopAst } from '../query/ast.ts'
import type { Explanation } from '../query/query.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Json } from '../util/json.ts'
import { makeExplanation } from './explain.ts'
import type { Key } from '../query/key.ts'
import type { Stream } from './matching.ts'
import { OneRow } from './one-row.ts'
import { nowhere, type Output } from './operator.ts'
import type { Scope } from './scope.ts'
import type { Tap } from './source.ts'

/** What is linked. */
export interface ThroughOptions {
  readonly hop: HopAst
  readonly link: LinkAst
  /** The value that the links must have on this side. */
  readonly key: Key
}

interface Linked {
  /** How many link rows lead to it. */
  links: number
  readonly tap: Tap
  readonly target: OneRow
  /** The row as it was last told. */
  told: AnyRow | undefined
}

/** The rows that link rows lead to, each once however often it is linked. */
export class Through implements Stream, Output {
  readonly #scope: Scope
  readonly #of: ThroughOptions
  readonly #links: Tap
  readonly #linkedByTarget = new Map<string, Linked>()
  readonly #dirty = new Set<string>()
  #onBroken: ((error: unknown) => void) | undefined
  #output: Output = nowhere

  constructor(scope: Scope, of: ThroughOptions) {
    this.#scope = scope
    this.#of = of
    this.#links = scope.tap(of.link.collection, { op: '=', field: of.link.from, value: of.key })
    for (const link of scope.source.pool.lookUp(of.link.collection, of.link.from, of.key)) this.add(link)
    for (const linked of this.#linkedByTarget.values()) linked.told = linked.target.value
    this.#dirty.clear()
    this.#links.pipe(this)
    scope.add({
      open: (onBroken) => {
        this.#onBroken = onBroken
        for (const { tap } of this.#linkedByTarget.values()) tap.open(onBroken)
      },
      close: () => {
        this.#onBroken = undefined
        for (const { tap } of this.#linkedByTarget.values()) tap.close()
      },
    })
  }

  pipe(output: Output): void {
    this.#output = output
  }

  wake(): void {
    this.#links.wake()
  }

  has(id: string): boolean {
    return this.#linkedByTarget.get(id)?.told !== undefined
  }

  rows(): readonly AnyRow[] {
    return [...this.#linkedByTarget.values()].flatMap(({ told }) => told ?? [])
  }

  add(link: AnyRow): void {
    this.#count(link, 1)
  }

  remove(link: AnyRow): void {
    this.#count(link, -1)
  }

  // the tap is told of links from and to anywhere that pass by its value
  edit(before: AnyRow, after: AnyRow): void {
    this.#count(before, -1)
    this.#count(after, 1)
  }

  settle(): void {
    for (const id of this.#dirty) this.#tell(id)
    this.#dirty.clear()
    this.#output.settle()
  }

  explain(): Explanation {
    return makeExplanation('link', this.#of.link.collection, { rows: this.#linkedByTarget.size, inputs: [this.#links.explain()] })
  }

  #tell(id: string): void {
    const linked = this.#linkedByTarget.get(id)
    if (!linked) return
    const before = linked.told
    const row = linked.links > 0 ? linked.target.value : undefined
    linked.told = row
    if (linked.links === 0) {
      linked.tap.close()
      this.#linkedByTarget.delete(id)
    }
    if (before && row) {
      if (before !== row) this.#output.edit(before, row)
    } else if (row) {
      this.#output.add(row)
    } else if (before) {
      this.#output.remove(before)
    }
  }

  #count(link: AnyRow, step: number): void {
    const { link: of, key } = this.#of
    const target: Json | undefined = link[of.to]
    if (link[of.from] !== key || typeof target !== 'string') return
    const linked = this.#linkedByTarget.get(target) ?? this.#link(target)
    linked.links += step
    this.#dirty.add(target)
  }

  #link(id: string): Linked {
    const { source, depth } = this.#scope
    const tap = source.tap({ from: this.#of.hop.collection, where: { op: '=', field: 'id', value: id }, depth: depth + 1 })
    const target = new OneRow(tap, () => {
      this.#dirty.add(id)
      this.#links.wake()
    })
    const linked: Linked = { links: 0, tap, target, told: undefined }
    this.#linkedByTarget.set(id, linked)
    if (this.#onBroken) tap.open(this.#onBroken)
    return linked
  }
}
