import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { StoreProvider, useEntity, useQuery, useStatus, useStore } from '../../../bindings/react/index.ts'
import { createStore, type Store } from '../../../src/index.ts'
import { mutators, schema } from '../../kit/schemas.ts'

const openStore = () => createStore({ name: 'shop', schema, mutators, persistence: 'memory' })
type TheStore = ReturnType<typeof openStore>
const opened: TheStore[] = []
const open = (): TheStore => {
  const store = openStore()
  opened.push(store)
  return store
}

afterEach(async () => {
  cleanup()
  await Promise.all(opened.splice(0).map((store) => store.close()))
})

function Status({ of }: { readonly of?: Pick<Store<unknown, unknown>, 'status'> }) {
  const { phase, pending } = useStatus(of)
  return <p role="status">{`${phase} ${pending}`}</p>
}
const shown = (): string | null => screen.getByRole('status').textContent

test('O1 a provider hands the store down, the nearest one wins', () => {
  const [outer, inner] = [open(), open()]
  const seen: unknown[] = []
  function Look() {
    seen.push(useStore())
    return null
  }
  render(
    <StoreProvider store={outer}>
      <Look />
      <StoreProvider store={inner}>
        <Look />
      </StoreProvider>
    </StoreProvider>,
  )
  expect(seen[0]).toBe(outer)
  expect(seen[1]).toBe(inner)
})

test('O1 without a provider, useStore and useStatus raise misuse/no-provider', () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  function Look() {
    useStore()
    return null
  }
  const noProvider = expect.objectContaining({ code: 'misuse/no-provider' })
  expect(() => render(<Look />)).toThrow(noProvider)
  expect(() => render(<Status />)).toThrow(noProvider)
  vi.restoreAllMocks()
})

test('O1 the status is followed, of the provider’s store or of one that is given', async () => {
  const store = open()
  const { unmount } = render(
    <StoreProvider store={store}>
      <Status />
    </StoreProvider>,
  )
  expect(shown()).toBe('opening 0')
  await act(() => store.ready)
  expect(shown()).toBe('ready 0')
  unmount()
  render(<Status of={store} />)
  expect(shown()).toBe('ready 0')
})

test('O1 C2 over a real store: a mutation shows in the list and in its row at once, and in no other row', async () => {
  const store = open()
  await store.ready
  const renders = { list: 0, s1: 0, s2: 0 }
  const count = (what: keyof typeof renders): void => void renders[what]++
  function Shelf({ id }: { readonly id: 's1' | 's2' }) {
    count(id)
    const { data, exists } = useEntity(store.collections.shelves.entity(id))
    return <i>{exists ? `[${data?.name}]` : '[-]'}</i>
  }
  function Shelves() {
    count('list')
    const { data, status } = useQuery(store.query.shelves.where('rank', '>', 0).orderBy('rank', 'desc'))
    return <b>{`${status}: ${data.map(({ name }) => name).join(' ')} `}</b>
  }
  const { container } = render(
    <>
      <Shelves />
      <Shelf id="s1" />
      <Shelf id="s2" />
    </>,
  )
  expect(container.textContent).toBe('ready:  [-][-]')
  await act(async () => void (await store.collections.shelves.insert({ id: 's1', name: 'left', rank: 1 })))
  await act(async () => void (await store.collections.shelves.insert({ id: 's2', name: 'right', rank: 2 })))
  expect(container.textContent).toBe('ready: right left [left][right]')
  const before = { ...renders }
  act(() => void store.collections.shelves.entity('s1').patch({ name: 'LEFT' }))
  expect(container.textContent).toBe('ready: right LEFT [LEFT][right]')
  expect(renders.list).toBe(before.list + 1)
  expect(renders.s1).toBe(before.s1 + 1)
  expect(renders.s2).toBe(before.s2)
})
