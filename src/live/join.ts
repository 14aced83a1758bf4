import type { JoinAst } from '../query/ast.ts'
import { describeHop } from '../query/describe.ts'
import type { Joined } from '../query/node.ts'
import type { Explanation } from '../query/query.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Json } from '../util/json.ts'
import { makeExplanation } from './explain.ts'
import { isKey, type Key } from '../query/key.ts'
import { type Matches, makeMatches } from './matching.ts'
import { type Input, nowhere, type Output } from './operator.ts'
import type { Scope } from './scope.ts'

/** What a join is of. */
export interface JoinOptions {
  readonly from: string
  readonly joins: readonly JoinAst[]
  readonly left: Matches
}

interface Entry {
  readonly row: AnyRow
  readonly nodes: readonly Joined[]
}

/**
 * Joins each row with rows of other collections. It keeps what it last told of each row, and works out anew, once per commit, those rows that
 * changed or that meet a row that did. What meets what is looked up in the pool's indexes, which all questions share.
 */
export class Join implements Input<Joined>, Output {
  readonly #options: JoinOptions
  readonly #sides: readonly Side[]
  readonly #entriesById = new Map<string, Entry>()
  readonly #dirtyById = new Map<string, AnyRow | undefined>()
  #output: Output<Joined> = nowhere

  constructor(scope: Scope, options: JoinOptions) {
    this.#options = options
    this.#sides = options.joins.map((join) => new Side(scope, join, (key) => this.#touch(scope, join.hop.near, key)))
    for (const row of options.left.rows.rows()) this.#entriesById.set(row.id, { row, nodes: this.#join(row) })
    options.left.rows.pipe(this)
  }

  pipe(output: Output<Joined>): void {
    this.#output = output
  }

  rows(): readonly Joined[] {
    return [...this.#entriesById.values()].flatMap(({ nodes }) => nodes)
  }

  add(row: AnyRow): void {
    this.#dirtyById.set(row.id, row)
  }

  remove(row: AnyRow): void {
    this.#dirtyById.set(row.id, undefined)
  }

  edit(_before: AnyRow, after: AnyRow): void {
    this.#dirtyById.set(after.id, after)
  }

  settle(): void {
    for (const [id, row] of this.#dirtyById) this.#renew(id, row)
    this.#dirtyById.clear()
    this.#output.settle()
  }

  explain(): Explanation {
    const words = this.#options.joins.map(({ as, kind, hop }) => `${kind} ${as}: ${describeHop(hop)}`).join(', ')
    const inputs = [this.#options.left.rows.explain(), ...this.#sides.map((side) => side.explain())]
    return makeExplanation('join', words, { rows: this.#entriesById.size, inputs })
  }

  // Rows on the left that a change on the right concerns. One that changed itself in this commit is told of by its own stream, before or after.
  #touch(scope: Scope, near: string, key: Key): void {
    for (const { id } of scope.source.pool.lookUp(this.#options.from, near, key)) {
      const known = this.#entriesById.get(id)
      if (known && !this.#dirtyById.has(id)) this.#dirtyById.set(id, known.row)
    }
    this.#options.left.stream.wake()
  }

  #renew(id: string, row: AnyRow | undefined): void {
    const before = this.#entriesById.get(id)?.nodes ?? []
    const known = new Map(before.map((node) => [keyOf(node), node]))
    const added: Joined[] = []
    const nodes = (row ? this.#join(row) : []).map((node) => {
      const key = keyOf(node)
      const old = known.get(key)
      known.delete(key)
      if (!old) added.push(node)
      else if (isSameNode(old, node)) return old
      else this.#output.edit(old, node)
      return node
    })
    if (row) this.#entriesById.set(id, { row, nodes })
    else this.#entriesById.delete(id)
    for (const node of known.values()) this.#output.remove(node)
    for (const node of added) this.#output.add(node)
  }

  #join(row: AnyRow): readonly Joined[] {
    let parts: (AnyRow | undefined)[][] = [[]]
    for (const side of this.#sides) {
      const found = side.rowsFor(row)
      parts = parts.flatMap((list) => found.map((one) => [...list, one]))
    }
    return parts.map((list) => ({ row, parts: list }))
  }
}

/** The rows that one join brings. */
class Side implements Output {
  readonly #scope: Scope
  readonly #join: JoinAst
  readonly #matches: Matches
  readonly #onTouch: (key: Key) => void
  readonly #touched = new Set<Key>()

  constructor(scope: Scope, join: JoinAst, onTouch: (key: Key) => void) {
    this.#scope = scope
    this.#join = join
    this.#onTouch = onTouch
    this.#matches = makeMatches(scope, { from: join.hop.collection, where: join.where, deeper: 1 })
    this.#matches.rows.pipe(this)
  }

  rowsFor(row: AnyRow): readonly (AnyRow | undefined)[] {
    const { kind, hop } = this.#join
    const key = row[hop.near]
    const found = isKey(key) ? [...this.#scope.source.pool.lookUp(hop.collection, hop.far, key)].filter(this.#matches.holds) : []
    return found.length === 0 && kind === 'left' ? [undefined] : found
  }

  add(row: AnyRow): void {
    this.#touch(row[this.#join.hop.far])
  }

  remove(row: AnyRow): void {
    this.#touch(row[this.#join.hop.far])
  }

  edit(before: AnyRow, after: AnyRow): void {
    this.add(before)
    this.add(after)
  }

  settle(): void {
    for (const key of this.#touched) this.#onTouch(key)
    this.#touched.clear()
  }

  explain(): Explanation {
    return this.#matches.rows.explain()
  }

  #touch(key: Json | undefined): void {
    if (isKey(key)) this.#touched.add(key)
  }
}

function keyOf({ parts }: Joined): string {
  return parts.length === 1 ? (parts[0]?.id ?? '') : JSON.stringify(parts.map((part) => part?.id ?? null))
}

function isSameNode(a: Joined, b: Joined): boolean {
  return a.row === b.row && a.parts.every((part, i) => part === b.parts[i])
}
