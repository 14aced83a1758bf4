import { expect, test } from 'vitest'
import { inWorld, type TestWorld } from '../kit/world.ts'
import { type AppStore, makePages } from '../sync/pages.ts'

async function openPage(world: TestWorld, pages: ReturnType<typeof makePages>): Promise<AppStore> {
  const page = pages.open()
  await world.run(page.ready)
  await world.clock.advance(100)
  return page
}

const endingOf = (work: Promise<void>): Promise<string> =>
  work.then(
    () => 'well',
    (error: { readonly code: string }) => error.code,
  )

test('without a transport a mutation that fails behind another tab’s is refused, and kept with its arguments', () =>
  inWorld(1, {}, async (world) => {
    const pages = makePages(world, { hasServer: false })
    const [a, b] = [await openPage(world, pages), await openPage(world, pages)]
    const refused: string[] = []
    b.on('refused', ({ error }) => refused.push(error.code))
    const first = endingOf(a.mutate.createNote('n', 'by a').confirmed)
    const second = endingOf(b.mutate.createNote('n', 'by b').confirmed)
    await world.clock.advance(20_000)
    expect([await first, await second, refused]).toEqual(['well', 'refused/conflict', ['refused/conflict']])
    const kept = (await openPage(world, pages)).quarantine.list.value
    expect(kept.map(({ code, calls }) => [code, calls])).toEqual([['refused/conflict', [['createNote', ['n', 'by b']]]]])
  }))

test('without a transport what builds on a refused mutation is refused too, and the rest goes on', () =>
  inWorld(1, {}, async (world) => {
    const pages = makePages(world, { hasServer: false })
    const [a, b] = [await openPage(world, pages), await openPage(world, pages)]
    a.mutate.createNote('n', 'by a')
    const endings = [
      b.mutate.createNote('n', 'by b'),
      b.mutate.setTitle('n', 'second'),
      b.mutate.increment('c', 1),
      b.mutate.createNote('m', 'other'),
      b.mutate.setTitle('n', 'third'),
    ].map(({ confirmed }) => endingOf(confirmed))
    await world.clock.advance(20_000)
    expect(await Promise.all(endings)).toEqual(['refused/conflict', 'refused/dependency', 'well', 'well', 'refused/dependency'])
    const titles = (page: AppStore) => page.query.notes.read().map(({ id, title }) => [id, title])
    for (const page of [a, b, await openPage(world, pages)])
      expect(titles(page)).toEqual([
        ['m', 'other'],
        ['n', 'by a'],
      ])
    expect(a.quarantine.list.value).toHaveLength(3)
  }))

test('without a transport what was made before the rows were in, and cannot run over them, is refused and kept', () =>
  inWorld(1, {}, async (world) => {
    const pages = makePages(world, { hasServer: false })
    const first = await openPage(world, pages)
    await world.run(first.mutate.createNote('n', 'first').confirmed)
    await world.run(first.close())
    const second = pages.open()
    const early = second.mutate.createNote('n', 'early')
    const ending = endingOf(early.confirmed)
    await world.clock.advance(1000)
    expect(await ending).toBe('refused/conflict')
    expect(second.quarantine.list.value.map(({ id }) => id)).toEqual([early.id])
  }))
