import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { inWorld } from '../kit/world.ts'
import { makePages } from '../sync/pages.ts'

test('a tab that closes with looks at the disk still to come reports nothing', () =>
  inWorld(1, {}, async (world) => {
    const errors: string[] = []
    for (let wait = 0; wait < 8; wait++) {
      const pages = makePages(world, { hasServer: false })
      let isFull = false
      const before = (mode: 'read' | 'write'): void => {
        if (isFull && mode === 'write') throw new TidemarkError('disk/quota')
      }
      const closing = pages.open()
      const others = [pages.open({ before }), pages.open({ before }), pages.open({ before })]
      closing.on('error', ({ error }) => errors.push(error.code))
      await world.run(Promise.all([closing, ...others].map(({ ready }) => ready)))
      await world.clock.advance(100)
      isFull = true
      for (const other of others) other.mutate.increment('c', 1)
      await world.clock.advance(wait)
      await world.run(closing.close())
      await world.clock.advance(100)
    }
    expect(errors).toEqual([])
  }))
