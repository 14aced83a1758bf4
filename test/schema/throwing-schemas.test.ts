import * as v from 'valibot'
import * as z from 'zod'
import { expect, test } from 'vitest'
import { mustValidate } from '../../src/schema/validate.ts'

const where = { code: 'invalid/args', name: 'm' } as const

test('a schema of zod that throws leaves no rejection that nobody hears: it would end a server', async () => {
  const heard: unknown[] = []
  const hear = (error: unknown): void => void heard.push(error)
  process.on('unhandledRejection', hear)
  const parse = z.string().transform((text) => JSON.parse(text) as unknown)
  expect(() => mustValidate(parse, 'no JSON', where)).toThrow(expect.objectContaining({ code: 'misuse/async-schema' }))
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', hear)
  expect(heard).toEqual([])
})

test('a schema that throws is answered with an error of ours', () => {
  const parse = v.pipe(
    v.string(),
    v.transform((text) => JSON.parse(text) as unknown),
  )
  expect(() => mustValidate(parse, 'no JSON', where)).toThrow(
    expect.objectContaining({ code: 'invalid/args', cause: expect.any(SyntaxError) }),
  )
})
