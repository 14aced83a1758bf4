// A history as plain data: rows, questions, and commits with what watchers do in between. Drawn by a seed, it can be played, cut down and played again.
import type { QueryAst } from '../../../src/query/ast.ts'
import type { AnyRow } from '../../../src/schema/row.ts'
import type { Json } from '../../../src/util/json.ts'
import { createRng, type Rng } from '../../kit/rng.ts'
import { drawQuestion } from './draw.ts'
import {
  type CollectionName,
  collections,
  drawRow,
  drawTables,
  drawValue,
  kindsByField,
  makeId,
  plainTexts,
  type Scale,
  small,
  type Tables,
  wildTexts,
} from './rows.ts'

/** What a commit does to one row: puts it, or takes it away. */
export interface Write {
  readonly collection: CollectionName
  readonly id: string
  readonly row?: AnyRow
}

/** What becomes of a question's watcher between two commits. `rest` lets a moment pass, in which pipelines that nobody watches close. */
export type Move = { readonly what: 'enter' | 'leave' | 'look'; readonly question: number } | { readonly what: 'rest' }

export interface Step {
  readonly writes: readonly Write[]
  readonly moves: readonly Move[]
}

export interface Question {
  readonly ast: QueryAst
  /** Whether somebody watches from the start. */
  readonly isWatched: boolean
}

export interface History {
  readonly seed: number
  readonly tables: Tables
  readonly questions: readonly Question[]
  readonly steps: readonly Step[]
}

export const questionsPerHistory = 10
export const stepsPerHistory = 50

/** The history of a seed. Every second one keeps to texts that SQL orders as we do. */
export function drawHistory(seed: number, steps = stepsPerHistory): History {
  const rng = createRng(seed)
  const scale: Scale = { ...small, texts: isPlain(seed) ? plainTexts : wildTexts }
  const tables = drawTables(rng, scale)
  const questions = Array.from({ length: questionsPerHistory }, () => ({
    ast: drawQuestion({ rng, scale, tables }),
    isWatched: rng.chance(0.8),
  }))
  return { seed, tables, questions, steps: drawSteps(rng.fork('steps'), { scale, tables, questions: questions.length, count: steps }) }
}

/** Whether SQL orders the texts of a seed's rows as we do. */
export function isPlain(seed: number): boolean {
  return seed % 2 === 0
}

interface StepsOptions {
  readonly scale: Scale
  readonly tables: Tables
  readonly questions: number
  readonly count: number
}

export function drawSteps(rng: Rng, { scale, tables, questions, count }: StepsOptions): readonly Step[] {
  const model = makeModel(tables)
  // one history in eight is flooded once by a commit of 700, and drained by the next
  const floodAt = rng.chance(0.125) ? rng.int(0, count - 2) : -2
  return Array.from({ length: count }, (_, step) => {
    const writes =
      step === floodAt ? drawFlood(rng, model, scale) : step === floodAt + 1 ? drawDrain(rng, model) : drawWrites(rng, model, scale)
    model.apply(writes)
    return { writes, moves: drawMoves(rng, questions) }
  })
}

/** Rows by collection and id, as a history moves them. */
export interface Model {
  rows(collection: CollectionName): readonly AnyRow[]
  apply(writes: readonly Write[]): void
  readonly tables: Tables
}

export function makeModel(tables: Tables): Model {
  const byCollection = new Map(collections.map((name) => [name, new Map(tables[name].map((row) => [row.id, row]))]))
  const rows = (collection: CollectionName): readonly AnyRow[] => [...(byCollection.get(collection)?.values() ?? [])]
  return {
    rows,
    apply(writes) {
      for (const { collection, id, row } of writes) {
        if (row) byCollection.get(collection)?.set(id, row)
        else byCollection.get(collection)?.delete(id)
      }
    },
    get tables() {
      return Object.fromEntries(collections.map((name) => [name, rows(name)])) as unknown as Tables
    },
  }
}

// mostly one to three rows, sometimes many; what is written twice counts as it was written last
function drawWrites(rng: Rng, model: Model, scale: Scale): readonly Write[] {
  const count = rng.chance(0.06) ? rng.int(8, 30) : rng.int(1, 3)
  const byKey = new Map<string, Write>()
  for (let i = 0; i < count; i++) for (const write of drawChange(rng, model, scale)) byKey.set(`${write.collection}/${write.id}`, write)
  return [...byKey.values()]
}

const parents = { projects: 'projectId', users: 'assigneeId', labels: 'labelId', issues: 'parentId' } as const

function drawChange(rng: Rng, model: Model, scale: Scale): readonly Write[] {
  const collection = rng.pick([
    'issues',
    'issues',
    'issues',
    'issues',
    'projects',
    'users',
    'labels',
    'issueLabels',
    'issueLabels',
  ] as const)
  const rows = model.rows(collection)
  const put = (row: AnyRow): readonly Write[] => [{ collection, id: row.id, row }]
  const fresh = (): readonly Write[] => put(drawRow(rng, collection, makeId(collection, rng.int(0, scale.ids[collection])), scale))
  if (rows.length === 0) return fresh()
  const row = rng.pick(rows)
  switch (rng.int(0, 11)) {
    case 0:
    case 1:
      return fresh()
    case 2:
      return [{ collection, id: row.id }]
    case 3:
      // a row that says the same, as another object
      return put(Object.freeze({ ...row }))
    case 4:
      return put(drawRow(rng, collection, row.id, scale))
    case 5:
      return put(without(row, rng.pick(Object.keys(kindsByField[collection]))))
    case 6: {
      // two rows change places
      const other = rng.pick(rows)
      return other.id === row.id ? [] : [...put(Object.freeze({ ...row, id: other.id })), ...put(Object.freeze({ ...other, id: row.id }))]
    }
    case 7: {
      // a link once more, or a row that says what another one says
      const id = makeId(collection, rng.int(0, scale.ids[collection]))
      return put(Object.freeze({ ...row, id }))
    }
    case 8:
      return drawParentGoes(rng, model)
    default: {
      const [field, kind] = rng.pick(Object.entries(kindsByField[collection]))
      return put(Object.freeze({ ...row, [field]: drawValue(rng, field, kind, scale) }))
    }
  }
}

// a parent is removed, alone or with all that refers to it
function drawParentGoes(rng: Rng, model: Model): readonly Write[] {
  const collection = rng.pick(['projects', 'users', 'labels', 'issues'] as const)
  const rows = model.rows(collection)
  if (rows.length === 0) return []
  const { id } = rng.pick(rows)
  const children = collection === 'labels' ? 'issueLabels' : 'issues'
  const met = rng.chance(0.3) ? model.rows(children).filter((row) => row[parents[collection]] === id) : []
  return [{ collection, id }, ...met.map((row): Write => ({ collection: children, id: row.id }))]
}

function without(row: AnyRow, field: string): AnyRow {
  const { [field]: _, ...rest } = row as AnyRow & { readonly [field: string]: Json }
  return Object.freeze({ ...rest, id: row.id })
}

const floodSize = 700

function drawFlood(rng: Rng, model: Model, scale: Scale): readonly Write[] {
  const isLinks = rng.chance(0.5)
  const collection = isLinks ? 'issueLabels' : 'issues'
  const edited = model.rows(collection).map((row): Write => ({ collection, id: row.id, row: drawRow(rng, collection, row.id, scale) }))
  const first = scale.ids[collection] + 1
  const added = Array.from({ length: floodSize - edited.length }, (_, i): Write => {
    const id = makeId(collection, first + i)
    return { collection, id, row: drawRow(rng, collection, id, scale) }
  })
  return [...edited, ...added]
}

function drawDrain(rng: Rng, model: Model): readonly Write[] {
  return (['issueLabels', 'issues'] as const).flatMap((collection) => {
    const kept = new Set(rng.shuffle(model.rows(collection)).slice(0, 20))
    return model.rows(collection).flatMap((row): Write[] => (kept.has(row) ? [] : [{ collection, id: row.id }]))
  })
}

function drawMoves(rng: Rng, questions: number): readonly Move[] {
  const moves: Move[] = []
  const question = (): number => rng.int(0, questions - 1)
  if (rng.chance(0.2)) moves.push({ what: 'leave', question: question() })
  if (rng.chance(0.08)) moves.push({ what: 'rest' })
  if (rng.chance(0.25)) moves.push({ what: 'enter', question: question() })
  if (rng.chance(0.3)) moves.push({ what: 'look', question: question() })
  return moves
}
