import { act, cleanup, render, screen } from '@testing-library/react'
import { StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test } from 'vitest'
import { useEntity } from '../../../bindings/react/use-entity.ts'
import { computed, signal } from '../../../src/reactive.ts'
import type { Entity } from '../../../src/store/collection.ts'
import { type Book, book } from '../../live/lives.ts'

afterEach(cleanup)

function createEntity(id: string, row?: Book) {
  const watchers = { now: 0 }
  const value = signal(row, { watched: () => void watchers.now++, unwatched: () => void watchers.now-- })
  const pending = signal(false)
  const entity = Object.defineProperties(
    computed(() => value.value),
    { id: { value: id }, exists: { get: () => value.value !== undefined }, pending: { get: () => pending.value } },
  ) as unknown as Entity<Book>
  return { entity, value, pending, watchers }
}

function Title({ of, onRender }: { readonly of: Entity<Book> | null; readonly onRender?: () => void }) {
  const { data, status, exists, pending } = useEntity(of)
  onRender?.()
  return <p role="status">{`${status} ${data?.title ?? 'none'} ${exists ? 'exists' : 'absent'}${pending ? ' pending' : ''}`}</p>
}
const shown = (): string | null => screen.getByRole('status').textContent

test('O1 it follows one row: its value, whether it exists, whether it is pending', () => {
  const { entity, value, pending } = createEntity('b1')
  render(<Title of={entity} />)
  expect(shown()).toBe('ready none absent')
  act(() => {
    value.value = book('b1', { title: 'Tides' })
    pending.value = true
  })
  expect(shown()).toBe('ready Tides exists pending')
  act(() => {
    pending.value = false
  })
  expect(shown()).toBe('ready Tides exists')
})

test('O1 another row renders nothing, and the same row again renders nothing', () => {
  const one = createEntity('b1', book('b1'))
  const other = createEntity('b2', book('b2'))
  let renders = 0
  const { rerender } = render(<Title of={one.entity} onRender={() => renders++} />)
  act(() => {
    other.value.value = book('b2', { title: 'new' })
    one.value.value = one.value.peek()
  })
  expect(renders).toBe(1)
  rerender(<Title of={other.entity} onRender={() => renders++} />)
  expect(shown()).toBe('ready new exists')
  expect([one.watchers.now, other.watchers.now]).toEqual([0, 1])
})

test('O1 null follows none, and what is unmounted is not watched, in StrictMode too', () => {
  const { entity, watchers } = createEntity('b1', book('b1'))
  const app = (of: Entity<Book> | null) => (
    <StrictMode>
      <Title of={of} />
    </StrictMode>
  )
  const { rerender, unmount } = render(app(entity))
  expect(watchers.now).toBe(1)
  rerender(app(null))
  expect(shown()).toBe('ready none absent')
  expect(watchers.now).toBe(0)
  rerender(app(entity))
  expect(shown()).toBe('ready b1 exists')
  unmount()
  expect(watchers.now).toBe(0)
})

test('O1 on a server it renders loading', () => {
  expect(renderToString(<Title of={createEntity('b1', book('b1')).entity} />)).toContain('loading none absent')
})
