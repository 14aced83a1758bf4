import type { FieldAst, GroupAst, QueryAst } from '../query/ast.ts'
import { makeFieldReader, type Node } from '../query/node.ts'
import type { Explanation } from '../query/query.ts'
import type { Values } from '../query/condition.ts'
import { keyName, makeGroupRow } from '../query/shape.ts'
import type { Json } from '../util/json.ts'
import { stableKey } from '../util/stable-key.ts'
import { type Accumulator, makeAccumulator } from './accumulator.ts'
import { keepKey } from './answer-key.ts'
import { makeExplanation } from './explain.ts'
import { type Input, nowhere, type Output } from './operator.ts'

type Read = (node: Node) => Json | undefined

interface Told {
  readonly name: string
  readonly read: Read
  /** Without one the rows are counted. */
  readonly make: (() => Accumulator) | undefined
}

interface State {
  readonly key: string
  readonly values: readonly Json[]
  readonly accumulators: readonly (Accumulator | undefined)[]
  size: number
  /** The group as it was last told. */
  row: Values | undefined
}

/** Puts nodes into groups of the same values, and tells of the groups as rows. One commit changes a group at most once. */
export class Group implements Input<Values>, Output<Node> {
  readonly #input: Input<Node>
  readonly #by: readonly (FieldAst & { readonly read: Read })[]
  readonly #told: readonly Told[]
  readonly #statesByKey = new Map<Json, State>()
  readonly #dirty = new Set<State>()
  #output: Output<Values> = nowhere

  constructor(input: Input<Node>, ast: Pick<QueryAst, 'joins'>, { by, aggregates }: GroupAst) {
    this.#input = input
    this.#by = by.map((field) => ({ ...field, read: makeFieldReader(ast, field) }))
    this.#told = Object.entries(aggregates).map(([name, aggregate]) =>
      aggregate.op === 'count'
        ? { name, read: () => null, make: undefined }
        : { name, read: makeFieldReader(ast, aggregate), make: () => makeAccumulator(aggregate.op) },
    )
    if (by.length === 0) this.#dirty.add(this.#stateOf([]))
    for (const node of input.rows()) this.add(node)
    for (const state of this.#dirty) state.row = this.#makeRow(state)
    this.#dirty.clear()
    input.pipe(this)
  }

  pipe(output: Output<Values>): void {
    this.#output = output
  }

  rows(): readonly Values[] {
    return [...this.#statesByKey.values()].map(({ row }) => row).filter((row) => row !== undefined)
  }

  add(node: Node): void {
    const state = this.#stateOf(this.#valuesOf(node))
    state.size++
    for (const [i, { read }] of this.#told.entries()) state.accumulators[i]?.add(read(node))
    this.#dirty.add(state)
  }

  remove(node: Node): void {
    const state = this.#stateOf(this.#valuesOf(node))
    state.size--
    for (const [i, { read }] of this.#told.entries()) state.accumulators[i]?.remove(read(node))
    this.#dirty.add(state)
  }

  edit(before: Node, after: Node): void {
    if (this.#isIndifferent(before, after)) return
    this.remove(before)
    this.add(after)
  }

  settle(): void {
    for (const state of this.#dirty) this.#tell(state)
    this.#dirty.clear()
    this.#output.settle()
  }

  explain(): Explanation {
    const words = [this.#by.map(keyName).join(', '), this.#told.map(({ name }) => name).join(', ')]
    return makeExplanation('group', words.filter(Boolean).join(': '), { rows: this.#statesByKey.size, inputs: [this.#input.explain()] })
  }

  #tell(state: State): void {
    const before = state.row
    const isThere = state.size > 0 || this.#by.length === 0
    if (!isThere) this.#statesByKey.delete(this.#keyOf(state.values))
    const row = isThere ? this.#makeRow(state) : undefined
    if (before && row && isSameRow(before, row)) return
    state.row = row
    if (before && row) this.#output.edit(before, row)
    else if (row) this.#output.add(row)
    else if (before) this.#output.remove(before)
  }

  #makeRow({ key, values, accumulators, size }: State): Values {
    const told: Record<string, Json | undefined> = {}
    for (const [i, { name }] of this.#told.entries()) told[name] = accumulators[i] ? accumulators[i].value : size
    return keepKey(makeGroupRow(this.#by, values, told), key)
  }

  #stateOf(values: readonly Json[]): State {
    const key = this.#keyOf(values)
    const known = this.#statesByKey.get(key)
    if (known) return known
    const accumulators = this.#told.map(({ make }) => make?.())
    const state: State = { key: stableKey(values), values, accumulators, size: 0, row: undefined }
    this.#statesByKey.set(key, state)
    return state
  }

  #valuesOf(node: Node): readonly Json[] {
    return this.#by.map(({ read }) => read(node) ?? null)
  }

  // one value that is no object is its own key; what stands for others begins as no text of a row can
  #keyOf(values: readonly Json[]): Json {
    const [only = null] = values
    return values.length === 1 && (typeof only !== 'object' || only === null) ? only : `\0${stableKey(values)}`
  }

  #isIndifferent(before: Node, after: Node): boolean {
    for (const { read } of this.#by) if (read(before) !== read(after)) return false
    for (const { read } of this.#told) if (read(before) !== read(after)) return false
    return true
  }
}

function isSameRow(a: Values, b: Values): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
