import { act, cleanup, render, screen } from '@testing-library/react'
import { memo, type ReactNode, StrictMode, startTransition, useState } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test, vi } from 'vitest'
import { useQuery } from '../../../bindings/react/use-query.ts'
import type { Answer } from '../../../src/query/query.ts'
import { allIn, type Book, book, createLiveKit, loading } from '../../live/lives.ts'

afterEach(cleanup)

function Titles({
  query,
  onRender,
}: {
  readonly query: Answer<readonly Book[]> | null
  readonly onRender?: (rows: readonly Book[]) => void
}) {
  const { data, status, isLoading } = useQuery(query)
  onRender?.(data)
  return <p role="status">{`${status}${isLoading ? '…' : ''}: ${data.map(({ title }) => title).join(' ')}`}</p>
}
const shown = (): string | null => screen.getByRole('status').textContent

test('O1 mounted, it shows the answer; a commit shows once; a commit beside it renders nothing', () => {
  const { books, pool } = createLiveKit()
  pool.commit([book('b1'), book('b2', { pages: 9 })])
  const renders: number[] = []
  render(<Titles query={books.where('pages', '<', 5)} onRender={(rows) => renders.push(rows.length)} />)
  expect(shown()).toBe('ready: b1')
  expect(renders).toEqual([1])
  act(() => pool.commit([book('b3'), book('b4')]))
  expect(shown()).toBe('ready: b1 b3 b4')
  act(() => pool.commit([book('b2', { pages: 10 })]))
  expect(renders).toEqual([1, 3])
})

test('O1 a question built anew in each render is one question: nothing is subscribed again', () => {
  const { books, pool, lives } = createLiveKit()
  const live = books.where('pages', '=', 0).live()
  const subscribe = vi.spyOn(live, 'subscribe')
  const { rerender } = render(<Titles query={books.where('pages', '=', 0)} />)
  for (let i = 0; i < 4; i++) rerender(<Titles query={books.where('pages', '=', 0)} />)
  act(() => pool.commit([book('b1')]))
  expect(shown()).toBe('ready: b1')
  expect(subscribe).toHaveBeenCalledTimes(1)
  expect(lives.count).toBe(1)
})

test('O1 another question shows its own answer in the same render, and the old one is let go', async () => {
  const { books, pool, lives, clock } = createLiveKit()
  pool.commit([book('b1', { shelf: 'a' }), book('b2', { shelf: 'b' })])
  const seen: string[] = []
  const app = (shelf: string) => (
    <Titles query={books.where('shelf', '=', shelf)} onRender={(rows) => seen.push(`${shelf}:${rows.map(({ id }) => id).join()}`)} />
  )
  const { rerender } = render(app('a'))
  rerender(app('b'))
  expect(shown()).toBe('ready: b2')
  expect(new Set(seen)).toEqual(new Set(['a:b1', 'b:b2']))
  await clock.advance(100)
  expect(lives.count).toBe(1)
  act(() => pool.commit([book('b3', { shelf: 'b' })]))
  expect(shown()).toBe('ready: b2 b3')
})

test('O1 null asks nothing and is ready with no rows; a question may come and go', async () => {
  const { books, pool, lives, clock } = createLiveKit()
  pool.commit([book('b1')])
  const { rerender } = render(<Titles query={null} />)
  expect(shown()).toBe('ready: ')
  rerender(<Titles query={books} />)
  expect(shown()).toBe('ready: b1')
  rerender(<Titles query={null} />)
  expect(shown()).toBe('ready: ')
  await clock.advance(100)
  expect(lives.count).toBe(0)
})

test('O1 it is loading until the rows are in', () => {
  const { books, pool, ready } = createLiveKit()
  ready.value = loading
  render(<Titles query={books} />)
  expect(shown()).toBe('loading…: ')
  act(() => {
    pool.commit([book('b1')])
    ready.value = allIn
  })
  expect(shown()).toBe('ready: b1')
})

test('O1 unmounted and mounted again within a tick, the pipeline stays open; unmounted for good, no subscription is left', async () => {
  const { books, pool, lives, clock } = createLiveKit()
  const { unmount } = render(<Titles query={books.orderBy('pages')} />)
  unmount()
  expect(lives.count).toBe(1)
  const again = render(<Titles query={books.orderBy('pages')} />)
  await clock.advance(1000)
  expect(lives.count).toBe(1)
  act(() => pool.commit([book('b1')]))
  expect(shown()).toBe('ready: b1')
  again.unmount()
  await clock.advance(100)
  expect(lives.count).toBe(0)
  expect(clock.sleepers).toBe(0)
})

test('O1 StrictMode mounts twice, shows the right answer, follows it, and leaves nothing open', async () => {
  const { books, pool, lives, clock } = createLiveKit()
  pool.commit([book('b1')])
  const { unmount } = render(
    <StrictMode>
      <Titles query={books.limit(2)} />
    </StrictMode>,
  )
  act(() => pool.commit([book('b0')]))
  expect(shown()).toBe('ready: b0 b1')
  await clock.advance(1000)
  expect(lives.count).toBe(1)
  act(() => pool.commit([book('a9')]))
  expect(shown()).toBe('ready: a9 b0')
  unmount()
  await clock.advance(100)
  expect(lives.count).toBe(0)
})

test('O1 B6 of 1,000 rows one changes: it alone is another object, and its component alone renders', () => {
  const { books, pool } = createLiveKit()
  pool.commit(Array.from({ length: 1000 }, (_, i) => book(`b${String(i).padStart(3, '0')}`)))
  const answers: (readonly Book[])[] = []
  let itemRenders = 0
  const Item = memo(({ item }: { readonly item: Book }): ReactNode => {
    itemRenders++
    return item.title
  })
  function List() {
    const { data } = useQuery(books)
    answers.push(data)
    return data.map((item) => <Item key={item.id} item={item} />)
  }
  render(<List />)
  expect(itemRenders).toBe(1000)
  act(() => pool.commit([book('b500', { title: 'changed' })]))
  const [before, after] = answers
  expect(after?.filter((row, i) => row !== before?.[i]).map(({ id }) => id)).toEqual(['b500'])
  expect(itemRenders).toBe(1001)
  expect(answers).toHaveLength(2)
})

test('O1 no tearing: siblings that ask the same show the same, also when a commit meets a transition', () => {
  const { books, pool } = createLiveKit()
  pool.commit([book('b1')])
  const seen: string[] = []
  function Size() {
    return useQuery(books).data.length
  }
  function App({ onRender }: { readonly onRender: (what: string) => void }) {
    const [isOn, setOn] = useState(false)
    const { data } = useQuery(books)
    onRender(`${isOn} ${data.length}`)
    return (
      <button type="button" onClick={() => startTransition(() => setOn(true))}>
        <Size /> {data.length} <Size />
      </button>
    )
  }
  render(<App onRender={(what) => seen.push(what)} />)
  const button = screen.getByRole('button')
  act(() => {
    button.click()
    pool.commit([book('b2')])
  })
  expect(button.textContent).toBe('2 2 2')
  expect(seen).not.toContain('true 1')
  expect(seen.at(-1)).toBe('true 2')
})

test('O1 the row that a parent no longer shows does not crash the child that asks for it', () => {
  const { books, pool } = createLiveKit()
  pool.commit([book('b1'), book('b2')])
  function Child({ id }: { readonly id: string }) {
    const { data } = useQuery(books.where('id', '=', id))
    return data[0]?.title ?? 'gone'
  }
  function Parent() {
    return (
      <p role="status">
        {useQuery(books).data.map(({ id }) => (
          <Child key={id} id={id} />
        ))}
      </p>
    )
  }
  render(<Parent />)
  act(() => pool.commit([], ['b1']))
  expect(shown()).toBe('b2')
})

test('O1 on a server it renders loading, and the client takes over without a warning', async () => {
  const { books, pool } = createLiveKit()
  pool.commit([book('b1')])
  const html = renderToString(<Titles query={books} />)
  expect(html).toContain('loading…: ')
  const warned = vi.spyOn(console, 'error')
  const container = document.createElement('div')
  container.innerHTML = html
  document.body.append(container)
  const root = await act(async () => hydrateRoot(container, <Titles query={books} />))
  expect(container.textContent).toBe('ready: b1')
  expect(warned).not.toHaveBeenCalled()
  act(() => root.unmount())
  container.remove()
})

function Tally({ books }: { readonly books: ReturnType<typeof createLiveKit>['books'] }) {
  const { data: count } = useQuery(books.count())
  const { data: first } = useQuery(books.orderBy('title', 'desc').first())
  const { data: groups } = useQuery(books.groupBy('shelf').aggregate({ n: 'count', pages: { sum: 'pages' } }))
  const { data: told } = useQuery(books.aggregate({ pages: { sum: 'pages' } }))
  const shelves = groups.map(({ shelf, n, pages }) => `${shelf}:${n}:${pages}`)
  return <p role="status">{[count, first?.id ?? 'none', ...shelves, told.pages].join(' ')}</p>
}

test('O1 a number, a row and groups are answers too; on a server they are what they are of no rows', async () => {
  const { books, pool } = createLiveKit()
  pool.commit([book('b1', { pages: 3, shelf: 'a' }), book('b2', { pages: 4 })])
  const html = renderToString(<Tally books={books} />)
  expect(html).toContain('>0 none 0<')
  const warned = vi.spyOn(console, 'error')
  const container = document.createElement('div')
  container.innerHTML = html
  document.body.append(container)
  const root = await act(async () => hydrateRoot(container, <Tally books={books} />))
  expect(container.textContent).toBe('2 b2 null:1:4 a:1:3 7')
  act(() => pool.commit([book('b3', { pages: 1, shelf: 'a' })]))
  expect(container.textContent).toBe('3 b3 null:1:4 a:2:4 8')
  expect(warned).not.toHaveBeenCalled()
  act(() => root.unmount())
  container.remove()
})

test('O1 a store that closes under a mounted component leaves it the last answer', () => {
  const { books, pool, lives } = createLiveKit()
  pool.commit([book('b1')])
  render(<Titles query={books} />)
  act(() => lives.close())
  expect(shown()).toBe('ready: b1')
})
