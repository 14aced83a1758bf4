import { type } from 'arktype'
import * as v from 'valibot'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { collection, createStore, defineMutators, defineSchema, memory, mutator, type Row } from '../../src/index.ts'
import { createServer, memoryDatabase } from '../../src/server/index.ts'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ending, inWorlds } from '../scenarios/steps.ts'
import type { TestWorld } from '../kit/world.ts'

interface Book {
  id: string
  title: string
  pages: number
  tags: string[]
}
interface NewBook {
  id: string
  title: string
  pages?: number | undefined
  tags: string[]
}
interface Schemas {
  readonly book: StandardSchemaV1<NewBook, Book>
  readonly text: StandardSchemaV1<string, string>
  readonly pages: StandardSchemaV1<number | undefined, number>
  readonly change: StandardSchemaV1<{ id: string; title: string }, { id: string; title: string }>
}

const valibot = {
  book: v.object({
    id: v.string(),
    title: v.pipe(v.string(), v.trim(), v.minLength(1)),
    pages: v.optional(v.number(), 7),
    tags: v.array(v.string()),
  }),
  text: v.string(),
  pages: v.optional(v.number(), 9),
  change: v.object({ id: v.string(), title: v.string() }),
}
const zod = {
  book: z.object({ id: z.string(), title: z.string().trim().min(1), pages: z.number().default(7), tags: z.array(z.string()) }),
  text: z.string(),
  pages: z.number().default(9),
  change: z.object({ id: z.string(), title: z.string() }),
}
const arktype = {
  book: type({ id: 'string', title: type('string.trim').to('string >= 1'), pages: 'number = 7', tags: 'string[]' }),
  text: type('string'),
  pages: type('number | undefined').pipe((pages) => pages ?? 9),
  change: type({ id: 'string', title: 'string' }),
}
const libraries: Readonly<Record<string, Schemas>> = { valibot, zod, arktype }

function makeApp({ book, text, pages, change }: Schemas) {
  const schema = defineSchema({ version: 1, collections: { books: collection(book, { crud: true }) } })
  const mutators = defineMutators(schema, {
    addBook: mutator([text, text, pages], (tx, id, title, pages) => tx.books.insert({ id, title, pages, tags: [] })),
    retitle: mutator(change, (tx, { id, title }) => tx.books.patch(id, { title })),
    spoil: mutator([text], (tx, id) => tx.books.patch(id, { title: tx.onServer ? '' : 'fine here' })),
  })
  return { schema, mutators }
}

function open(world: TestWorld, schemas: Schemas) {
  const app = makeApp(schemas)
  const randomBytes = (count: number): Uint8Array => world.rng.bytes(count)
  const server = createServer({
    ...app,
    database: memoryDatabase({ randomBytes }),
    authorize: 'anyone',
    world: { clock: world.clock, randomBytes, subtle: makeSubtle(world), report: () => {} },
  })
  const openStore = (name: string) =>
    createStore({ ...app, name, transport: memory(server), persistence: 'memory', world: { clock: world.clock } })
  return { store: openStore('a'), other: openStore('b'), server }
}

// the threads of WebCrypto leave no trace in virtual time
function makeSubtle({ clock }: TestWorld): SubtleCrypto {
  return {
    importKey: (...args: Parameters<SubtleCrypto['importKey']>) => clock.outside(crypto.subtle.importKey(...args)),
    sign: (...args: Parameters<SubtleCrypto['sign']>) => clock.outside(crypto.subtle.sign(...args)),
    verify: (...args: Parameters<SubtleCrypto['verify']>) => clock.outside(crypto.subtle.verify(...args)),
  } as SubtleCrypto
}

for (const [library, schemas] of Object.entries(libraries)) {
  test(`D1 rows, arguments and defaults by ${library} are the same here, on the server and on another client`, () =>
    inWorlds({}, async (world) => {
      const { store, other } = open(world, schemas)
      await world.run(store.ready)
      store.collections.books.insert({ id: 'b1', title: '  one ', tags: ['x'] })
      store.mutate.addBook('b2', 'two')
      store.mutate.addBook('b3', 'three', 3)
      await world.run(store.mutate.retitle({ id: 'b3', title: 'third' }).confirmed)
      await world.run(other.sync())
      const rows = [
        { id: 'b1', title: 'one', pages: 7, tags: ['x'] },
        { id: 'b2', title: 'two', pages: 9, tags: [] },
        { id: 'b3', title: 'third', pages: 3, tags: [] },
      ]
      expect(store.query.books.orderBy('id').read()).toEqual(rows)
      expect(other.query.books.orderBy('id').read()).toEqual(rows)
      for (const opened of [store, other]) await world.run(opened.close())
    }))

  test(`D2 what ${library} refuses is refused before it is queued, by the path`, () =>
    inWorlds({}, async (world) => {
      const { store, server } = open(world, schemas)
      await world.run(store.sync())
      const thrown = (act: () => unknown): unknown => {
        try {
          act()
        } catch (error) {
          const { code, details } = error as { readonly code: string; readonly details: { readonly path?: unknown } }
          return [code, details.path]
        }
        return 'nothing'
      }
      expect(thrown(() => store.mutate.addBook(1 as never, 'x'))).toEqual(['invalid/args', []])
      expect(thrown(() => store.mutate.retitle({ id: 'b1', title: 2 as never }))).toEqual(['invalid/args', ['title']])
      expect(thrown(() => store.collections.books.insert({ id: 'b1', title: 'x', tags: [1 as never] }))).toEqual([
        'invalid/row',
        ['tags', '0'],
      ])
      expect(thrown(() => store.mutate.addBook('b1', ''))).toEqual(['invalid/row', ['title']])
      expect(store.status.value.pending).toBe(0)

      // a hostile client is refused there, mutation by mutation; so is a mutator that makes a bad row
      const envelope = { tidemark: 1, space: 'main', user: null, schema: 1, group: 'g' }
      const calls = [
        [['addBook', [1, 'x', 3]]],
        [['books.insert', [{ id: 'b1', title: '', tags: [] }]]],
        [['addBook', ['b9', 'good', 3]]],
        [['spoil', ['b9']]],
      ]
      const mutations = calls.map((calls, i) => ({ client: 'c', seq: i + 1, id: `m${i}`, calls, at: 1, schema: 1 }))
      const headers = { 'content-type': 'application/json' }
      const response = await world.run(
        server.fetch(new Request('http://x.invalid/push', { method: 'POST', headers, body: JSON.stringify({ ...envelope, mutations }) })),
      )
      const { verdicts } = (await world.run(response.json())) as {
        readonly verdicts: readonly { readonly status: string; readonly code?: string }[]
      }
      expect(verdicts.map(({ status, code }) => code ?? status)).toEqual([
        'refused/invalid',
        'refused/invalid',
        'applied',
        'refused/invalid',
      ])

      await world.run(store.sync())
      const spoiled = store.mutate.spoil('b9')
      expect(store.query.books.read()[0]?.title).toBe('fine here')
      expect(await world.run(ending(spoiled.confirmed))).toBe('refused/invalid')
      expect(store.query.books.read()[0]?.title).toBe('good')
      await world.run(store.close())
    }))
}

test('D1 types come from the schemas, whichever library they are of', () => {
  const one = defineSchema({ version: 1, collections: { books: collection(valibot.book) } })
  const two = defineSchema({ version: 1, collections: { books: collection(zod.book) } })
  const three = defineSchema({ version: 1, collections: { books: collection(arktype.book) } })
  expectTypeOf<Row<typeof one, 'books'>>().toEqualTypeOf<Book>()
  expectTypeOf<Row<typeof two, 'books'>>().toEqualTypeOf<Book>()
  expectTypeOf<Row<typeof three, 'books'>>().toEqualTypeOf<Book>()
  expect([one, two, three].map(({ collections }) => Object.keys(collections))).toEqual([['books'], ['books'], ['books']])
})
