import type { JoinAst } from '../query/ast.ts'
import { describeHop } from '../query/describe.ts'
import type { Joined } from '../query/node.ts'
import type { Explanation } from '../query/query.ts'
import type { AnyRow } from '../schema/row.ts'
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
  /** By the ids of what it is joined to; alone, by the empty text. */
  readonly nodesByKey: Map<string, Joined>
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
  readonly #touchedById = new Map<string, Set<string>>()
  #output: Output<Joined> = nowhere

  constructor(scope: Scope, options: JoinOptions) {
    this.#options = options
    this.#sides = options.joins.map((join) => new Side(scope, join, (key, ids) => this.#touch(scope, join.hop.near, { key, ids })))
    for (const row of options.left.rows.rows()) this.#entriesById.set(row.id, { row, nodesByKey: this.#join(row) })
    options.left.rows.pipe(this)
  }

  pipe(output: Output<Joined>): void {
    this.#output = output
  }

  rows(): readonly Joined[] {
    return [...this.#entriesById.values()].flatMap(({ nodesByKey }) => [...nodesByKey.values()])
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
    for (const [id, ids] of this.#touchedById) if (!this.#dirtyById.has(id)) this.#renewSome(id, ids)
    this.#dirtyById.clear()
    this.#touchedById.clear()
    this.#output.settle()
  }

  explain(): Explanation {
    const words = this.#options.joins.map(({ as, kind, hop }) => `${kind} ${as}: ${describeHop(hop)}`).join(', ')
    const inputs = [this.#options.left.rows.explain(), ...this.#sides.map((side) => side.explain())]
    return makeExplanation('join', words, { rows: this.#entriesById.size, inputs })
  }

  // Rows on the left that changes on the right concern. One that changed itself in this commit is told of by its own stream, before or after.
  #touch(scope: Scope, near: string, { key, ids }: Touch): void {
    for (const { id } of scope.source.pool.lookUp(this.#options.from, near, key)) {
      const known = this.#entriesById.get(id)
      if (!known) continue
      if (this.#sides.length > 1 && !this.#dirtyById.has(id)) this.#dirtyById.set(id, known.row)
      const touched = this.#touchedById.get(id) ?? new Set()
      this.#touchedById.set(id, touched)
      for (const one of ids) touched.add(one)
    }
    this.#options.left.stream.wake()
  }

  #renew(id: string, row: AnyRow | undefined): void {
    const before = new Map(this.#entriesById.get(id)?.nodesByKey)
    const added: Joined[] = []
    const nodesByKey = row ? this.#join(row) : new Map<string, Joined>()
    for (const [key, node] of nodesByKey) {
      const old = before.get(key)
      before.delete(key)
      if (!old) added.push(node)
      else if (isSameNode(old, node)) nodesByKey.set(key, old)
      else this.#output.edit(old, node)
    }
    if (row) this.#entriesById.set(id, { row, nodesByKey })
    else this.#entriesById.delete(id)
    for (const node of before.values()) this.#output.remove(node)
    for (const node of added) this.#output.add(node)
  }

  // The row stayed, and there is one side: each row there that changed is looked at by itself, however many the row meets.
  #renewSome(id: string, ids: ReadonlySet<string>): void {
    const [side] = this.#sides
    const entry = this.#entriesById.get(id)
    if (!side || !entry) return
    const { row, nodesByKey } = entry
    for (const one of ids) this.#place(nodesByKey, one, side.find(row, one), row)
    const isAlone = nodesByKey.size === 0 || (nodesByKey.size === 1 && nodesByKey.has(alone))
    if (side.isLeft) this.#place(nodesByKey, alone, isAlone ? nobody : undefined, row)
  }

  #place(nodesByKey: Map<string, Joined>, key: string, found: AnyRow | typeof nobody | undefined, row: AnyRow): void {
    const old = nodesByKey.get(key)
    const node = found === undefined ? undefined : { row, parts: [found === nobody ? undefined : found] }
    if (node && old) {
      if (isSameNode(old, node)) return
      nodesByKey.set(key, node)
      this.#output.edit(old, node)
    } else if (node) {
      nodesByKey.set(key, node)
      this.#output.add(node)
    } else if (old) {
      nodesByKey.delete(key)
      this.#output.remove(old)
    }
  }

  #join(row: AnyRow): Map<string, Joined> {
    let parts: (AnyRow | undefined)[][] = [[]]
    for (const side of this.#sides) {
      const found = side.rowsFor(row)
      parts = parts.flatMap((list) => found.map((one) => [...list, one]))
    }
    const nodes = parts.map((list): Joined => ({ row, parts: list }))
    return new Map(nodes.map((node) => [keyOf(node), node]))
  }
}

// a left join's row that meets nobody
const alone = ''
const nobody = Symbol('nobody')

// rows on the right that changed, and a value by which they meet or met
interface Touch {
  readonly key: Key
  readonly ids: ReadonlySet<string>
}

/** The rows that one join brings. */
class Side implements Output {
  readonly #scope: Scope
  readonly #join: JoinAst
  readonly #matches: Matches
  readonly #onTouch: (key: Key, ids: ReadonlySet<string>) => void
  readonly #idsByKey = new Map<Key, Set<string>>()

  constructor(scope: Scope, join: JoinAst, onTouch: (key: Key, ids: ReadonlySet<string>) => void) {
    this.#scope = scope
    this.#join = join
    this.#onTouch = onTouch
    this.#matches = makeMatches(scope, { from: join.hop.collection, where: join.where, deeper: 1 })
    this.#matches.rows.pipe(this)
  }

  get isLeft(): boolean {
    return this.#join.kind === 'left'
  }

  /** The row of that id, if `row` meets it. */
  find(row: AnyRow, id: string): AnyRow | undefined {
    const { hop } = this.#join
    const key = row[hop.near]
    const found = this.#scope.source.pool.find(hop.collection, id)
    return found && isKey(key) && found[hop.far] === key && this.#matches.holds(found) ? found : undefined
  }

  rowsFor(row: AnyRow): readonly (AnyRow | undefined)[] {
    const { kind, hop } = this.#join
    const key = row[hop.near]
    const found = isKey(key) ? [...this.#scope.source.pool.lookUp(hop.collection, hop.far, key)].filter(this.#matches.holds) : []
    return found.length === 0 && kind === 'left' ? [undefined] : found
  }

  add(row: AnyRow): void {
    this.#touch(row)
  }

  remove(row: AnyRow): void {
    this.#touch(row)
  }

  edit(before: AnyRow, after: AnyRow): void {
    this.add(before)
    this.add(after)
  }

  settle(): void {
    for (const [key, ids] of this.#idsByKey) this.#onTouch(key, ids)
    this.#idsByKey.clear()
  }

  explain(): Explanation {
    return this.#matches.rows.explain()
  }

  #touch(row: AnyRow): void {
    const key = row[this.#join.hop.far]
    if (!isKey(key)) return
    const ids = this.#idsByKey.get(key) ?? new Set()
    this.#idsByKey.set(key, ids.add(row.id))
  }
}

function keyOf({ parts }: Joined): string {
  return parts.length === 1 ? (parts[0]?.id ?? alone) : JSON.stringify(parts.map((part) => part?.id ?? null))
}

function isSameNode(a: Joined, b: Joined): boolean {
  return a.row === b.row && a.parts.every((part, i) => part === b.parts[i])
}
