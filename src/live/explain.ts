import type { Explanation } from '../query/query.ts'

/** One operator, as it is told and drawn. */
export function makeExplanation(
  operator: string,
  detail: string,
  { rows = 0, inputs = [], ...timing }: Partial<Pick<Explanation, 'rows' | 'inputs' | 'pushes' | 'msPerPush'>> = {},
): Explanation {
  const told = { operator, detail, rows, ...timing, inputs }
  return { ...told, toString: () => draw(told, '').join('\n') }
}

function draw(of: Omit<Explanation, 'toString'>, indent: string): string[] {
  const parts = [`${indent}${of.operator}${of.detail && ` ${of.detail}`}`]
  if (of.rows > 0) parts.push(`holds ${of.rows.toLocaleString('en')} ${of.rows === 1 ? 'row' : 'rows'}`)
  if (of.pushes !== undefined) parts.push(`${of.pushes.toLocaleString('en')} ${of.pushes === 1 ? 'push' : 'pushes'}`)
  if (of.msPerPush !== undefined && of.pushes) parts.push(`${of.msPerPush.toPrecision(2)} ms each`)
  return [parts.join(' · '), ...of.inputs.flatMap((input) => draw(input, `${indent}  `))]
}
