// What an app's editor says: the type-checker is the test. Each `@ts-expect-error` is a mistake that must not compile.
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import {
  collection,
  createStore,
  defineMutators,
  defineSchema,
  type Live,
  mergeMutators,
  mutator,
  type Row,
  type Tx,
} from '../../src/index.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <T extends true>(): T | undefined => undefined

const Issue = v.object({
  id: v.string(),
  title: v.pipe(v.string(), v.trim()),
  status: v.picklist(['open', 'done']),
  estimate: v.nullable(v.number()),
  project: v.optional(v.string()),
  tags: v.optional(v.array(v.string()), []),
})
const schema = defineSchema({
  version: 1,
  collections: {
    issues: collection(Issue, { crud: true, audience: (issue) => issue.project ?? 'shared' }),
    projects: collection(z.object({ id: z.string(), name: z.string().default('new') })),
    labels: collection(type({ id: 'string', name: 'string', 'colour?': 'string' })),
    secrets: collection(v.object({ id: v.string() }), { audience: 'server' }),
  },
})
type S = typeof schema

const touch = (tx: Tx<S>, id: string): void => tx.issues.patch(id, { estimate: (tx.issues.get(id)?.estimate ?? 0) + 1 })
const first = defineMutators(schema, {
  rename: mutator([v.string(), v.optional(v.string(), 'untitled')], (tx, id, title) => {
    touch(tx, id)
    tx.issues.patch(id, { title })
    is<Equal<typeof title, string>>()
    tx.secrets.put({ id })
  }),
  clear: mutator([], (tx) => {
    for (const issue of tx.issues.where('status', '=', 'done').orderBy('title').limit(5).read()) tx.issues.remove(issue.id)
  }),
})
const second = defineMutators(schema, {
  add: mutator(z.object({ id: z.string(), title: z.string().optional() }), (tx, { id, title }) => {
    if (!title) return tx.reject('empty')
    tx.issues.insert({ id, title, status: 'open', estimate: null })
  }),
})
const mutators = mergeMutators(first, second)
const store = createStore({ name: 'x', schema, mutators })

export const rows = [
  is<
    Equal<
      Row<S, 'issues'>,
      { id: string; title: string; status: 'open' | 'done'; estimate: number | null; project?: string | undefined; tags: string[] }
    >
  >(),
  is<Equal<Row<S, 'projects'>, { id: string; name: string }>>(),
  is<Equal<Row<S, 'labels'>, { id: string; name: string; colour?: string }>>(),
  is<Equal<keyof typeof store.query, 'issues' | 'projects' | 'labels'>>(),
  is<Equal<keyof typeof store.collections, 'issues' | 'projects' | 'labels'>>(),
  is<Equal<keyof typeof store.mutate, 'rename' | 'clear' | 'add' | 'batch'>>(),
]

// never called: it has only to compile, or not
export async function correct(): Promise<void> {
  store.mutate.rename('a')
  store.mutate.rename('a', 'b')
  store.mutate.clear()
  store.mutate.add({ id: 'x' })
  const writing = store.mutate.add({ id: 'x', title: 'y' })
  await writing.confirmed
  await (await writing).accepted
  store.mutate.batch(() => {
    store.mutate.clear()
  })
  const open = store.query.issues
    .where('status', 'in', ['open'])
    .where('estimate', '>', 3)
    .where('title', 'startsWith', 'a')
    .where('project', '=', null)
  const live = open.orderBy('title', 'desc').live()
  is<Equal<typeof live, Live<readonly Row<S, 'issues'>[]>>>()
  store.query.issues.where((row) => row.or(row.is('status', '=', 'done'), row.not(row.is('estimate', '!=', null))))
  const entity = store.collections.issues.entity('a')
  is<Equal<typeof entity.value, Row<S, 'issues'> | undefined>>()
  entity.patch({ title: 'x', project: undefined })
  entity.patch({}, { unset: ['project'] })
  store.collections.issues.insert({ id: 'a', title: 'x', status: 'open', estimate: null })
  const off = store.on('refused', ({ id, error }) => void [id, error.code === 'refused/forbidden'])
  off()
}

export function wrong(): void {
  const { issues, projects } = store.query
  // @ts-expect-error no such collection
  void store.query.issue
  // @ts-expect-error not for clients
  void store.query.secrets
  // @ts-expect-error no such field
  issues.where('titel', '=', 'x')
  // @ts-expect-error no such operator
  issues.where('title', '==', 'x')
  // @ts-expect-error no such status
  issues.where('status', '=', 'closed')
  // @ts-expect-error no such status in the list
  issues.where('status', 'in', ['closed'])
  // @ts-expect-error a list is wanted
  issues.where('status', 'in', 'open')
  // @ts-expect-error a number is wanted
  issues.where('estimate', '>', '3')
  // @ts-expect-error null has no order
  issues.where('estimate', '<', null)
  // @ts-expect-error only text starts with something
  issues.where('estimate', 'startsWith', '3')
  // @ts-expect-error a title is never null
  issues.where('title', '=', null)
  // @ts-expect-error no such field to sort by
  issues.orderBy('titel')
  // @ts-expect-error no such direction
  issues.orderBy('title', 'up')
  // @ts-expect-error not a number
  issues.limit('5')
  // @ts-expect-error a condition is wanted
  issues.where((row) => row.is('status', '=', 'done') && true)
  // @ts-expect-error no such field in a built condition
  issues.where((row) => row.is('titel', '=', 'x'))
  // @ts-expect-error a project has no status
  projects.where('status', '=', 'open')
}

export function wrongCalls(): void {
  // @ts-expect-error no such mutator
  store.mutate.renam('a')
  // @ts-expect-error an argument is missing
  store.mutate.rename()
  // @ts-expect-error an argument of another kind
  store.mutate.rename(7)
  // @ts-expect-error an argument too many
  store.mutate.rename('a', 'b', 'c')
  // @ts-expect-error an argument where there is none
  store.mutate.clear('a')
  // @ts-expect-error one object, and its id is missing
  store.mutate.add({ title: 'x' })
  // @ts-expect-error positional where an object is wanted
  store.mutate.add('x', 'y')
  // @ts-expect-error no such field to patch
  store.collections.issues.entity('x').patch({ titel: 'y' })
  // @ts-expect-error an id is never patched
  store.collections.issues.entity('x').patch({ id: 'y' })
  // @ts-expect-error a field of another kind
  store.collections.issues.patch('x', { estimate: 'y' })
  // @ts-expect-error a row without its fields
  store.collections.issues.insert({ id: 'x' })
  // @ts-expect-error no crud was asked for
  store.collections.projects.insert({ id: 'x' })
  // @ts-expect-error no crud was asked for
  store.collections.projects.entity('x').patch({ name: 'y' })
  // @ts-expect-error no such event
  store.on('refuse', () => {})
  // @ts-expect-error no such option
  createStore({ name: 'x', schema, mutators, spaces: 'main' })
  // @ts-expect-error mutators are missing
  createStore({ name: 'x', schema })
}

export function wrongDeclarations(): void {
  const Plain = v.object({ id: v.string(), n: v.number() })
  // @ts-expect-error a row without an id
  collection(v.object({ n: v.number() }))
  // @ts-expect-error no such option
  collection(Plain, { crude: true })
  // @ts-expect-error no such audience
  collection(Plain, { audience: 'all' })
  // @ts-expect-error a name of tx
  defineSchema({ version: 1, collections: { user: collection(Plain) } })
  const plain = defineSchema({ version: 1, collections: { plain: collection(Plain) } })
  defineMutators(plain, {
    // @ts-expect-error a mutator is no async function
    later: mutator([v.string()], async (tx, id) => tx.plain.remove(id)),
  })
  defineMutators(plain, {
    // @ts-expect-error a field of another kind
    bad: mutator([v.string()], (tx, id) => tx.plain.insert({ id, n: 'one' })),
    // @ts-expect-error no such collection
    worse: mutator([v.string()], (tx, id) => tx.plane.remove(id)),
  })
  // @ts-expect-error a name of the store
  defineMutators(plain, { batch: mutator([], () => {}) })
}
