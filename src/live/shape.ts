import type { QueryAst } from '../query/ast.ts'
import { describeHop } from '../query/describe.ts'
import { idsOf, type Joined, type Node } from '../query/node.ts'
import type { Explanation } from '../query/query.ts'
import { type AnswerRow, makeJoinShape, makeRowReader, makeSelectShape } from '../query/shape.ts'
import type { AnyRow } from '../schema/row.ts'
import { isSame } from '../util/compare.ts'
import type { Json } from '../util/json.ts'
import { keepKey } from './answer-key.ts'
import type { Branch, MakeBranch } from './branch.ts'
import { makeExplanation } from './explain.ts'
import { type Input, nowhere, type Output } from './operator.ts'
import { Relatives } from './relatives.ts'
import type { Scope } from './scope.ts'

/** What a question makes of its rows at the end. */
export type Shaping = Pick<QueryAst, 'joins' | 'with' | 'select'>

/** What shaping works with. */
export interface ShapeParts {
  readonly scope: Scope
  readonly makeBranch: MakeBranch
  /** Settles this operator in this commit, though none of its rows changed. */
  readonly wake: () => void
}

interface Entry {
  readonly key: string
  readonly node: Node
  /** What each `with` brings is kept up by a branch; a row that meets nothing has none. */
  readonly branches: readonly (Branch | undefined)[]
  readonly parts: readonly unknown[]
  readonly answered: AnswerRow
}

/**
 * Makes the rows of the answer: what is joined and related within them, and no more than is selected. A row, and what is within it, stays
 * the same object until it says something else.
 */
export class Shape implements Input<AnswerRow>, Output<Node> {
  readonly #input: Input<Node>
  readonly #of: Shaping
  readonly #rowOf: (node: Node) => AnyRow
  readonly #join: (node: Node) => AnswerRow
  readonly #select: (row: AnswerRow) => AnswerRow
  readonly #relatives: readonly Relatives[]
  #nodes: readonly Node[] = []
  #entries: readonly Entry[] = []
  #rows: readonly AnswerRow[] = []
  #isTouched = false
  #output: Output<AnswerRow> = nowhere

  constructor(input: Input<Node>, of: Shaping, { scope, makeBranch, wake }: ShapeParts) {
    this.#input = input
    this.#of = of
    this.#rowOf = makeRowReader(of)
    this.#join = makeJoinShape(of)
    this.#select = makeSelectShape(of)
    const onChange = (): void => {
      this.#isTouched = true
      wake()
    }
    this.#relatives = (of.with ?? []).map((one) => new Relatives(one, { scope, makeBranch, onChange }))
    this.#shapeAll()
    input.pipe(this)
  }

  pipe(output: Output<AnswerRow>): void {
    this.#output = output
  }

  rows(): readonly AnswerRow[] {
    return this.#rows
  }

  add(): void {
    this.#isTouched = true
  }

  remove(): void {
    this.#isTouched = true
  }

  edit(): void {
    this.#isTouched = true
  }

  touch(): void {
    this.#isTouched = true
  }

  settle(): void {
    if (this.#isTouched) {
      this.#isTouched = false
      this.#shapeAll()
      this.#output.touch?.()
    }
    this.#output.settle()
  }

  explain(): Explanation {
    const words = [
      ...(this.#of.with ?? []).map(({ as, hop }) => `with ${as}: ${describeHop(hop)}`),
      ...(this.#of.select ? [`select ${this.#of.select.join(', ')}`] : []),
    ]
    const inputs = [this.#input.explain(), ...this.#relatives.flatMap((relatives) => relatives.explain())]
    return makeExplanation('shape', words.join(', '), { rows: this.#rows.length, inputs })
  }

  #shapeAll(): void {
    const nodes = this.#input.rows()
    if (nodes === this.#nodes) {
      this.#entries = this.#entries.map((entry) => (isUpToDate(entry) ? entry : this.#renew(entry, entry.node)))
    } else {
      const find = makeFinder(this.#entries, nodes)
      for (const relatives of this.#relatives) relatives.begin()
      this.#entries = nodes.map((node, i) => {
        const known = find(i, () => keyOfNode(this.#of, node))
        return typeof known !== 'string' && known.node === node && this.#relatives.length === 0 ? known : this.#renew(known, node)
      })
      for (const relatives of this.#relatives) relatives.end()
      this.#nodes = nodes
    }
    this.#rows = Object.freeze(this.#entries.map(({ answered }) => answered))
  }

  #renew(known: Entry | string, node: Node): Entry {
    const row = this.#rowOf(node)
    const branches = this.#relatives.map((relatives) => relatives.of(row))
    if (typeof known !== 'string' && known.node === node && isUpToDate(known)) return known
    const parts = branches.map((branch, i) => branch?.value ?? this.#relatives[i]?.none)
    const made = this.#shape(node, parts)
    if (typeof known !== 'string' && saysTheSame(known.answered, made)) return { ...known, node, branches, parts }
    const key = typeof known === 'string' ? known : known.key
    return { key, node, branches, parts, answered: made === row ? made : keepKey(made, key) }
  }

  #shape(node: Node, parts: readonly unknown[]): AnswerRow {
    const joined = this.#join(node)
    if (parts.length === 0) return this.#select(joined)
    const whole: Record<string, unknown> = { ...joined }
    for (const [i, { as }] of (this.#of.with ?? []).entries()) whole[as] = parts[i]
    return this.#select(Object.freeze(whole))
  }
}

// A commit changes few rows of a long list: what stayed at its beginning and its end meets itself, what is between is found by its key.
function makeFinder(entries: readonly Entry[], nodes: readonly Node[]): (place: number, keyOf: () => string) => Entry | string {
  const shift = entries.length - nodes.length
  const shorter = Math.min(entries.length, nodes.length)
  let start = 0
  while (start < shorter && entries[start]?.node === nodes[start]) start++
  let end = nodes.length
  while (end > start && end + shift > start && entries[end + shift - 1]?.node === nodes[end - 1]) end--
  const entriesByKey = new Map(entries.slice(start, end + shift).map((entry) => [entry.key, entry]))
  return (place, keyOf) => {
    if (place < start) return entries[place] as Entry
    if (place >= end) return entries[place + shift] as Entry
    const key = keyOf()
    return entriesByKey.get(key) ?? key
  }
}

function isUpToDate({ branches, parts }: Entry): boolean {
  for (let i = 0; i < branches.length; i++) {
    const branch = branches[i]
    if (branch && branch.value !== parts[i]) return false
  }
  return true
}

// a join that serves an order alone brings one row at most: what it brings does not tell nodes apart
function keyOfNode({ joins = [] }: Shaping, node: Node): string {
  if (joins.length === 0) return (node as AnyRow).id
  if (joins.every(({ isHidden }) => isHidden)) return (node as Joined).row.id
  return JSON.stringify(idsOf({ joins }, node).filter((_, i) => i === 0 || !joins[i - 1]?.isHidden))
}

// rows from a server come as new objects, whatever they say
function saysTheSame(a: AnswerRow, b: AnswerRow): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => isSame(a[name] as Json | undefined, b[name] as Json | undefined))
}
